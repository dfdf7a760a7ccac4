import { arrayOf, listOf } from "../../arguments.ts";
import { tensorData } from "../../tensor.ts";
import { defineLayer, type Layer, type LayerOptions } from "../layer.ts";

/** What `rbf` takes. */
export interface RbfOptions extends LayerOptions {
  /** One row of features for each unit. */
  readonly centers: readonly ArrayLike<number>[];
}

/**
 * Euclidean radial basis functions, the output layer of LeNet-5 (1998): from [N, features] the squared distance to each
 * center, negated, [N, units]; 0 is a perfect match, and the largest wins as among logits. The centers are fixed:
 * there are no parameters.
 */
export const rbf = (options: RbfOptions): Layer =>
  defineLayer("rbf", options, (scope, x) => {
    const centers = arrayOf(`${scope.name}: centers`, options.centers);
    for (const center of centers) listOf(`${scope.name}: a center`, center);
    const [, features] = x.dims;
    if (x.dims.length !== 2 || typeof features !== "number")
      return scope.fail(
        `needs [N, features], got [${x.dims}]; flatten() makes them of an image of known size`,
      );
    const odd = centers.find((center) => center.length !== features);
    if (centers.length === 0) scope.fail("needs centers");
    if (odd !== undefined) scope.fail(`a center has ${odd.length} numbers for ${features} features`);
    const data = Float32Array.from(centers.flatMap((center) => Array.from(center)));
    const places = scope.fixed("centers", tensorData("float32", [centers.length, features], data));
    const axis = scope.fixed("axis", tensorData("int64", [1], BigInt64Array.of(1n)));
    const last = scope.fixed("last", tensorData("int64", [1], BigInt64Array.of(2n)));
    const rows = scope.node("Unsqueeze", [x.name, axis], {}, "rows");
    const difference = scope.node("Sub", [rows, places], {}, "difference");
    const square = scope.node("Mul", [difference, difference], {}, "square");
    const distance = scope.node("ReduceSum", [square, last], { keepdims: 0 }, "distance");
    return scope.node("Neg", [distance]);
  });
