import type { Fact, Graph, Node } from "../graph/graph.ts";
import type { SeenAxis } from "../ops/define.ts";
import { receptiveFieldOf } from "../ops/facets.ts";
import { type ChannelAxisOf, channelAxes, transposed } from "./channels.ts";

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

/**
 * Receptive fields of a graph's values with respect to its images: inputs of rank 3 to 5, [N, C, …], or of rank 4 with the
 * channels last. A value that is left out sees all of the image (it comes of a global pool, a dense layer), or what it sees is not regular (a resize,
 * branches of different strides). `weights` are inputs that are no images. The recurrences are those of Araujo, Norris and Sim 2019, Computing receptive fields
 * of convolutional neural networks, https://distill.pub/2019/computing-receptive-fields.
 */
export function receptiveFields(
  graph: Graph,
  facts: ReadonlyMap<string, Fact>,
  weights: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, ReceptiveField> {
  const fields = new Map<string, ReceptiveField>();
  const isConstant = (name: string): boolean => weights.has(name) || facts.get(name)?.data !== undefined;
  for (const name of graph.inputs) {
    if (weights.has(name)) continue;
    const rank = facts.get(name)?.dims?.length ?? 0;
    if (rank < 3 || rank > 5) continue;
    fields.set(
      name,
      Array.from({ length: rank - 2 }, () => ({ size: 1, stride: 1, start: 0 })),
    );
  }
  const axisOf = channelAxes(graph, facts);
  for (const node of graph.nodes) {
    const field = fieldOf(node, fields, facts, isConstant, axisOf);
    if (field !== undefined) for (const name of node.outputs) if (name !== "") fields.set(name, field);
  }
  return fields;
}

function fieldOf(
  node: Node,
  fields: ReadonlyMap<string, ReceptiveField>,
  facts: ReadonlyMap<string, Fact>,
  isConstant: (name: string) => boolean,
  axisOf: ChannelAxisOf,
): ReceptiveField | undefined {
  const seen = receptiveFieldOf(node, (name) => facts.get(name));
  if (seen === "own place") return merged(node, fields, isConstant);
  const [input = ""] = node.inputs;
  const x = fields.get(input);
  if (x !== undefined && node.op === "Transpose" && node.domain === "" && x.length === 2)
    return movesChannelsAlone(node, axisOf(input)) ? x : undefined;
  // What windows say of their axes, they say of the third and those behind it.
  if (seen === undefined || x === undefined || axisOf(input) !== 1) return undefined;
  return x.map(({ size, stride, start }, axis) => {
    const own = seen[axis] as SeenAxis;
    return {
      size: size + (own.extent - 1) * stride,
      stride: stride * own.stride,
      start: start + own.start * stride,
    };
  });
}

/** Whether a Transpose leaves rows before columns. */
function movesChannelsAlone(node: Node, axis: number): boolean {
  const places = transposed(node).filter((from) => from !== 0 && from !== axis);
  return transposed(node)[0] === 0 && (places[0] as number) < (places[1] as number);
}

/** Everything that one of the inputs sees; undefined where they move at different strides. */
function merged(
  node: Node,
  fields: ReadonlyMap<string, ReceptiveField>,
  isConstant: (name: string) => boolean,
): ReceptiveField | undefined {
  const inputs = node.inputs.filter((name) => name !== "" && !isConstant(name));
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
