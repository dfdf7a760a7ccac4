import { elementCount } from "../../tensor.ts";
import { type Initializer, type ParameterShape, zeros } from "../initializers.ts";
import type { LayerScope } from "../layer.ts";
import { integers } from "./axes.ts";
import { countOf } from "./window.ts";

/** The parameters of a convolution or of units that read features. */
export interface WeightOptions {
  /** Whether a bias is added; true by default. */
  readonly bias?: boolean;
  /** heNormal() by default. */
  readonly weightInitializer?: Initializer;
  /** zeros() by default. */
  readonly biasInitializer?: Initializer;
}

/** A kernel [filters, channels of a group, …window] as initialisers see it. */
export function kernelShape(dims: readonly number[], groups: number): ParameterShape {
  const [filters, channels, ...window] = dims as [number, number, ...number[]];
  const taps = elementCount(window);
  return { dims, fanIn: channels * taps, fanOut: (filters / groups) * taps };
}

/** The groups that maps of input and output fall into. */
export function groupsOf(
  scope: LayerScope,
  given: number | "depthwise",
  channels: number,
  filters: number,
): number {
  const groups = given === "depthwise" ? channels : countOf(scope, "groups", given);
  if (channels % groups !== 0 || filters % groups !== 0)
    scope.fail(`${channels} maps and ${filters} filters do not fall into ${groups} groups`);
  return groups;
}

/** The bias as a list of operands: of one, or of none. */
export function biasOf(
  scope: LayerScope,
  units: number,
  fanIn: number,
  { bias = true, biasInitializer = zeros() }: WeightOptions,
  role = "bias",
): string[] {
  if (!bias) return [];
  return [scope.parameter(role, { dims: [units], fanIn, fanOut: 1 }, biasInitializer)];
}

/**
 * Every filter brought to mean 0 and variance 1 (Qiao et al. 2019, arXiv:1903.10520). What depends on weights alone is
 * folded before a network runs.
 */
export function standardized(scope: LayerScope, weight: string, epsilon: number): string {
  const node = (op: string, inputs: readonly string[], role: string): string =>
    scope.node(op, inputs, {}, `weight.${role}`);
  const axes = integers(
    scope,
    "weight.axes",
    scope.dims(weight).flatMap((_, axis) => (axis === 0 ? [] : [axis])),
  );
  const centred = node("Sub", [weight, node("ReduceMean", [weight, axes], "mean")], "centred");
  const squares = node("Mul", [centred, centred], "squares");
  const variance = node("ReduceMean", [squares, axes], "variance");
  const shifted = node("Add", [variance, scope.scalar("weight.epsilon", epsilon)], "shifted");
  return node("Div", [centred, node("Sqrt", [shifted], "deviation")], "standardized");
}
