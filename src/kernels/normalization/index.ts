import type { Lowerings } from "../lowering.ts";
import { batchNorm } from "./batch.ts";
import { lrn } from "./lrn.ts";
import { groupNorm, instanceNorm, layerNorm } from "./rows.ts";
import { softmax } from "./softmax.ts";

export const NORMALIZATION: Lowerings = {
  BatchNormalization: [batchNorm],
  GroupNormalization: [groupNorm],
  InstanceNormalization: [instanceNorm],
  LRN: [lrn],
  LayerNormalization: [layerNorm],
  LogSoftmax: [softmax(1)],
  Softmax: [softmax(0)],
};
