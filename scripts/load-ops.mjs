// The op table as the scripts that write about it see it.
import { loadSource } from "./load-source.mjs";

const MODULES = [
  'export { OPS } from "./src/ops/index.ts";',
  'export { EXTRA_OPS } from "./src/ops/extra/index.ts";',
  'export { addLowerings, loweringsOf } from "./src/kernels/table.ts";',
  'export { EXTRA } from "./src/kernels/extra.ts";',
  'export { defaultAttributes } from "./src/ops/attributes.ts";',
  'export { inferNode } from "./src/ops/infer.ts";',
  'export { addDTypes, DTYPES } from "./src/dtype.ts";',
  'export { NARROW_DTYPES } from "./src/narrow.ts";',
  'export { addOps } from "./src/ops/table.ts";',
];

/**
 * Every operator that models may name, sorted by domain and name: `entry` is where browsers find it, `kernels` the names of
 * its lowerings, but for views, which do nothing.
 */
export async function loadOps() {
  const { OPS, EXTRA_OPS, NARROW_DTYPES, EXTRA, addDTypes, addOps, addLowerings, loweringsOf, ...rest } =
    await loadSource(MODULES);
  addDTypes(NARROW_DTYPES);
  addOps(EXTRA_OPS);
  addLowerings(EXTRA);
  const kernels = ({ domain = "", type }) =>
    loweringsOf({ domain, op: type }).flatMap(({ view, name }) => (view ? [] : [name]));
  const ops = [
    ...OPS.map((op) => ({ ...op, kernels: kernels(op), entry: "" })),
    ...EXTRA_OPS.map((op) => ({ ...op, kernels: kernels(op), entry: "all" })),
  ]
    .filter((op) => op.domain !== "lanewise")
    .sort((a, b) => (a.domain ?? "").localeCompare(b.domain ?? "") || a.type.localeCompare(b.type));
  return { ops, ...rest };
}
