import { editGraph, type GraphEdit } from "../graph/edit.ts";
import type { Attributes, Graph, Node } from "../graph/graph.ts";
import { findOp } from "../ops/table.ts";
import { replaceChain } from "./absorb.ts";
import { fuseDynamic } from "./fuse-dynamic.ts";
import {
  alike,
  dequantized,
  dequantizedWeight,
  internal,
  pastClamp,
  productBias,
  type Quantized,
  type QuantizedValue,
  quantizer,
} from "./quantized-values.ts";

/**
 * Dequantise, compute, quantise becomes one node on 8-bit numbers: convolutions and products with the Relu or Clip behind
 * them, additions, and what only moves elements. QLinearConv and QLinearMatMul become the same nodes, and so do integer
 * products that are scaled to float32 afterwards.
 */
export function fuseQuantized(graph: Graph): Graph {
  const relevant = /^(Q|Deq)uantizeLinear$|Integer$|^QLinear/;
  if (!graph.nodes.some((node) => relevant.test(node.op))) return graph;
  const edit = editGraph(graph);
  edit.visit((node) => {
    if (node.domain !== "") return;
    if (node.op === "Conv" || node.op === "Gemm" || node.op === "MatMul") fuseProduct(edit, node);
    else if (node.op === "Add") fuseAdd(edit, node);
    else if (findOp(node.domain, node.op)?.moves) moveQuantized(edit, node);
    else if (node.op === "Concat") concatQuantized(edit, node);
    else if (node.op === "QuantizeLinear") cancel(edit, node);
    else if (node.op === "QLinearConv" || node.op === "QLinearMatMul") rename(edit, node);
    else if (node.op === "ConvInteger" || node.op === "MatMulInteger") fuseDynamic(edit, node);
  });
  return edit.close();
}

/** What is multiplied, as QuantizedConv and QuantizedGemm say it. */
interface Product {
  readonly op: string;
  readonly attributes: Attributes;
  readonly weight: Quantized;
  readonly channels: number;
}

function productOf(edit: GraphEdit, node: Node): Product | undefined {
  const { attributes } = node;
  const name = node.inputs[1] as string;
  const columns = node.op === "MatMul" || attributes.transB === 0 ? 1 : 0;
  const axis = node.op === "Conv" ? 0 : columns;
  const weight = dequantizedWeight(edit, name, axis);
  const dims = weight && edit.constant(weight.name)?.dims;
  if (weight === undefined || dims === undefined) return undefined;
  const channels = dims[axis] as number;
  if (node.op === "Conv") {
    const rank = edit.fact(node.inputs[0] as string)?.dims?.length;
    const isImage = rank === 3 || rank === 4;
    return isImage && node.inputs.length <= 3
      ? { op: "QuantizedConv", attributes, weight, channels }
      : undefined;
  }
  if (dims.length !== 2) return undefined;
  // A Gemm's operand is a matrix, even where its shape is not known yet.
  const rank = edit.fact(node.inputs[0] as string)?.dims?.length ?? 0;
  if (node.op === "MatMul" && (rank < 2 || node.inputs.length > 2)) return undefined;
  if (node.op === "Gemm" && (attributes.alpha !== 1 || attributes.beta !== 1 || attributes.transA !== 0))
    return undefined;
  return {
    op: "QuantizedGemm",
    attributes: { transB: node.op === "Gemm" ? attributes.transB : 0 },
    weight,
    channels,
  };
}

function fuseProduct(edit: GraphEdit, node: Node): void {
  const [input, , biasInput] = node.inputs as [string, string, string?];
  const x = dequantized(edit, input);
  const product = x && productOf(edit, node);
  if (x === undefined || product === undefined || node.activation !== undefined) return;
  const { op, attributes, weight, channels } = product;
  const clamp = pastClamp(edit, node.outputs[0] as string);
  const target = quantizer(edit, clamp.name);
  const wScale = edit.constant(weight.scale);
  const bias = wScale && productBias(edit, biasInput, x.scaleValue, wScale, channels, target !== undefined);
  if (bias === undefined) return;
  const inputs = [x.name, x.scale, x.zero, weight.name, weight.scale, weight.zero, bias];
  if (target !== undefined) inputs.push(target.value.scale, target.value.zero);
  replaceChain(edit, [node, ...clamp.nodes, ...(target ? [target.node] : [])], {
    ...internal(node.name, op),
    attributes,
    inputs,
    ...(clamp.activation && { activation: clamp.activation }),
  });
}

function fuseAdd(edit: GraphEdit, node: Node): void {
  const [left, right] = node.inputs as [string, string];
  const [a, b] = [dequantized(edit, left), dequantized(edit, right)];
  if (a === undefined || b === undefined || node.activation !== undefined) return;
  if ([a, b].some(({ name, zero }) => zero === "" || edit.constant(name) !== undefined)) return;
  const [from, to] = [edit.fact(a.name)?.dims, edit.fact(b.name)?.dims];
  if (from === undefined || from.includes("?") || from.join() !== to?.join()) return;
  const clamp = pastClamp(edit, node.outputs[0] as string);
  const target = quantizer(edit, clamp.name);
  if (target === undefined || target.value.zero === "") return;
  const { value } = target;
  replaceChain(edit, [node, ...clamp.nodes, target.node], {
    ...internal(node.name, "QuantizedAdd"),
    attributes: {},
    inputs: [a.name, a.scale, a.zero, b.name, b.scale, b.zero, value.scale, value.zero],
    ...(clamp.activation && { activation: clamp.activation }),
  });
}

/** A movement between a dequantisation and a quantisation alike moves the 8-bit numbers. */
function moveQuantized(edit: GraphEdit, node: Node): void {
  const x = dequantized(edit, node.inputs[0] as string);
  const target = quantizer(edit, node.outputs[0] as string);
  if (x === undefined || target === undefined || !alike(x, target.value) || node.outputs.length > 1) return;
  const [, ...rest] = node.inputs;
  const { outputs: _, ...moved } = node;
  replaceChain(edit, [node, target.node], { ...moved, inputs: [x.name, ...rest] });
}

function concatQuantized(edit: GraphEdit, node: Node): void {
  const target = quantizer(edit, node.outputs[0] as string);
  const parts = node.inputs.map((name) => dequantized(edit, name));
  const fits = (part: QuantizedValue | undefined): boolean =>
    part !== undefined && target !== undefined && alike(part, target.value);
  if (target === undefined || !parts.every(fits)) return;
  const { outputs: _, ...joined } = node;
  const inputs = parts.map((part) => part?.name as string);
  replaceChain(edit, [node, target.node], { ...joined, inputs });
}

/** Quantising what was just dequantised alike gives it back. */
function cancel(edit: GraphEdit, node: Node): void {
  const x = dequantized(edit, node.inputs[0] as string);
  const output = node.outputs[0] as string;
  const own = x && quantizer(edit, node.inputs[0] as string)?.value;
  if (x === undefined || own === undefined || !alike(x, own) || edit.isOutput(output)) return;
  edit.redirect(output, x.name);
  edit.replace(node);
}

/** QLinearConv and QLinearMatMul with constant parameters are QuantizedConv and QuantizedGemm. */
function rename(edit: GraphEdit, node: Node): void {
  const [x, xScale, xZero, w, wScale, wZero, yScale, yZero, bias] = node.inputs as string[];
  const isConv = node.op === "QLinearConv";
  const names = [xScale, xZero, w, wScale, wZero, yScale, yZero, bias];
  if (names.some((name) => name && edit.constant(name) === undefined)) return;
  const count = (name: string | undefined): number => (name && edit.constant(name)?.data.length) || 0;
  if ([xScale, xZero, yScale, yZero].some((name) => count(name) !== 1)) return;
  const dims = edit.constant(w as string)?.dims as readonly number[];
  const rank = edit.fact(x as string)?.dims?.length ?? 0;
  if (isConv ? rank !== 3 && rank !== 4 : dims.length !== 2 || rank < 2) return;
  const channels = dims[isConv ? 0 : 1];
  if ([wScale, wZero].some((name) => count(name) !== 1 && count(name) !== channels)) return;
  const inputs = [x, xScale, xZero, w, wScale, wZero, bias ?? "", yScale, yZero] as string[];
  replaceChain(edit, [node], {
    ...internal(node.name, isConv ? "QuantizedConv" : "QuantizedGemm"),
    attributes: isConv ? node.attributes : { transB: 0 },
    inputs,
  });
}
