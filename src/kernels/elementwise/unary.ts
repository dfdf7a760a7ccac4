import type { FusedActivation } from "../../graph/graph.ts";
import { slopeDims } from "../../ops/elementwise/p-relu.ts";
import { activationOf } from "../../ops/facets.ts";
import { elementCount } from "../../tensor.ts";
import type { Operand } from "../context.ts";
import { type UnaryCode, unaryCode } from "../contract.ts";
import { follow } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { type Layouts, type Placed, placed, type Site } from "../site.ts";
import { emitUnary, float32Operands, pairedRows, sameSizes } from "./rows.ts";

/** Whatever its operator calls an activation, on float32. */
export const unary: Lowering<unknown, FusedActivation> = {
  name: "f32_unary",
  resolve(site) {
    if (!float32Operands(site) || !sameSizes(site.input(0), site.output())) return undefined;
    return activationOf(site.node, (name) => site.inputs.find((value) => value?.name === name)?.fact);
  },
  layouts: follow,
  apart: () => true,
  inPlace: [0],
  emit(context, { kind, alpha, beta }) {
    const code: UnaryCode = unaryCode[kind as keyof typeof unaryCode];
    emitUnary(context, code, alpha, beta, context.input(0), context.output());
  },
};

const fitting = (site: Site): readonly Layouts[] =>
  follow(site).filter((layouts) => columnsOf(placed(site, layouts)) !== undefined);

/** A slope for each place of the innermost axis. */
export const pRelu: Lowering<unknown, boolean> = {
  name: "f32_prelu",
  resolve: float32Operands,
  layouts: fitting,
  apart: () => true,
  inPlace: [0],
  emit(context) {
    const [x, slope, y] = [context.input(0), context.input(1), context.output()];
    const count = elementCount(x.dims);
    const columns = columnsOf(context) as number;
    if (count === 0) return;
    const [rows, ldx, ldy] =
      x.layout === "channelsLast" ? channelRows(x, y) : [count / columns, columns, columns];
    context.call("f32_prelu", context.at(x), ldx, context.at(slope), context.at(y), ldy, rows, columns);
  },
};

function channelRows(x: Operand, y: Operand): [number, number, number] {
  const channels = x.dims[1] as number;
  const [rows, cols, ldx, ldy] = pairedRows(x, y);
  return cols === channels ? [rows, ldx, ldy] : [(rows * cols) / channels, channels, channels];
}

/** The slope's length, where it runs along the axis that lies innermost and nothing else. */
function columnsOf(node: Placed): number | undefined {
  const x = node.input(0);
  const rank = x.dims.length;
  const own = slopeDims(node.opset, rank, node.input(1).dims);
  const axis = x.layout === "channelsLast" ? 1 : rank - 1;
  const size = x.dims[axis];
  const fits =
    size !== undefined && own.every((dim, i) => dim === (i === axis - rank + own.length ? size : 1));
  return fits && own.length > rank - 1 - axis ? size : undefined;
}
