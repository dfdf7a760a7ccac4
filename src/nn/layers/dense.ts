import { defineLayer, type Layer, type LayerOptions } from "../layer.ts";
import { linear } from "./linear.ts";
import type { WeightOptions } from "./weights.ts";
import { countOf } from "./window.ts";

/** What `dense` takes. */
export interface DenseOptions extends WeightOptions, LayerOptions {
  /** Features of the output. */
  readonly units: number;
}

/**
 * Every unit reads every feature of [N, features]; of [N, …, features] those of each place. Parameters: `weight` [units,
 * features] and `bias` [units].
 */
export const dense = (options: DenseOptions): Layer =>
  defineLayer("dense", options, (scope, x) =>
    linear(scope, x.name, countOf(scope, "units", options.units), options),
  );

/** Everything but the batch in one row: [N, features], row-major. */
export const flatten = (options: LayerOptions = {}): Layer =>
  defineLayer("flatten", options, (scope, x) => scope.node("Flatten", [x.name], { axis: 1 }));
