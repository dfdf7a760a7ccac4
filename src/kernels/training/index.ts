import { convTranspose } from "../conv/conv-transpose.ts";
import type { Lowerings } from "../lowering.ts";
import { activationGradient, reluGradient } from "./activation.ts";
import { batchNormalizationGradient, batchNormalizationTraining } from "./batch-normalization.ts";
import {
  channelSum,
  convWeightGradient,
  depthwiseWeightGradient,
  winogradInputGradient,
} from "./convolution.ts";
import { dropoutMask, gradientNorm, softmaxCrossEntropy } from "./loss.ts";
import { averagePoolGradient, maxPoolGradient } from "./pool.ts";
import { adamUpdate, rmsPropUpdate, sgdUpdate } from "./updates.ts";

/** What backward passes and updates are made of. In browsers only lanewise/train has them. */
export const TRAINING: Lowerings = {
  "lanewise:ActivationGradient": [activationGradient],
  "lanewise:AdamUpdate": [adamUpdate],
  "lanewise:AveragePoolGradient": [averagePoolGradient],
  "lanewise:BatchNormalizationGradient": [batchNormalizationGradient],
  "lanewise:BatchNormalizationTraining": [batchNormalizationTraining],
  "lanewise:ChannelSum": [channelSum],
  "lanewise:ConvInputGradient": [winogradInputGradient, convTranspose],
  "lanewise:ConvWeightGradient": [depthwiseWeightGradient, convWeightGradient],
  "lanewise:DropoutMask": [dropoutMask],
  "lanewise:GradientNorm": [gradientNorm],
  "lanewise:MaxPoolGradient": [maxPoolGradient],
  "lanewise:ReluGradient": [reluGradient],
  "lanewise:RmsPropUpdate": [rmsPropUpdate],
  "lanewise:SgdUpdate": [sgdUpdate],
  "lanewise:SoftmaxCrossEntropy": [softmaxCrossEntropy],
};
