import { heNormal } from "../initializers.ts";
import type { LayerScope } from "../layer.ts";
import { biasOf, type WeightOptions } from "./weights.ts";

/**
 * x · Wᵀ + b along the last axis.
 *
 * @param part - The first of the names of its parameters; none by default.
 * @param output - The role of what it gives: by default it is the layer's own output.
 */
export function linear(
  scope: LayerScope,
  x: string,
  units: number,
  options: WeightOptions,
  { part = "", output = "" } = {},
): string {
  const dims = scope.dims(x);
  const features = dims.at(-1);
  if (dims.length < 2 || typeof features !== "number")
    return scope.fail(`needs [N, …, features] with known features, got [${dims}]`);
  const role = (last: string): string => (part === "" ? last : `${part}.${last}`);
  const shape = { dims: [units, features], fanIn: features, fanOut: units };
  const weight = scope.parameter(role("weight"), shape, options.weightInitializer ?? heNormal());
  const bias = biasOf(scope, units, features, options, role("bias"));
  if (dims.length === 2) return scope.node("Gemm", [x, weight, ...bias], { transB: 1 }, output);
  const turned = scope.node("Transpose", [weight], { perm: [1, 0] }, role("turned"));
  if (bias.length === 0) return scope.node("MatMul", [x, turned], {}, output);
  return scope.node("Add", [scope.node("MatMul", [x, turned], {}, role("product")), ...bias], {}, output);
}
