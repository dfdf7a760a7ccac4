import { extraKernels } from "#extra-kernels";
import { addDTypes } from "./dtype.ts";
import { EXTRA } from "./kernels/extra.ts";
import { addLowerings } from "./kernels/table.ts";
import { NARROW_DTYPES } from "./narrow.ts";
import { EXTRA_OPS } from "./ops/extra.ts";
import { addOps } from "./ops/table.ts";
import { modulesOf } from "./runtime/carried-modules.ts";
import { addKernels } from "./runtime/kernels.ts";

const EXTRA_MODULES = /* @__PURE__ */ modulesOf(extraKernels);

/** Adds what the browser's default entry does without: operators beyond vision, their kernels, and narrow dtypes. */
export function addExtra(): void {
  addOps(EXTRA_OPS);
  addLowerings(EXTRA);
  addKernels(EXTRA_MODULES);
  addDTypes(NARROW_DTYPES);
}
