import { mapDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import type { Window } from "../shared/window.ts";

/** The attributes that say where a transposed convolution puts its output. */
export interface TransposedAttributes {
  readonly autoPad: string;
  readonly dilations: readonly number[] | undefined;
  readonly outputPadding: readonly number[] | undefined;
  readonly outputShape: readonly number[] | undefined;
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
}

interface Failing {
  fail(message: string): never;
}

/** One axis: `[padBegin, padEnd, output]`. */
function settleAxis(
  context: Failing,
  attributes: TransposedAttributes,
  rank: number,
  axis: number,
  input: number,
  kernel: number,
): [number, number, number] {
  const { autoPad, pads } = attributes;
  const stride = attributes.strides?.[axis] ?? 1;
  const extent = (kernel - 1) * (attributes.dilations?.[axis] ?? 1) + 1;
  const full = stride * (input - 1) + (attributes.outputPadding?.[axis] ?? 0) + extent;
  if (!Number.isSafeInteger(full + stride)) context.fail(`an output of ${full} is beyond counting`);
  const same = autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER";
  // Some exporters write the batch and the channels into output_shape too.
  const wanted =
    attributes.outputShape?.at(axis - rank) ?? (same ? Math.min(full, input * stride) : undefined);
  if (wanted === undefined) {
    const [begin, end] = autoPad === "VALID" ? [0, 0] : [pads?.[axis] ?? 0, pads?.[axis + rank] ?? 0];
    return [begin, end, full - begin - end];
  }
  const total = Math.max(0, full - wanted);
  const less = Math.floor(total / 2);
  const begin = autoPad === "SAME_UPPER" ? less : total - less;
  return [begin, total - begin, wanted];
}

function check(
  context: Failing,
  rank: number,
  kernel: readonly Dim[],
  attributes: TransposedAttributes,
): void {
  const { autoPad, outputShape, ...lists } = attributes;
  if (!["NOTSET", "", "VALID", "SAME_UPPER", "SAME_LOWER"].includes(autoPad)) {
    context.fail(`auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER, got ${JSON.stringify(autoPad)}`);
  }
  if (kernel.length !== rank)
    context.fail(`kernel_shape needs ${rank} sizes for ${rank} spatial axes, got [${kernel}]`);
  const sized = (name: string, values: readonly number[] | undefined, length: number, least: number) => {
    if (values === undefined || values.length === 0) return;
    if (values.length !== length)
      context.fail(`${name} needs ${length} values for ${rank} spatial axes, got [${values}]`);
    if (values.some((value) => value < least))
      context.fail(`${name} must be at least ${least}, got [${values}]`);
  };
  sized("strides", lists.strides, rank, 1);
  sized("dilations", lists.dilations, rank, 1);
  sized("output_padding", lists.outputPadding, rank, 0);
  sized("pads", lists.pads, 2 * rank, 0);
  if (outputShape !== undefined && outputShape.length !== rank && outputShape.length !== rank + 2) {
    context.fail(`output_shape needs ${rank} sizes, got [${outputShape}]`);
  }
}

/**
 * The convolution that a transposed one undoes: its inputs are the output sizes, its outputs the input sizes
 * (https://onnx.ai/onnx/operators/onnx__ConvTranspose.html).
 */
export function transposedWindow(
  context: Failing,
  inputs: readonly number[],
  kernelShape: readonly number[],
  attributes: TransposedAttributes,
): Window {
  const rank = inputs.length;
  check(context, rank, kernelShape, attributes);
  const settled = inputs.map((input, axis) =>
    settleAxis(context, attributes, rank, axis, input, kernelShape[axis] as number),
  );
  const bad = settled.find(([, , output]) => output < 0);
  if (bad !== undefined) context.fail(`pads ${bad[0]} and ${bad[1]} leave less than nothing of the output`);
  const filled = (values: readonly number[] | undefined) => inputs.map((_, axis) => values?.[axis] ?? 1);
  return {
    inputs: settled.map(([, , output]) => output),
    outputs: inputs,
    kernelShape,
    strides: filled(attributes.strides),
    dilations: filled(attributes.dilations),
    padsBegin: settled.map(([begin]) => begin),
    padsEnd: settled.map(([, end]) => end),
  };
}

/** Output sizes where input sizes may be symbols. */
export function inferTransposed(
  context: Failing,
  inputs: readonly Dim[],
  kernelShape: readonly Dim[],
  attributes: TransposedAttributes,
): Dim[] {
  const rank = inputs.length;
  check(context, rank, kernelShape, attributes);
  return inputs.map((input, axis) => {
    const wanted = attributes.outputShape?.at(axis - rank);
    if (wanted !== undefined) return wanted;
    return mapDims(
      (size, kernel) => settleAxis(context, attributes, rank, axis, size, kernel)[2],
      input,
      kernelShape[axis] as Dim,
    );
  });
}
