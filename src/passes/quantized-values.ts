import type { GraphEdit } from "../graph/edit.ts";
import type { Fact, FusedActivation, Node } from "../graph/graph.ts";
import { toNumbers } from "../ops/shared/elements.ts";
import { elementCount, type TensorData } from "../tensor.ts";
import { activationOf } from "./fuse-epilogue.ts";

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
  const scale = node.inputs[1] as string;
  const zero = node.inputs[2] ?? "";
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
 * so, else float32. Undefined where it is neither; `""` stays absent.
 */
export function productBias(
  edit: GraphEdit,
  name: string | undefined,
  xScale: number,
  wScale: TensorData,
  channels: number,
): string | undefined {
  if (name === undefined || name === "") return "";
  const node = edit.writer(name);
  if (!isOnnx(node, "DequantizeLinear")) {
    const data = edit.constant(name);
    return data === undefined ? undefined : floatVector(edit, name, data, channels);
  }
  const [sums, scale, zero] = [0, 1, 2].map((i) =>
    node.inputs[i] ? edit.constant(node.inputs[i]) : undefined,
  );
  if (
    sums?.dtype !== "int32" ||
    scale?.dtype !== "float32" ||
    sums.data.length !== channels ||
    !isWhole(node)
  )
    return undefined;
  if (node.inputs[2] && (zero === undefined || !toNumbers(zero).every((value: number) => value === 0)))
    return undefined;
  const [own, weights, values] = [toNumbers(scale), toNumbers(wScale), toNumbers(sums)];
  if (own.length !== 1 && own.length !== channels) return undefined;
  const at = (list: ArrayLike<number>, c: number): number => list[list.length === 1 ? 0 : c] as number;
  const inUnits = Array.from({ length: channels }, (_, c) => {
    const unit = xScale * at(weights, c);
    return Math.abs(at(own, c) - unit) <= 1e-5 * Math.abs(unit);
  });
  if (inUnits.every(Boolean)) return node.inputs[0];
  const data = Float32Array.from({ length: channels }, (_, c) => at(values, c) * at(own, c));
  return edit.addConstant(`${name}/float32`, { dtype: "float32", dims: [channels], data });
}

/** A float32 constant of `channels` elements and no other dim beside 1, as a vector. */
export function floatVector(
  edit: GraphEdit,
  name: string,
  data: TensorData,
  channels: number,
): string | undefined {
  if (data.dtype !== "float32" || elementCount(data.dims) !== channels) return undefined;
  if (data.dims.length === 1) return name;
  return edit.addConstant(`${name}/vector`, { ...data, dims: [channels] });
}

/** The value behind a Relu or Clip that alone reads `name`, with what it does; else the value itself. */
export function pastClamp(
  edit: GraphEdit,
  name: string,
): { readonly name: string; readonly nodes: readonly Node[]; readonly activation?: FusedActivation } {
  const node = edit.soleReader(name);
  const activation = node && node.inputs[0] === name ? activationOf(node, edit) : undefined;
  if (node === undefined || activation === undefined || !["relu", "clip"].includes(activation.kind))
    return { name, nodes: [] };
  return { name: node.outputs[0] as string, nodes: [node], activation };
}
