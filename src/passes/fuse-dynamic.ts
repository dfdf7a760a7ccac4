import type { GraphEdit } from "../graph/edit.ts";
import type { Node } from "../graph/graph.ts";
import { replaceChain } from "./absorb.ts";
import { floatVector, internal, pastClamp } from "./quantized-values.ts";

/**
 * An integer product that is cast to float32, scaled by the product of two scales and perhaps given a constant bias and
 * clamped (dynamic quantisation) becomes QuantizedConv or QuantizedGemm with a float32 result.
 */
export function fuseDynamic(edit: GraphEdit, node: Node): void {
  const isConv = node.op === "ConvInteger";
  const [x, w, xZero = "", wZero = ""] = node.inputs as [string, string, string?, string?];
  const weight = edit.constant(w);
  const rank = edit.fact(x)?.dims?.length ?? 0;
  if (weight === undefined || (isConv ? rank !== 3 && rank !== 4 : rank < 2 || weight.dims.length !== 2))
    return;
  const channels = weight.dims[isConv ? 0 : 1] as number;
  if (!isOne(edit, xZero) || !fitsChannels(edit, wZero, channels)) return;
  const cast = edit.soleReader(node.outputs[0] as string);
  if (cast?.op !== "Cast" || cast.domain !== "" || cast.attributes.to !== 1) return;
  const scaled = edit.soleReader(cast.outputs[0] as string);
  const scales = scaled && scalesOf(edit, scaled, cast.outputs[0] as string, isConv ? 1 : channels);
  if (scaled === undefined || scales === undefined) return;
  const chain: Node[] = [node, cast, scaled];
  const bias = biasOf(edit, scaled.outputs[0] as string, channels, isConv ? rank - 2 : 0);
  if (bias !== undefined) chain.push(bias.node);
  const clamp = pastClamp(edit, chain.at(-1)?.outputs[0] as string);
  chain.push(...clamp.nodes);
  replaceChain(edit, chain, {
    ...internal(node.name, isConv ? "QuantizedConv" : "QuantizedGemm"),
    attributes: isConv ? node.attributes : { transB: 0 },
    inputs: [x, scales.x, xZero, w, scales.w, wZero, bias?.name ?? ""],
    ...(clamp.activation && { activation: clamp.activation }),
  });
}

const countOf = (edit: GraphEdit, name: string): number | undefined => {
  const dims = edit.fact(name)?.dims;
  return dims?.every((dim) => typeof dim === "number")
    ? dims.reduce((a: number, b) => a * (b as number), 1)
    : undefined;
};

const isOne = (edit: GraphEdit, name: string): boolean => name === "" || countOf(edit, name) === 1;

const fitsChannels = (edit: GraphEdit, name: string, channels: number): boolean => {
  if (name === "") return true;
  const count = edit.constant(name)?.data.length;
  return count === 1 || count === channels;
};

/** The names of x's scale (one number, perhaps known at run time only) and w's (constant, one or one for each of `columns`)
 * that a Mul multiplies by. */
function scalesOf(
  edit: GraphEdit,
  node: Node,
  sums: string,
  columns: number,
): { readonly x: string; readonly w: string } | undefined {
  if (node.op !== "Mul" || node.domain !== "" || node.activation !== undefined) return undefined;
  const factor = node.inputs.find((name) => name !== sums);
  const product = factor === undefined ? undefined : edit.writer(factor);
  if (product?.op !== "Mul" || product.domain !== "" || product.activation !== undefined) return undefined;
  for (const [x, w] of [product.inputs, [...product.inputs].reverse()] as [string, string][]) {
    const own = edit.constant(w);
    if (own?.dtype !== "float32" || edit.fact(x)?.dtype !== "float32" || countOf(edit, x) !== 1) continue;
    if (own.data.length === 1) return { x, w };
    const vector = own.dims.at(-1) === columns ? floatVector(edit, w, own, columns) : undefined;
    if (vector !== undefined) return { x, w: vector };
  }
  return undefined;
}

/** A constant of one number for each channel, added to a value that nothing else reads; `behind` axes follow the channel. */
function biasOf(
  edit: GraphEdit,
  name: string,
  channels: number,
  behind: number,
): { readonly node: Node; readonly name: string } | undefined {
  const node = edit.soleReader(name);
  if (node?.op !== "Add" || node.domain !== "" || node.activation !== undefined) return undefined;
  const other = node.inputs.find((input) => input !== name);
  const data = other === undefined ? undefined : edit.constant(other);
  if (other === undefined || data === undefined) return undefined;
  // It has no more elements than channels, or it is no vector.
  if (data.dims.at(-1 - behind) !== channels) return undefined;
  if (data.dims.length > (edit.fact(name)?.dims?.length ?? 0)) return undefined;
  const vector = floatVector(edit, other, data, channels);
  return vector === undefined ? undefined : { node, name: vector };
}
