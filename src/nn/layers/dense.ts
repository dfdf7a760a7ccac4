import { heNormal, type Initializer, zeros } from "../initializers.ts";
import { defineLayer, type Layer, type LayerOptions } from "../network.ts";
import { countOf } from "./window.ts";

/** What `dense` takes. */
export interface DenseOptions extends LayerOptions {
  /** Features of the output. */
  readonly units: number;
  /** Whether a bias is added; true by default. */
  readonly bias?: boolean;
  /** heNormal() by default. */
  readonly weightInitializer?: Initializer;
  /** zeros() by default. */
  readonly biasInitializer?: Initializer;
}

/** Every unit reads every feature of [N, features]. Parameters: `weight` [units, features] and `bias` [units]. */
export const dense = (options: DenseOptions): Layer =>
  defineLayer("dense", options, (scope, x) => {
    const { bias = true, weightInitializer = heNormal(), biasInitializer = zeros() } = options;
    const units = countOf(scope, "units", options.units);
    const features = x.dims[1];
    if (x.dims.length !== 2 || typeof features !== "number")
      return scope.fail(
        `needs [N, features], got [${x.dims}]; flatten() makes them of an image of known size`,
      );
    const shape = { dims: [units, features], fanIn: features, fanOut: units };
    const operands = [x.name, scope.parameter("weight", shape, weightInitializer)];
    if (bias)
      operands.push(scope.parameter("bias", { dims: [units], fanIn: features, fanOut: 1 }, biasInitializer));
    return scope.node("Gemm", operands, { transB: 1 });
  });

/** Everything but the batch in one row: [N, features], row-major. */
export const flatten = (options: LayerOptions = {}): Layer =>
  defineLayer("flatten", options, (scope, x) => scope.node("Flatten", [x.name], { axis: 1 }));
