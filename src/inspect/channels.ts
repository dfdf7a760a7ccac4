import type { Fact, Graph, Node } from "../graph/graph.ts";
import { receptiveFieldOf } from "../ops/facets.ts";
import { Tensor } from "../tensor.ts";
import { floatsOf } from "./float-tensor.ts";

// Where pictures and feature maps have their channels: second, as ONNX's convolutions have them, or last, as files do that come
// of TensorFlow.

/** Operators over maps whose second axis is the channels'. */
const CHANNELS_SECOND: ReadonlySet<string> = new Set([
  ...["Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "DeformConv"],
  ...["MaxPool", "AveragePool", "LpPool", "MaxUnpool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"],
  ...["BatchNormalization", "InstanceNormalization", "GroupNormalization", "LRN"],
  ...["DepthToSpace", "SpaceToDepth"],
]);

/** Operators that change sizes and leave the order of the axes, besides all that work at their own place. */
const ORDER_KEEPING: ReadonlySet<string> = new Set(["Pad", "Concat", "Slice", "Split", "Resize", "Upsample"]);

/** The axis of a value's channels, by its name. */
export type ChannelAxisOf = (value: string) => number;

/**
 * The axis on which a graph's values of rank 4 have their channels. Convolutions, pools and their like say so of what they take
 * and give, and from there it follows along Transposes and whatever keeps the order of the axes, forwards and backwards.
 * Where nothing says it, the channels are the second axis; of an input, the last one where that alone has 1 or 3.
 */
export function channelAxes({ nodes, inputs }: Graph, facts: ReadonlyMap<string, Fact>): ChannelAxisOf {
  const axes = new Map<string, number>();
  const isMaps = (name: string): boolean =>
    facts.get(name)?.dims?.length === 4 && facts.get(name)?.data === undefined;
  const learn = (name: string | undefined, axis: number | undefined): void => {
    if (name !== undefined && axis !== undefined && isMaps(name) && !axes.has(name)) axes.set(name, axis);
  };
  const visit = (node: Node): void => {
    const [[input], [output]] = [node.inputs, node.outputs];
    if (node.domain !== "") return;
    if (CHANNELS_SECOND.has(node.op)) {
      learn(input, 1);
      learn(output, 1);
    } else if (node.op === "Transpose") {
      const order = transposed(node);
      const [before, after] = [axes.get(input ?? ""), axes.get(output ?? "")];
      if (before !== undefined) learn(output, order.indexOf(before));
      if (after !== undefined) learn(input, order[after]);
    } else if (ORDER_KEEPING.has(node.op) || /^Reduce/.test(node.op) || isAtOwnPlace(node, facts)) {
      const tied = [...node.inputs, ...node.outputs];
      const known = tied.find((name) => axes.has(name));
      for (const name of tied) learn(name, axes.get(known ?? ""));
    }
  };
  const backwards = [...nodes].reverse();
  for (let known = -1; axes.size > known; ) {
    known = axes.size;
    nodes.forEach(visit);
    backwards.forEach(visit);
  }
  return (value) => axes.get(value) ?? (inputs.includes(value) ? usualAxis(facts.get(value)) : 1);
}

const isAtOwnPlace = (node: Node, facts: ReadonlyMap<string, Fact>): boolean =>
  receptiveFieldOf(node, (name) => facts.get(name)) === "own place";

/** The order of a Transpose's four axes: by default all reversed. */
export function transposed({ attributes }: Node): readonly number[] {
  const perm = attributes.perm as readonly number[] | undefined;
  return perm === undefined || perm.length === 0 ? [3, 2, 1, 0] : perm;
}

function usualAxis(fact: Fact | undefined): number {
  const isColours = (axis: number): boolean => fact?.dims?.[axis] === 1 || fact?.dims?.[axis] === 3;
  return fact?.dims?.length === 4 && isColours(3) && !isColours(1) ? 3 : 1;
}

/** A tensor [N, …, C, …] with its channels on this axis, as [N, C, …]. */
export const channelsFirst = (tensor: Tensor, axis: number): Tensor => moved(tensor, axis, "first");

/** A tensor [N, C, …] with its channels brought to this axis. */
export const channelsAt = (tensor: Tensor, axis: number): Tensor => moved(tensor, axis, "back");

function moved(tensor: Tensor, axis: number, way: "first" | "back"): Tensor {
  if (axis === 1) return tensor;
  const { dims } = tensor;
  const order = dims.map((_, i) => i);
  order.splice(1, 0, ...order.splice(axis, 1));
  if (way === "back") order.splice(0, dims.length, ...dims.map((_, i) => order.indexOf(i)));
  const to = order.map((from) => dims[from] as number);
  const strides = dims.map((_, i) => dims.slice(i + 1).reduce((product, dim) => product * dim, 1));
  const from = floatsOf(tensor);
  const data = new Float32Array(from.length);
  const place = new Array<number>(dims.length).fill(0);
  for (let at = 0; at < data.length; at++) {
    data[at] = from[
      order.reduce((sum, source, i) => sum + (place[i] as number) * (strides[source] as number), 0)
    ] as number;
    for (let i = place.length - 1; i >= 0; i--) {
      place[i] = (place[i] as number) + 1;
      if ((place[i] as number) < (to[i] as number)) break;
      place[i] = 0;
    }
  }
  return new Tensor("float32", data, to);
}
