import type { GraphEdit } from "../graph/edit.ts";
import type { Fact, FusedActivation, Node } from "../graph/graph.ts";
import { activationOf } from "../ops/facets.ts";
import { toNumbers } from "../ops/shared/elements.ts";
import { elementCount, type TensorData } from "../tensor.ts";

/** An 8-bit value with the names of its scale and zero point (`""`: none). */
export interface Quantized {
  readonly name: string;
  readonly scale: string;
  readonly zero: string;
}

/** A value quantised with constants, one for the whole tensor. */
export interface QuantizedValue extends Quantized {
  readonly dtype: "int8" | "uint8";
  readonly scaleValue: number;
  readonly zeroValue: number;
}

const isOnnx = (node: Node | undefined, op: string): node is Node =>
  node !== undefined && node.domain === "" && node.op === op;

const isByte = (fact: Fact | undefined): boolean => fact?.dtype === "int8" || fact?.dtype === "uint8";

const isWhole = (node: Node): boolean => (node.attributes.blockSize ?? 0) === 0;

/** What a float32 value was dequantised from; undefined where it was not, or not so simply. */
export function dequantized(edit: GraphEdit, name: string): QuantizedValue | undefined {
  const node = edit.writer(name);
  if (!isOnnx(node, "DequantizeLinear") || edit.fact(name)?.dtype !== "float32") return undefined;
  return parametersOf(edit, node, node.inputs[0] as string);
}

/** The QuantizeLinear that alone reads a value, with the value it gives. */
export function quantizer(
  edit: GraphEdit,
  name: string,
): { readonly node: Node; readonly value: QuantizedValue } | undefined {
  const node = edit.soleReader(name);
  if (!isOnnx(node, "QuantizeLinear") || node.inputs[0] !== name) return undefined;
  const value = parametersOf(edit, node, node.outputs[0] as string);
  return value && { node, value };
}

function parametersOf(edit: GraphEdit, node: Node, name: string): QuantizedValue | undefined {
  const [, scale, zero = ""] = node.inputs as [string, string, string?];
  const [scaleData, zeroData] = [edit.constant(scale), zero === "" ? undefined : edit.constant(zero)];
  if (scaleData?.dtype !== "float32" || (zero !== "" && zeroData === undefined)) return undefined;
  if (!isByte(edit.fact(name)) || !isWhole(node)) return undefined;
  if ([scaleData, zeroData].some((data) => data !== undefined && data.data.length !== 1)) return undefined;
  return {
    name,
    scale,
    zero,
    dtype: edit.fact(name)?.dtype as "int8" | "uint8",
    scaleValue: toNumbers(scaleData)[0] as number,
    zeroValue: zeroData === undefined ? 0 : (toNumbers(zeroData)[0] as number),
  };
}

/** Whether two values stand for the same numbers when they hold the same bytes. */
export const alike = (a: QuantizedValue, b: QuantizedValue): boolean =>
  a.dtype === b.dtype && a.scaleValue === b.scaleValue && a.zeroValue === b.zeroValue;

/** A dequantised constant weight: one scale, or one for each slice of `axis`. */
export function dequantizedWeight(edit: GraphEdit, name: string, axis: number): Quantized | undefined {
  const node = edit.writer(name);
  if (!isOnnx(node, "DequantizeLinear") || !isWhole(node) || edit.fact(name)?.dtype !== "float32")
    return undefined;
  const [weight, scale, zero = ""] = node.inputs as [string, string, string?];
  const data = edit.constant(weight);
  const parameters = [edit.constant(scale), zero === "" ? undefined : edit.constant(zero)] as const;
  if (data === undefined || !isByte(edit.fact(weight)) || parameters[0]?.dtype !== "float32")
    return undefined;
  if (zero !== "" && parameters[1] === undefined) return undefined;
  const own = node.attributes.axis as number;
  const fits = parameters.every(
    (values) =>
      values === undefined ||
      values.data.length === 1 ||
      ((own < 0 ? own + data.dims.length : own) === axis && values.data.length === data.dims[axis]),
  );
  return fits ? { name: weight, scale, zero } : undefined;
}

/**
 * A constant bias of `channels` elements as a product's input: int32 in units of xScale·wScale[c] where it was quantised
 * so, or where the result is (`whole`); else float32. Undefined where it is no constant of that size; `""` stays absent.
 */
export function productBias(
  edit: GraphEdit,
  name: string | undefined,
  xScale: number,
  wScale: TensorData,
  channels: number,
  whole: boolean,
): string | undefined {
  if (name === undefined || name === "") return "";
  const units = Float64Array.from({ length: channels }, (_, c) => xScale * at(toNumbers(wScale), c));
  const node = edit.writer(name);
  const quantised = isOnnx(node, "DequantizeLinear") ? wholeBias(edit, node, units) : undefined;
  if (quantised?.inUnits) return quantised.name;
  const data = quantised?.values ?? edit.constant(name);
  const vector = data && floatVector(edit, name, data, channels);
  if (vector === undefined || !whole) return vector;
  const counts = Array.from(toNumbers(edit.constant(vector) as TensorData), (value, c) =>
    Math.round(value / (units[c] as number)),
  );
  if (!counts.every((count) => Math.abs(count) < 2 ** 30)) return undefined;
  return edit.addConstant(`${name}/int32`, {
    dtype: "int32",
    dims: [channels],
    data: Int32Array.from(counts),
  });
}

const at = (list: ArrayLike<number>, i: number): number => list[list.length === 1 ? 0 : i] as number;

/** A dequantised int32 bias: its name, whether its scales are the units, and its values in float32. */
function wholeBias(edit: GraphEdit, node: Node, units: Float64Array) {
  const [name, , zeroName] = node.inputs as [string, string, string?];
  const [counts, scale, zero] = node.inputs.map((input) => (input ? edit.constant(input) : undefined));
  if (counts?.dtype !== "int32" || scale?.dtype !== "float32" || !isWhole(node)) return undefined;
  if (zeroName && (zero === undefined || !toNumbers(zero).every((value: number) => value === 0)))
    return undefined;
  const own = toNumbers(scale);
  if (counts.data.length !== units.length || (own.length !== 1 && own.length !== units.length))
    return undefined;
  const inUnits = units.every((unit, c) => Math.abs(at(own, c) - unit) <= 1e-5 * Math.abs(unit));
  const data = Float32Array.from(toNumbers(counts), (value, c) => value * at(own, c));
  const values: TensorData = { dtype: "float32", dims: [units.length], data };
  return { name, inUnits, values };
}

/** A float32 constant of `channels` elements and no other dim beside 1, as a vector. */
export function floatVector(
  edit: GraphEdit,
  name: string,
  data: TensorData,
  channels: number,
): string | undefined {
  if (data.dtype !== "float32" || elementCount(data.dims) !== channels) return undefined;
  if (data.dims.length === 1 && edit.constant(name) === data) return name;
  return edit.addConstant(`${name}/vector`, { ...data, dims: [channels] });
}

/** The value behind a Relu or Clip that alone reads `name`, with what it does; else the value itself. */
export function pastClamp(
  edit: GraphEdit,
  name: string,
): { readonly name: string; readonly nodes: readonly Node[]; readonly activation?: FusedActivation } {
  const node = edit.soleReader(name);
  const activation = node && node.inputs[0] === name ? activationOf(node, edit.fact) : undefined;
  if (node === undefined || activation === undefined || !["relu", "clip"].includes(activation.kind))
    return { name, nodes: [] };
  return { name: node.outputs[0] as string, nodes: [node], activation };
}

/** The head of a node that only passes insert. */
export const internal = (name: string, op: string): Pick<Node, "name" | "op" | "domain" | "opset"> => ({
  name,
  op,
  domain: "lanewise",
  opset: 1,
});
