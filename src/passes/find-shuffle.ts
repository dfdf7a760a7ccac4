import { editGraph, type GraphEdit } from "../graph/edit.ts";
import { type Graph, type Node, sameDims } from "../graph/graph.ts";
import type { TensorData } from "../tensor.ts";

/**
 * Channel shuffles, which models write as Reshape, Transpose and Reshape over groups, become one node over channels, and
 * groups that are picked out behind one become slices: both can be done channels-last.
 */
export function findShuffle(graph: Graph): Graph {
  const edit = editGraph(graph);
  edit.visit((node) => {
    const found = shuffle(node, edit) ?? pick(node, edit);
    if (found !== undefined) edit.replace(node, found);
  });
  return edit.close();
}

const writerOf = (node: Node, op: string, edit: GraphEdit): Node | undefined => {
  const writer = edit.writer(node.inputs[0] ?? "");
  return writer?.op === op && writer.domain === "" ? writer : undefined;
};

const is = (node: Node, op: string): boolean => node.op === op && node.domain === "";

/** Reshape to groups, Transpose of two axes: what is reshaped and transposed, and the dims in between. */
function regrouping(last: Node, perm: string, edit: GraphEdit) {
  const transpose = writerOf(last, "Transpose", edit);
  const first = transpose && writerOf(transpose, "Reshape", edit);
  const [x, grouped] = [edit.fact(first?.inputs[0] ?? ""), edit.fact(first?.outputs[0] ?? "")];
  if (String(transpose?.attributes.perm) !== perm || x?.dims === undefined || grouped?.dims === undefined)
    return undefined;
  return { name: first?.inputs[0] as string, x, dims: x.dims, groups: grouped.dims };
}

/** [N, C, …] to [N, groups, C / groups, …], the two transposed, and back. */
function shuffle(node: Node, edit: GraphEdit): Node | undefined {
  if (!is(node, "Reshape")) return undefined;
  const rank = edit.fact(node.outputs[0] as string)?.dims?.length ?? 0;
  const perm = [0, 2, 1, ...Array.from({ length: Math.max(0, rank - 2) }, (_, i) => i + 3)].join();
  const found = regrouping(node, perm, edit);
  if (found === undefined || !sameDims(found.x, edit.fact(node.outputs[0] as string))) return undefined;
  const [batch, groups, , ...image] = found.groups;
  if (batch !== found.dims[0] || image.join() !== found.dims.slice(2).join()) return undefined;
  return {
    ...node,
    op: "ChannelShuffle",
    domain: "lanewise",
    opset: 1,
    attributes: { groups: groups as number },
    inputs: [found.name],
  };
}

/** [N, C, …] to [N · C / groups, groups, …], the two transposed, [groups, N, C / groups, …], and one group taken. */
function pick(node: Node, edit: GraphEdit): Node | undefined {
  if (!is(node, "Gather") || node.attributes.axis !== 0) return undefined;
  const index = edit.constant(node.inputs[1] as string);
  const last = writerOf(node, "Reshape", edit);
  const found = last && regrouping(last, "1,0,2", edit);
  const split = edit.fact(node.inputs[0] as string);
  if (index?.data.length !== 1 || index.dims.length > 0 || found === undefined) return undefined;
  const [batch, channels, ...image] = found.dims;
  const [groups, ...rest] = split?.dims ?? [];
  if (found.groups[1] !== groups || typeof groups !== "number" || typeof channels !== "number")
    return undefined;
  if (rest.join() !== [batch, channels / groups, ...image].join()) return undefined;
  const at = Number(index.data[0]);
  const list = (value: number): string => {
    const data: TensorData = { dtype: "int64", dims: [1], data: BigInt64Array.of(BigInt(value)) };
    return edit.addConstant(`${node.outputs[0]}/list`, data);
  };
  const lists = [at < 0 ? at + groups : at, channels, 1, groups].map(list);
  const attributes = { starts: undefined, ends: undefined, axes: undefined };
  return { ...node, op: "Slice", opset: 13, attributes, inputs: [found.name, ...lists] };
}
