// Lowerings that still stand beside their operator's meaning, as the table's.
import type { Layout } from "../graph/graph.ts";
import type { Op } from "../ops/define.ts";
import { facetContext } from "../ops/facets.ts";
import { BeyondInt32 } from "../ops/kernel-arguments.ts";
import type { LowerContext, Operand } from "../ops/lowering.ts";
import { canBeChannelsLast, follow } from "./layouts.ts";
import type { Layouts, Lowering } from "./lowering.ts";
import type { Known, Site } from "./site.ts";

const known = new WeakMap<Op, readonly Lowering[]>();

export function adapted(op: Op): readonly Lowering[] {
  const own = known.get(op) ?? (op.lower === undefined || op.lower.length === 0 ? [] : [adapt(op)]);
  known.set(op, own);
  return own;
}

const RM: Layouts = { inputs: [], outputs: [] };

function variants(op: Op, site: Site): readonly Layouts[] {
  const facts = new Map(
    [...site.inputs, ...site.outputs].flatMap((v) => (v ? [[v.name, v.fact] as const] : [])),
  );
  const rule =
    typeof op.layout === "function"
      ? op.layout(facetContext(site.node, (name) => facts.get(name)))
      : (op.layout ?? "rowMajor");
  if (typeof rule === "object") return [rule];
  const [x, y] = [site.inputs[0], site.outputs[0]];
  if (rule === "rowMajor" || y === undefined || !canBeChannelsLast(y.fact)) return [RM];
  if (rule === "follow") return follow(site);
  if (x === undefined || !canBeChannelsLast(x.fact)) return [RM];
  const residual = site.inputs[3];
  const image =
    residual !== undefined && residual.fact.data === undefined && residual.dims.join() === y.dims.join();
  return [
    {
      inputs: image ? ["channelsLast", "rowMajor", "rowMajor", "channelsLast"] : ["channelsLast"],
      outputs: ["channelsLast"],
    },
  ];
}

const placed = (value: Known, layout: Layout): Operand => ({
  ...value,
  layout,
  pixelStride: layout === "channelsLast" ? (value.dims[1] as number) : 0,
});

function contextOf(site: Site, layouts: Layouts): LowerContext<never> {
  const inputs = site.inputs.map((value, i) => value && placed(value, layouts.inputs[i] ?? "rowMajor"));
  const outputs = site.outputs.map((value, i) => placed(value, layouts.outputs[i] ?? "rowMajor"));
  const at = (value: Operand | undefined) =>
    value === undefined ? 0 : { buffer: value.name as unknown as number, offsetBytes: 0 };
  return {
    node: site.node,
    attributes: site.attributes,
    opset: site.opset,
    parts: site.parts,
    winograd: site.winograd,
    training: site.training,
    fail: (message: string) => site.fail(message),
    inputs,
    outputs,
    at,
    input: (i: number) => inputs[i],
    output: (i = 0) => outputs[i],
  } as unknown as LowerContext<never>;
}

function adapt(op: Op): Lowering {
  const lower = op.lower ?? [];
  const fitting = (site: Site): readonly Layouts[] =>
    variants(op, site).filter((layouts) => lower.some((entry) => entry.when(contextOf(site, layouts))));
  return {
    name: "adapted",
    resolve: (site) => fitting(site).length > 0,
    layouts: fitting,
    apart: () => op.strided === true,
    ...(op.inPlace && { inPlace: op.inPlace }),
    ...(op.inPlaceOf && { inPlaceOf: op.inPlaceOf }),
    emit(context) {
      const entry = lower.find((one) => one.when(context as never));
      if (entry === undefined) throw new BeyondInt32();
      entry.lower(context as never);
    },
  };
}
