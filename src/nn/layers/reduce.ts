import { arrayOf, booleanOf, shown } from "../../arguments.ts";
import { defineLayer, type Layer, type LayerOptions } from "../layer.ts";
import { axisBehindBatch, integers } from "./axes.ts";

/** What `mean` takes. */
export interface MeanOptions extends LayerOptions {
  /** The axes that become one; 1 is the first behind the batch, negative ones count from the back. */
  readonly axes: readonly number[];
  /** Whether they stay with size 1; false by default. */
  readonly keepDims?: boolean;
}

/** The mean over some axes. */
export const mean = (options: MeanOptions): Layer =>
  defineLayer("mean", options, (scope, x) => {
    const axes = arrayOf(`${scope.name}: axes`, options.axes).map((axis) =>
      axisBehindBatch(scope, "axis", axis, x),
    );
    if (axes.length === 0 || new Set(axes).size < axes.length)
      scope.fail(`axes must be one or more, each once, got ${shown(options.axes)}`);
    const keepdims = Number(booleanOf(`${scope.name}: keepDims`, options.keepDims ?? false));
    return scope.node("ReduceMean", [x.name, integers(scope, "axes", axes)], { keepdims });
  });
