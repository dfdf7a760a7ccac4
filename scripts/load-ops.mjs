// The op table as the scripts that write about it see it.
import { loadSource } from "./load-source.mjs";

const MODULES = [
  'export { OPS } from "./src/ops/index.ts";',
  'export { EXTRA_OPS } from "./src/ops/extra/index.ts";',
  'export { defaultAttributes } from "./src/ops/attributes.ts";',
  'export { inferNode } from "./src/ops/infer.ts";',
  'export { addDTypes, DTYPES } from "./src/dtype.ts";',
  'export { NARROW_DTYPES } from "./src/narrow.ts";',
  'export { addOps } from "./src/ops/table.ts";',
];

/** Every operator that models may name, sorted by domain and name; `entry` is where browsers find it. */
export async function loadOps() {
  const { OPS, EXTRA_OPS, NARROW_DTYPES, addDTypes, addOps, ...rest } = await loadSource(MODULES);
  addDTypes(NARROW_DTYPES);
  addOps(EXTRA_OPS);
  const ops = [
    ...OPS.map((op) => ({ ...op, entry: "" })),
    ...EXTRA_OPS.map((op) => ({ ...op, entry: "all" })),
  ]
    .filter((op) => op.domain !== "lanewise")
    .sort((a, b) => (a.domain ?? "").localeCompare(b.domain ?? "") || a.type.localeCompare(b.type));
  return { ops, ...rest };
}
