// The op table as the scripts that write about it see it.
import { loadSource } from "./load-source.mjs";

const MODULES = [
  'export { OPS } from "./src/ops/index.ts";',
  'export { EXTRA_OPS } from "./src/ops/extra.ts";',
  'export { addExtra } from "./src/extra.ts";',
  'export { loweringsOf } from "./src/kernels/table.ts";',
  'export { defaultAttributes } from "./src/ops/attributes.ts";',
  'export { inferNode } from "./src/ops/infer.ts";',
  'export { DTYPES } from "./src/dtype.ts";',
];

/**
 * Every operator that models may name, sorted by domain and name: `entry` is where browsers find it, `kernels` the names of
 * its lowerings, but for views, which do nothing.
 */
export async function loadOps() {
  const { OPS, EXTRA_OPS, addExtra, loweringsOf, ...rest } = await loadSource(MODULES);
  addExtra();
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
