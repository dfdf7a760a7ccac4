import type { Dim } from "../../graph/graph.ts";
import { spend } from "../../interruptible.ts";

/** The attributes that every sliding-window operator shares. */
export interface WindowAttributes {
  readonly autoPad: string;
  readonly strides: readonly number[] | undefined;
  readonly pads: readonly number[] | undefined;
  readonly dilations?: readonly number[] | undefined;
  /** Given by pools only. */
  readonly ceilMode?: number;
}

/** A sliding window with every number settled; one entry for each spatial axis. */
export interface Window {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly kernelShape: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
}

interface Failing {
  fail(message: string): never;
}

const AUTO_PADS = ["NOTSET", "", "VALID", "SAME_UPPER", "SAME_LOWER"];

interface AxisWindow {
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
}

/** The explicit attributes of each axis, with ONNX's defaults; checks their lengths and ranges. */
function axisAttributes(context: Failing, rank: number, attributes: WindowAttributes): AxisWindow[] {
  const { autoPad, strides, pads, dilations } = attributes;
  if (!AUTO_PADS.includes(autoPad)) {
    context.fail(`auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER, got ${JSON.stringify(autoPad)}`);
  }
  const sized = (name: string, values: readonly number[] | undefined, length: number, least: number) => {
    if (values === undefined || values.length === 0) return undefined;
    if (values.length !== length) {
      context.fail(`${name} needs ${length} values for ${rank} spatial axes, got [${values}]`);
    }
    if (values.some((value) => value < least))
      context.fail(`${name} must be at least ${least}, got [${values}]`);
    return values;
  };
  const steps = sized("strides", strides, rank, 1);
  const gaps = sized("dilations", dilations, rank, 1);
  const explicit = sized("pads", pads, 2 * rank, 0);
  return Array.from({ length: rank }, (_, axis) => ({
    stride: steps?.[axis] ?? 1,
    dilation: gaps?.[axis] ?? 1,
    begin: explicit?.[axis] ?? 0,
    end: explicit?.[axis + rank] ?? 0,
  }));
}

/**
 * One axis: `[padBegin, padEnd, output]`. With ceil_mode, a window that would start in the end padding is dropped
 * (https://onnx.ai/onnx/operators/onnx__MaxPool.html). A pool's window larger than the padded input by less than its
 * stride gives one output: by ceil_mode's formula, and with floor too, where the formula gives none, because onnxruntime
 * rounds towards zero and models were published that count on it (PaddleOCR's classifier on low images).
 */
function settleAxis(
  context: Failing,
  { autoPad, ceilMode }: WindowAttributes,
  input: number,
  kernel: number,
  axis: AxisWindow,
): [number, number, number] {
  const { stride, dilation } = axis;
  const extent = (kernel - 1) * dilation + 1;
  if (!Number.isSafeInteger(input + stride + extent + axis.begin + axis.end)) {
    context.fail(
      `a window of ${extent} in steps of ${stride} over ${input} + pads ${axis.begin} + ${axis.end} is beyond counting`,
    );
  }
  if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") {
    const output = Math.ceil(input / stride);
    const needed = (output - 1) * stride + extent - input;
    // A window shorter than its stride can leave a rest: a convolution ignores it, a pool's text gives it negative pads.
    const total = ceilMode === undefined ? Math.max(0, needed) : needed;
    const begin = Math.trunc((autoPad === "SAME_UPPER" ? total : total + 1) / 2);
    return [begin, total - begin, output];
  }
  const [begin, end] = autoPad === "VALID" ? [0, 0] : [axis.begin, axis.end];
  const room = input + begin + end - extent;
  if (room < 0 && (ceilMode === undefined || room <= -stride)) {
    if (input === 0) return [begin, end, 0];
    context.fail(
      `a window of ${extent} (kernel ${kernel}, dilation ${dilation}) does not fit in ${input} + pads ${begin} + ${end}`,
    );
  }
  let output = Math.trunc(room / stride) + 1;
  if (ceilMode === 1 && room > 0 && room % stride !== 0 && output * stride < input + begin) output++;
  return [begin, end, output];
}

/** The window of a node whose sizes are known: pads by auto_pad, strides and dilations filled in, output sizes. */
export function resolveWindow(
  context: Failing,
  inputs: readonly number[],
  kernelShape: readonly number[],
  attributes: WindowAttributes,
): Window {
  const rank = inputs.length;
  if (kernelShape.length !== rank) {
    context.fail(`kernel_shape needs ${rank} sizes for ${rank} spatial axes, got [${kernelShape}]`);
  }
  if (kernelShape.some((size) => size < 1))
    context.fail(`kernel_shape must be at least 1, got [${kernelShape}]`);
  const axes = axisAttributes(context, rank, attributes);
  const settled = axes.map((axis, i) =>
    settleAxis(context, attributes, inputs[i] as number, kernelShape[i] as number, axis),
  );
  return {
    inputs,
    kernelShape,
    strides: axes.map((axis) => axis.stride),
    dilations: axes.map((axis) => axis.dilation),
    padsBegin: settled.map(([begin]) => begin),
    padsEnd: settled.map(([, end]) => end),
    outputs: settled.map(([, , output]) => output),
  };
}

/** Output sizes of a window over sizes that may be symbols. A symbol survives where the window keeps the size. */
export function inferWindow(
  context: Failing,
  inputs: readonly Dim[],
  kernelShape: readonly Dim[],
  attributes: WindowAttributes,
): Dim[] {
  if (kernelShape.length !== inputs.length) {
    context.fail(
      `kernel_shape needs ${inputs.length} sizes for ${inputs.length} spatial axes, got [${kernelShape}]`,
    );
  }
  const axes = axisAttributes(context, inputs.length, attributes);
  return inputs.map((input, i) => {
    const axis = axes[i] as AxisWindow;
    const kernel = kernelShape[i] as Dim;
    const same = attributes.autoPad === "SAME_UPPER" || attributes.autoPad === "SAME_LOWER";
    if (same && typeof input === "string") return axis.stride === 1 ? input : "?";
    if (typeof kernel === "string") return "?";
    if (kernel < 1) context.fail(`kernel_shape must be at least 1, got [${kernelShape}]`);
    if (typeof input === "number") {
      return settleAxis(context, attributes, input, kernel, axis)[2];
    }
    const pads = attributes.autoPad === "VALID" ? 0 : axis.begin + axis.end;
    return axis.stride === 1 && pads === (kernel - 1) * axis.dilation ? input : "?";
  });
}

/** The taps of a window that lie inside the input along one axis: the first, where it lies, and how many there are. */
interface InsideTaps {
  readonly first: number;
  readonly start: number;
  readonly count: number;
}

/** Those of each output position along an axis. */
function tapsInside(window: Window, axis: number): InsideTaps[] {
  const [kernel, stride, dilation, begin, size] = [
    window.kernelShape,
    window.strides,
    window.dilations,
    window.padsBegin,
    window.inputs,
  ].map((values) => values[axis]) as [number, number, number, number, number];
  return Array.from({ length: window.outputs[axis] as number }, (_, i) => {
    const start = i * stride - begin;
    const first = start < 0 ? Math.ceil(-start / dilation) : 0;
    const end = Math.min(kernel, Math.ceil((size - start) / dilation));
    return { first, count: Math.max(0, end - first), start: start + first * dilation };
  });
}

/**
 * Calls `visit` for every output position in row-major order, with the taps of its window that lie inside the input:
 * `taps[i]` is the index within the kernel (where it has fewer than 2^31 taps, as all have that are weights),
 * `offsets[i]` the element within one row-major input plane. The arrays are reused from call to call. Taps outside the
 * input cost nothing, however many there are.
 */
export function forEachWindow(
  window: Window,
  visit: (position: number, count: number, taps: Int32Array, offsets: Int32Array) => void,
): void {
  const { inputs, outputs, kernelShape, dilations } = window;
  const inside = outputs.map((_, axis) => tapsInside(window, axis));
  const positions = outputs.reduce((a, b) => a * b, 1);
  const most = inside.reduce((room, axis) => room * axis.reduce((a, { count }) => Math.max(a, count), 0), 1);
  const taps = new Int32Array(most);
  const offsets = new Int32Array(most);
  for (let position = 0; position < positions; position++) {
    let rest = position;
    let count = 1;
    let tapStep = 1;
    let step = 1;
    taps[0] = 0;
    offsets[0] = 0;
    // From the innermost axis out, each one repeats what is there as often as it has taps.
    for (let axis = outputs.length - 1; axis >= 0; axis--) {
      const size = outputs[axis] as number;
      const own = inside[axis]?.[rest % size] as InsideTaps;
      rest = Math.floor(rest / size);
      for (let k = own.count - 1; k >= 0; k--) {
        const tap = (own.first + k) * tapStep;
        const offset = (own.start + k * (dilations[axis] as number)) * step;
        for (let i = 0; i < count; i++) {
          taps[k * count + i] = (taps[i] as number) + tap;
          offsets[k * count + i] = (offsets[i] as number) + offset;
        }
      }
      count *= own.count;
      tapStep *= kernelShape[axis] as number;
      step *= inputs[axis] as number;
    }
    spend(count);
    visit(position, count, taps, offsets);
  }
}
