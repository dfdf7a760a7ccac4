import { ShapeError } from "../errors.ts";
import { type Fact, type Graph, isConcrete, type Node } from "../graph/graph.ts";
import { resolveWindow, type Window, type WindowAttributes } from "../ops/shared/spatial.ts";

/** One axis of a receptive field, in pixels of the network's input. */
export interface FieldAxis {
  /** Pixels that one element depends on. */
  readonly size: number;
  /** Pixels between the fields of neighbours. */
  readonly stride: number;
  /** The first pixel of the first element's field; negative where padding comes first. */
  readonly start: number;
}

/** What part of the input image an element of a value sees, by spatial axis: [height, width] of an image. */
export type ReceptiveField = readonly FieldAxis[];

/** Operators whose every output element sees its inputs at its own place only (channels aside). */
const POINTWISE = new Set(
  `Abs Add Cast Ceil Celu Clip Cos DequantizeLinear Div Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity
  LRN LeakyRelu Log Max Mean Min Mish Mul Neg PRelu Pow QuantizeLinear Reciprocal Relu Round Selu Sigmoid Sign Sin
  Softplus Softsign Sqrt Sub Sum Swish Tanh ThresholdedRelu Where BatchNormalization`.split(/\s+/),
);

const POOLS = new Set(["AveragePool", "LpPool", "MaxPool"]);

/**
 * Receptive fields of a graph's values with respect to its images: inputs of rank 3 to 5, [N, C, …]. A value that is
 * left out sees all of the image (it comes of a global pool, a dense layer), or what it sees is not regular (a resize,
 * branches of different strides). The recurrences are those of Araujo, Norris and Sim 2019, Computing receptive fields
 * of convolutional neural networks, https://distill.pub/2019/computing-receptive-fields.
 */
export function receptiveFields(
  graph: Graph,
  facts: ReadonlyMap<string, Fact>,
): ReadonlyMap<string, ReceptiveField> {
  const fields = new Map<string, ReceptiveField>();
  for (const name of graph.inputs) {
    const rank = facts.get(name)?.dims?.length ?? 0;
    if (rank < 3 || rank > 5) continue;
    fields.set(
      name,
      Array.from({ length: rank - 2 }, () => ({ size: 1, stride: 1, start: 0 })),
    );
  }
  for (const node of graph.nodes) {
    const field = node.domain === "" ? fieldOf(node, fields, facts) : undefined;
    if (field !== undefined) for (const name of node.outputs) if (name !== "") fields.set(name, field);
  }
  return fields;
}

function fieldOf(
  node: Node,
  fields: ReadonlyMap<string, ReceptiveField>,
  facts: ReadonlyMap<string, Fact>,
): ReceptiveField | undefined {
  const x = fields.get(node.inputs[0] ?? "");
  if (node.op === "Conv" || POOLS.has(node.op)) return x && slid(x, windowOf(node, facts));
  if (node.op === "Slice" || node.op === "Pad") return x && moved(x, node, facts);
  const { axis } = node.attributes;
  if (POINTWISE.has(node.op) || ((node.op === "Concat" || node.op === "Softmax") && axis === 1))
    return merged(node, fields, facts);
  return undefined;
}

/** A window over values that see `field`. */
const slid = (field: ReceptiveField, window: Window | undefined): ReceptiveField | undefined =>
  window &&
  field.map(({ size, stride, start }, axis) => ({
    size: size + ((window.kernelShape[axis] as number) - 1) * (window.dilations[axis] as number) * stride,
    stride: stride * (window.strides[axis] as number),
    start: start - (window.padsBegin[axis] as number) * stride,
  }));

function windowOf(node: Node, facts: ReadonlyMap<string, Fact>): Window | undefined {
  const x = facts.get(node.inputs[0] ?? "");
  const w = facts.get(node.inputs[1] ?? "");
  const kernel = (node.op === "Conv" ? w?.dims?.slice(2) : node.attributes.kernelShape) as
    | readonly number[]
    | undefined;
  // Only "same" padding asks for the image's size; any large enough one does for the rest.
  const known = isConcrete(x) ? (x.dims.slice(2) as number[]) : undefined;
  const same = String(node.attributes.autoPad).startsWith("SAME");
  if (kernel === undefined || kernel.some((size) => typeof size !== "number") || (same && !known))
    return undefined;
  const sizes = known ?? kernel.map(() => 2 ** 20);
  const fail = (message: string): never => {
    throw new ShapeError(node, message);
  };
  return resolveWindow({ fail }, sizes, kernel, node.attributes as unknown as WindowAttributes);
}

/** Slice and Pad, when what they do is constant: places move, and steps widen the stride. */
function moved(
  field: ReceptiveField,
  node: Node,
  facts: ReadonlyMap<string, Fact>,
): ReceptiveField | undefined {
  const numbers = (input: number): number[] | undefined => {
    const data = facts.get(node.inputs[input] ?? "")?.data?.data;
    return data === undefined ? undefined : Array.from(data as Iterable<number | bigint>, Number);
  };
  const rank = field.length + 2;
  const [first, axes] = [numbers(1), numbers(3) ?? Array.from({ length: rank }, (_, i) => i)];
  if (first === undefined) return undefined;
  const steps = node.op === "Slice" ? (numbers(4) ?? axes.map(() => 1)) : axes.map(() => 1);
  const result = [...field];
  for (const [i, given] of axes.entries()) {
    const axis = (given < 0 ? given + rank : given) - 2;
    const before = result[axis];
    if (before === undefined) continue;
    const [from, step] = [first[i] as number, steps[i] as number];
    if (node.op === "Slice" && (from < 0 || step < 1)) return undefined;
    const shift = (node.op === "Slice" ? from : -from) * before.stride;
    result[axis] = { size: before.size, stride: before.stride * step, start: before.start + shift };
  }
  return result;
}

/** Everything that one of the inputs sees; undefined where they move at different strides. */
function merged(
  node: Node,
  fields: ReadonlyMap<string, ReceptiveField>,
  facts: ReadonlyMap<string, Fact>,
): ReceptiveField | undefined {
  const inputs = node.inputs.filter((name) => name !== "" && facts.get(name)?.data === undefined);
  const seen = inputs.map((name) => fields.get(name));
  const [first] = seen;
  if (first === undefined) return undefined;
  return seen.reduce(
    (a, b) => {
      if (a === undefined || b === undefined || a.length !== b.length) return undefined;
      if (a.some((axis, i) => axis.stride !== b[i]?.stride)) return undefined;
      return a.map((axis, i) => union(axis, b[i] as FieldAxis));
    },
    first as ReceptiveField | undefined,
  );
}

function union(a: FieldAxis, b: FieldAxis): FieldAxis {
  const start = Math.min(a.start, b.start);
  return { size: Math.max(a.start + a.size, b.start + b.size) - start, stride: a.stride, start };
}
