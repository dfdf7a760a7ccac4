import { normalizeAxis } from "../graph/dims.ts";
import { concreteDims, type Fact, isConcrete, type Node } from "../graph/graph.ts";
import { toNumberArray } from "../ops/shared/elements.ts";

type FactOf = (name: string) => Fact | undefined;

/** Where a Split's or a Slice's outputs start along the one axis they cut; undefined where they are no plain windows. */
export function windowsOf(node: Node, factOf: FactOf): { axis: number; starts: number[] } | undefined {
  if (node.domain !== "") return undefined;
  const input = factOf(node.inputs[0] ?? "");
  if (!isConcrete(input)) return undefined;
  const dims = concreteDims(input);
  if (node.op === "Split") {
    const axis = normalizeAxis((node.attributes.axis as number | undefined) ?? 0, dims.length);
    const starts: number[] = [];
    let start = 0;
    for (const name of node.outputs) {
      const size = factOf(name)?.dims?.[axis];
      if (typeof size !== "number") return undefined;
      starts.push(start);
      start += size;
    }
    return { axis, starts };
  }
  return node.op === "Slice" ? sliceWindow(node, dims, factOf) : undefined;
}

function sliceWindow(
  node: Node,
  dims: readonly number[],
  factOf: FactOf,
): { axis: number; starts: number[] } | undefined {
  const output = factOf(node.outputs[0] ?? "");
  if (!isConcrete(output)) return undefined;
  const outputDims = concreteDims(output);
  const cut = dims.flatMap((dim, axis) => (dim === outputDims[axis] ? [] : [axis]));
  if (cut.length !== 1 || dims.length !== outputDims.length) return undefined;
  const list = (index: number, attribute: string): number[] | undefined => {
    const name = node.inputs[index];
    if (node.opset < 10) return node.attributes[attribute] as number[] | undefined;
    const data = name ? factOf(name)?.data : undefined;
    return data && toNumberArray(data);
  };
  const starts = list(1, "starts");
  if (starts === undefined) return undefined;
  if (node.opset >= 10 && node.inputs[3] && list(3, "axes") === undefined) return undefined;
  if (node.opset >= 10 && node.inputs[4] && !list(4, "steps")?.every((step) => step === 1)) return undefined;
  const axes = list(3, "axes") ?? starts.map((_, i) => i);
  const axis = cut[0] as number;
  const at = axes.findIndex((value) => normalizeAxis(value, dims.length) === axis);
  if (at < 0) return undefined;
  const size = dims[axis] as number;
  const start = starts[at] as number;
  return { axis, starts: [Math.min(Math.max(start < 0 ? start + size : start, 0), size)] };
}

/** The axis along which a Concat lays its inputs one after another. */
export function joinAxis(node: Node, factOf: FactOf): number | undefined {
  if (node.op !== "Concat" || node.domain !== "") return undefined;
  const rank = factOf(node.outputs[0] ?? "")?.dims?.length;
  if (rank === undefined) return undefined;
  return normalizeAxis((node.attributes.axis as number | undefined) ?? 1, rank);
}
