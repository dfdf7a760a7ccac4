import { axisRange } from "../../ops/normalization/softmax-op.ts";
import { elementCount } from "../../tensor.ts";
import { type Operand, physicalAxes } from "../context.ts";
import { follow } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { type Layouts, type Placed, placed, type Site } from "../site.ts";

interface Axis {
  readonly axis: number | undefined;
}

/** Sizes before, of and behind the normalised axes in the order in which the bytes lie; undefined where they are split. */
function physicalSplit(node: Placed<Axis>): [number, number, number] | undefined {
  const operand: Operand = node.input(0);
  const [begin, end] = axisRange(operand.dims.length, node.attributes.axis, node.opset);
  const axes = physicalAxes(operand);
  const chosen = axes.map((axis) => axis >= begin && axis < end);
  const first = chosen.indexOf(true);
  const last = chosen.lastIndexOf(true);
  const size = (from: number, to: number) =>
    elementCount(axes.slice(from, to).map((axis) => operand.dims[axis] as number));
  if (first < 0) return [size(0, axes.length), 1, 1];
  if (chosen.slice(first, last).includes(false)) return undefined;
  return [size(0, first), size(first, last + 1), size(last + 1, axes.length)];
}

const fitting = (site: Site<Axis>): readonly Layouts[] =>
  follow(site).filter((layouts) => physicalSplit(placed(site, layouts)) !== undefined);

/** `log` gives the logarithm of the softmax. */
export const softmax = (log: 0 | 1): Lowering<Axis, boolean> => ({
  name: "softmax",
  resolve: (site) => site.input(0).fact.dtype === "float32",
  layouts: fitting,
  inPlace: [0],
  emit(context) {
    const [outer, axis, inner] = physicalSplit(context) as [number, number, number];
    if (outer * axis * inner === 0) return;
    const [from, to] = [context.at(context.input(0)), context.at(context.output())];
    context.call("f32_softmax", from, to, outer, axis, inner, log);
  },
});
