import { trainingKernels } from "#training-kernels";
import { expandBy } from "../compile.ts";
import { addExtra } from "../extra.ts";
import { addLowerings } from "../kernels/table.ts";
import { TRAINING } from "../kernels/training/index.ts";
import { addOps } from "../ops/table.ts";
import { TRAIN_OPS } from "../ops/training.ts";
import { modulesOf } from "../runtime/carried-modules.ts";
import { addKernels } from "../runtime/kernels.ts";
import { addMainKernels } from "../runtime/own-kernels.ts";
import { gradientNodes } from "./gradient-nodes.ts";

const TRAINING_MODULES = /* @__PURE__ */ modulesOf(trainingKernels);

/** Adds what training takes: the nodes of backward passes and updates, their kernels, and all that networks may hold. */
export function addTraining(): void {
  addExtra();
  addOps(TRAIN_OPS);
  addLowerings(TRAINING);
  addMainKernels(undefined);
  addKernels(TRAINING_MODULES);
  expandBy(gradientNodes);
}
