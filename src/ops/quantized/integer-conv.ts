import { spend } from "../../interruptible.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { type Numbers, toNumbers } from "../shared/elements.ts";
import type { Window } from "../shared/window.ts";

/** One spatial axis; the missing ones of three have size 1. */
interface Axis {
  readonly input: number;
  readonly output: number;
  readonly stride: number;
  readonly taps: readonly Tap[];
}

/** The outputs `[first, end)` for which a tap reads the input, and where it does so for output 0. */
interface Tap {
  readonly first: number;
  readonly end: number;
  readonly start: number;
}

function axisOf(window: Window, axis: number): Axis {
  const at = (values: readonly number[], missing: number): number =>
    axis < 0 ? missing : (values[axis] as number);
  const [input, output, stride] = [at(window.inputs, 1), at(window.outputs, 1), at(window.strides, 1)];
  const taps = Array.from({ length: at(window.kernelShape, 1) }, (_, k) => {
    const start = k * at(window.dilations, 1) - at(window.padsBegin, 0);
    const first = Math.max(0, Math.ceil(-start / stride));
    return { first, end: Math.max(first, Math.min(output, Math.ceil((input - start) / stride))), start };
  });
  return { input, output, stride, taps };
}

/** The three axes; a convolution of single pixels runs through each plane as through one row. */
function axesOf(window: Window): [Axis, Axis, Axis] {
  const flat =
    [...window.kernelShape, ...window.strides].every((size) => size === 1) &&
    window.inputs.join() === window.outputs.join() &&
    window.padsBegin.every((pad) => pad === 0);
  if (flat) {
    const plane = elementCount(window.inputs);
    const one = { input: 1, output: 1, stride: 1, taps: [{ first: 0, end: 1, start: 0 }] };
    return [one, one, { ...one, input: plane, output: plane, taps: [{ first: 0, end: plane, start: 0 }] }];
  }
  const rank = window.inputs.length;
  return [axisOf(window, rank - 3), axisOf(window, rank - 2), axisOf(window, rank - 1)];
}

/** sums[to + i] += Σ weights[w + c·taps]·image[at + c·plane + i·step] over `channels`, four at a time. */
function addRow(
  sums: Int32Array,
  to: number,
  count: number,
  image: Int16Array,
  at: number,
  plane: number,
  step: number,
  weights: Int16Array,
  w: number,
  taps: number,
  channels: number,
): void {
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    const w0 = weights[w] as number;
    const w1 = weights[w + taps] as number;
    const w2 = weights[w + 2 * taps] as number;
    const w3 = weights[w + 3 * taps] as number;
    let a0 = at;
    let a1 = at + plane;
    let a2 = at + 2 * plane;
    let a3 = at + 3 * plane;
    for (let i = to; i < to + count; i++) {
      sums[i] =
        ((sums[i] as number) +
          Math.imul(w0, image[a0] as number) +
          Math.imul(w1, image[a1] as number) +
          Math.imul(w2, image[a2] as number) +
          Math.imul(w3, image[a3] as number)) |
        0;
      a0 += step;
      a1 += step;
      a2 += step;
      a3 += step;
    }
    at += 4 * plane;
    w += 4 * taps;
  }
  for (; c < channels; c++) {
    const weight = weights[w] as number;
    let a = at;
    for (let i = to; i < to + count; i++) {
      sums[i] = ((sums[i] as number) + Math.imul(weight, image[a] as number)) | 0;
      a += step;
    }
    at += plane;
    w += taps;
  }
}

/** A zero point: one for all, or (weights) one for each output channel. */
const zeroAt = (zeros: Numbers | undefined, channel: number): number =>
  zeros === undefined ? 0 : (zeros[zeros.length === 1 ? 0 : channel] as number);

/**
 * The convolution of 8-bit tensors, x[N, C, …] by w[M, C/group, …] less their zero points, summed in int32: [N, M, …].
 * One to three spatial axes.
 */
export function integerConv(
  x: TensorData,
  w: TensorData,
  xZero: TensorData | undefined,
  wZero: TensorData | undefined,
  window: Window,
  group: number,
): Int32Array {
  const [depth, height, width] = axesOf(window);
  const [batch, inC] = x.dims as [number, number];
  const [outC, perGroup] = w.dims as [number, number];
  const [inPlane, outPlane, taps] = [window.inputs, window.outputs, window.kernelShape].map(elementCount) as [
    number,
    number,
    number,
  ];
  const xOffset = zeroAt(xZero && toNumbers(xZero), 0);
  const image = new Int16Array(toNumbers(x));
  for (let i = 0; i < image.length; i++) image[i] = (image[i] as number) - xOffset;
  const wZeros = wZero && toNumbers(wZero);
  const weights = new Int16Array(toNumbers(w));
  for (let i = 0; i < weights.length; i++)
    weights[i] = (weights[i] as number) - zeroAt(wZeros, Math.floor(i / (perGroup * taps)));
  const sums = new Int32Array(batch * outC * outPlane);
  const reads = depth.taps.flatMap((z) =>
    height.taps.flatMap((y) => width.taps.map((x) => [z, y, x] as const)),
  );
  for (let nm = 0; nm < batch * outC; nm++) {
    const m = nm % outC;
    const firstC = Math.floor(nm / outC) * inC + Math.floor(m / (outC / group)) * perGroup;
    reads.forEach(([tz, ty, tx], k) => {
      spend((tz.end - tz.first) * (ty.end - ty.first) * (tx.end - tx.first) * perGroup);
      for (let z = tz.first; z < tz.end; z++) {
        const plane = firstC * inPlane + (tz.start + z * depth.stride) * height.input * width.input;
        for (let y = ty.first; y < ty.end; y++) {
          const row = plane + (ty.start + y * height.stride) * width.input;
          addRow(
            sums,
            (nm * outPlane + (z * height.output + y) * width.output + tx.first) | 0,
            (tx.end - tx.first) | 0,
            image,
            (row + tx.start + tx.first * width.stride) | 0,
            inPlane,
            width.stride,
            weights,
            m * perGroup * taps + k,
            taps,
            perGroup,
          );
        }
      }
    });
  }
  return sums;
}
