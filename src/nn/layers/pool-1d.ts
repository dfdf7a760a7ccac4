import { booleanOf } from "../../arguments.ts";
import { defineLayer, type Layer, type LayerOptions } from "../layer.ts";
import type { Window1dOptions } from "./conv-nd.ts";
import { mapsOf, poolAttributes } from "./window.ts";

/** What pools of signals take. */
export interface Pool1dOptions extends Window1dOptions, LayerOptions {
  /** Whether a last window may reach past the end, over what is left; false by default. */
  readonly ceilMode?: boolean;
}

/** The largest of each window of a signal [N, C, L]. */
export const maxPool1d = (options: Pool1dOptions): Layer =>
  defineLayer("maxPool1d", options, (scope, x) =>
    scope.node("MaxPool", [x.name], poolAttributes(scope, x, options, 1)),
  );

/** What `averagePool1d` takes. */
export interface AveragePool1dOptions extends Pool1dOptions {
  /** Whether zeros of the padding count; false by default. */
  readonly countPadding?: boolean;
}

/** The mean of each window of a signal [N, C, L]. */
export const averagePool1d = (options: AveragePool1dOptions): Layer =>
  defineLayer("averagePool1d", options, (scope, x) =>
    scope.node("AveragePool", [x.name], {
      ...poolAttributes(scope, x, options, 1),
      countIncludePad: Number(booleanOf(`${scope.name}: countPadding`, options.countPadding ?? false)),
    }),
  );

/** The mean of each map of a signal: [N, C, 1]. */
export const globalAveragePool1d = (options: LayerOptions = {}): Layer =>
  defineLayer("globalAveragePool1d", options, (scope, x) => {
    mapsOf(scope, x, 1);
    return scope.node("GlobalAveragePool", [x.name]);
  });
