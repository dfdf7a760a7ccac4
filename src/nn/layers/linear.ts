import { heNormal, type Initializer, zeros } from "../initializers.ts";
import type { LayerScope } from "../layer.ts";

/** The parameters of a layer whose units read features. */
export interface LinearOptions {
  /** Whether a bias is added; true by default. */
  readonly bias?: boolean;
  /** heNormal() by default. */
  readonly weightInitializer?: Initializer;
  /** zeros() by default. */
  readonly biasInitializer?: Initializer;
}

/**
 * x · Wᵀ + b along the last axis; with a part, that is the first of the names that it makes, and what it gives is not the
 * layer's own output.
 */
export function linear(
  scope: LayerScope,
  x: string,
  units: number,
  { bias = true, weightInitializer = heNormal(), biasInitializer = zeros() }: LinearOptions,
  part = "",
): string {
  const dims = scope.dims(x);
  const features = dims.at(-1);
  if (dims.length < 2 || typeof features !== "number")
    return scope.fail(`needs [N, …, features] with known features, got [${dims}]`);
  const role = (last: string): string => (part === "" ? last : `${part}.${last}`);
  const weight = scope.parameter(
    role("weight"),
    { dims: [units, features], fanIn: features, fanOut: units },
    weightInitializer,
  );
  const shift = bias
    ? [scope.parameter(role("bias"), { dims: [units], fanIn: features, fanOut: 1 }, biasInitializer)]
    : [];
  if (dims.length === 2) return scope.node("Gemm", [x, weight, ...shift], { transB: 1 }, part);
  const turned = scope.node("Transpose", [weight], { perm: [1, 0] }, role("turned"));
  if (!bias) return scope.node("MatMul", [x, turned], {}, part);
  return scope.node("Add", [scope.node("MatMul", [x, turned], {}, role("product")), ...shift], {}, part);
}
