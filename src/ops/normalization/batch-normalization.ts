import { isFloat } from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import type { Dim, Fact } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, factOf, float, int, ints, placesOf, sameAs } from "../define.ts";
import { checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { activate } from "../elementwise/fused-activation.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";

export interface BatchNormAttributes {
  readonly epsilon: number;
  readonly trainingMode: number;
  readonly isTest: number;
  readonly spatial: number;
}

interface Mode {
  readonly attributes: BatchNormAttributes;
  readonly opset: number;
  readonly outputCount: number;
}

/** Whether channels are scaled and shifted by the statistics that they come with. */
export const isAtRest = (mode: Mode): boolean =>
  !isTraining(mode) && mode.outputCount === 1 && !isPerActivation(mode.opset, mode.attributes);

/** Opset 14 says it by attribute; before, more than one output asks for training. */
const isTraining = ({ attributes, opset, outputCount }: Mode): boolean =>
  opset >= 14 ? attributes.trainingMode !== 0 : outputCount > 1 && attributes.isTest === 0;

/** How the elements of x share statistics: `x` is `[batch][features][run]`. */
function layoutOf(
  dims: readonly number[],
  perActivation: boolean,
): [batch: number, features: number, run: number] {
  if (dims.length < 2) return [dims[0] ?? 1, 1, 1];
  const [batch, channels, ...spatial] = dims as [number, number, ...number[]];
  const plane = elementCount(spatial);
  return perActivation ? [batch, channels * plane, 1] : [batch, channels, plane];
}

/** Whether each element of a feature has statistics of its own. */
const isPerActivation = (opset: number, attributes: BatchNormAttributes): boolean =>
  opset < 9 && attributes.spatial === 0;

const INPUTS = ["x", "scale", "b", "mean", "var"] as const;
export const BATCH_NORM = placesOf(INPUTS);

/**
 * BatchNormalization: (x - mean) / √(var + epsilon) · scale + b for each channel; in training mode with the batch's own
 * statistics, which also move the running ones.
 * https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
 */
export const batchNormalization = defineOp({
  type: "BatchNormalization",
  since: [1, 6, 7, 9, 14, 15],
  inputs: INPUTS,
  outputs: ["y", "running_mean?", "running_var?", "saved_mean?", "saved_var?"],
  attributes: {
    consumedInputs: ints(),
    epsilon: float(1e-5),
    isTest: int(0),
    momentum: float(0.9),
    spatial: int(1),
    trainingMode: int(0),
  },
  epilogue: true,
  receptiveField: atOwnPlace,

  infer(context) {
    const { x, mean } = context.facts();
    if (!isFloat(x.dtype)) context.failType(`x must be a float tensor, got ${x.dtype}`);
    for (const i of [1, 2, 3, 4]) checkDType(context, `input ${i}`, context.fact(i).dtype, FLOATS);
    const channels: Dim = x.dims === undefined ? "?" : x.dims.length < 2 ? 1 : (x.dims[1] as Dim);
    if (!isPerActivation(context.opset, context.attributes)) {
      for (const [i, name] of ["scale", "b", "mean", "var"].entries()) {
        const dims = context.dims(i + 1);
        if (dims === undefined) continue;
        const clash = typeof channels === "number" && typeof dims[0] === "number" && dims[0] !== channels;
        if (dims.length !== 1 || clash) context.fail(`${name} needs [${channels}], got ${showDims(dims)}`);
      }
    }
    const facts: Fact[] = [sameAs(x)];
    const statistics = factOf(mean.dtype, mean.dims ?? [channels]);
    while (facts.length < context.outputCount) facts.push(statistics);
    return facts;
  },

  evaluate(context) {
    const { x, scale, b, mean, var: variance } = context.tensors();
    const { epsilon, momentum } = context.attributes;
    const shape = layoutOf(x.dims, isPerActivation(context.opset, context.attributes));
    const training = isTraining(context);
    const source = toNumbers(x);
    const moments: Moments = training
      ? batchMoments(source, shape)
      : { mean: toNumbers(mean), variance: toNumbers(variance) };
    const factors = factorsOf(toNumbers(scale), moments.variance, epsilon);
    const shift = toNumbers(b);
    const [batch, features, run] = shape;
    const result = new Float64Array(source.length);
    for (let row = 0; row < batch * features; row++) {
      const f = row % features;
      const [centre, factor, offset] = [moments.mean[f], factors[f], shift[f]] as [number, number, number];
      for (let i = row * run; i < (row + 1) * run; i++)
        result[i] = ((source[i] as number) - centre) * factor + offset;
    }
    activate(context.node.activation, result);
    const y = fromNumbers(x.dtype, x.dims, result);
    if (context.outputCount === 1) return [y];
    const moved = (running: TensorData, current: ArrayLike<number>) =>
      fromNumbers(
        running.dtype,
        running.dims,
        Array.from(toNumbers(running), (old, i) =>
          training ? old * momentum + (current[i] as number) * (1 - momentum) : old,
        ),
      );
    const saved = (values: ArrayLike<number>) => fromNumbers(mean.dtype, mean.dims, values);
    return [
      y,
      moved(mean, moments.mean),
      moved(variance, moments.variance),
      saved(moments.mean),
      saved(moments.variance),
    ].slice(0, context.outputCount);
  },
});

interface Moments {
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
}

/** Mean and population variance of each feature over batch and run. */
function batchMoments(x: ArrayLike<number>, [batch, features, run]: [number, number, number]): Moments {
  const mean = new Float64Array(features);
  const variance = new Float64Array(features);
  const count = batch * run;
  for (let row = 0; row < batch * features; row++) {
    const f = row % features;
    for (let i = row * run; i < (row + 1) * run; i++)
      mean[f] = (mean[f] as number) + (x[i] as number) / count;
  }
  for (let row = 0; row < batch * features; row++) {
    const f = row % features;
    for (let i = row * run; i < (row + 1) * run; i++) {
      variance[f] = (variance[f] as number) + ((x[i] as number) - (mean[f] as number)) ** 2 / count;
    }
  }
  return { mean, variance };
}

export const factorsOf = (scale: ArrayLike<number>, variance: ArrayLike<number>, epsilon: number) =>
  Float64Array.from(scale, (factor, i) => factor / Math.sqrt((variance[i] as number) + epsilon));
