import { elementCount, type TensorData } from "../../tensor.ts";
import { type Numbers, toNumbers } from "./elements.ts";
import type { Window } from "./spatial.ts";

/** Three spatial axes, the missing ones of size 1 in front: what the loops below run over. */
interface Volume {
  readonly inputs: readonly [number, number, number];
  readonly padded: readonly [number, number, number];
  readonly outputs: readonly [number, number, number];
  readonly kernel: readonly [number, number, number];
  readonly strides: readonly [number, number, number];
  readonly dilations: readonly [number, number, number];
  readonly begin: readonly [number, number, number];
}

type Triple = readonly [number, number, number];

function volumeOf(window: Window): Volume {
  const triple = (values: readonly number[], missing: number): Triple =>
    [...new Array<number>(3 - values.length).fill(missing), ...values] as unknown as Triple;
  const inputs = triple(window.inputs, 1);
  const begin = triple(window.padsBegin, 0);
  const end = triple(window.padsEnd, 0);
  return {
    inputs,
    begin,
    padded: inputs.map(
      (size, axis) => size + (begin[axis] as number) + (end[axis] as number),
    ) as unknown as Triple,
    outputs: triple(window.outputs, 1),
    kernel: triple(window.kernelShape, 1),
    strides: triple(window.strides, 1),
    dilations: triple(window.dilations, 1),
  };
}

/** One image's channels with the zero point taken off and zeros (which is what padding stands for) around. */
function padImage(
  x: Numbers,
  from: number,
  channels: number,
  zero: number,
  volume: Volume,
  target: Int16Array,
): void {
  const [depth, height, width] = volume.inputs;
  const [paddedDepth, paddedHeight, paddedWidth] = volume.padded;
  const [front, top, left] = volume.begin;
  let read = from;
  for (let c = 0; c < channels; c++) {
    for (let z = 0; z < depth; z++) {
      for (let y = 0; y < height; y++) {
        let write = ((c * paddedDepth + z + front) * paddedHeight + y + top) * paddedWidth + left;
        for (let i = 0; i < width; i++) target[write++] = (x[read++] as number) - zero;
      }
    }
  }
}

/** Where each weight of one output channel reads the padded image, relative to the window's corner. */
function tapOffsets(volume: Volume, channels: number): Int32Array {
  const [, height, width] = volume.padded;
  const plane = elementCount(volume.padded);
  const offsets: number[] = [];
  for (let c = 0; c < channels; c++) {
    for (let kz = 0; kz < volume.kernel[0]; kz++) {
      for (let ky = 0; ky < volume.kernel[1]; ky++) {
        for (let kx = 0; kx < volume.kernel[2]; kx++) {
          const [z, y, i] = [kz * volume.dilations[0], ky * volume.dilations[1], kx * volume.dilations[2]];
          offsets.push(c * plane + (z * height + y) * width + i);
        }
      }
    }
  }
  return Int32Array.from(offsets);
}

/** sums[to + i] += Σ weights[t]·image[at + taps[t] + i·step], four taps at a time. */
function addRow(
  sums: Int32Array,
  to: number,
  count: number,
  image: Int16Array,
  at: number,
  step: number,
  weights: Int16Array,
  firstWeight: number,
  taps: Int32Array,
): void {
  let t = 0;
  for (; t + 4 <= taps.length; t += 4) {
    const w0 = weights[firstWeight + t] as number;
    const w1 = weights[firstWeight + t + 1] as number;
    const w2 = weights[firstWeight + t + 2] as number;
    const w3 = weights[firstWeight + t + 3] as number;
    let a0 = at + (taps[t] as number);
    let a1 = at + (taps[t + 1] as number);
    let a2 = at + (taps[t + 2] as number);
    let a3 = at + (taps[t + 3] as number);
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
  }
  for (; t < taps.length; t++) {
    const w = weights[firstWeight + t] as number;
    let a = at + (taps[t] as number);
    for (let i = to; i < to + count; i++) {
      sums[i] = ((sums[i] as number) + Math.imul(w, image[a] as number)) | 0;
      a += step;
    }
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
  const volume = volumeOf(window);
  const [batch, inC] = x.dims as [number, number];
  const [outC, perGroup] = w.dims as [number, number];
  const wZeros = wZero && toNumbers(wZero);
  const taps = tapOffsets(volume, perGroup);
  const weights = new Int16Array(outC * taps.length);
  const rawWeights = toNumbers(w);
  for (let m = 0; m < outC; m++) {
    const zero = zeroAt(wZeros, m);
    for (let t = m * taps.length; t < (m + 1) * taps.length; t++)
      weights[t] = (rawWeights[t] as number) - zero;
  }
  const plane = elementCount(volume.padded);
  const image = new Int16Array(inC * plane);
  const [outD, outH, outW] = volume.outputs;
  const [, height, width] = volume.padded;
  const [stepD, stepH, stepW] = volume.strides;
  // A pointwise convolution without padding or stride reads whole planes in one run.
  const flat =
    taps.length === perGroup &&
    volume.strides.every((stride) => stride === 1) &&
    plane === outD * outH * outW;
  const [runs, runLength] = flat ? [1, plane] : [outD * outH, outW];
  const sums = new Int32Array(batch * outC * outD * outH * outW);
  const source = toNumbers(x);
  for (let n = 0; n < batch; n++) {
    padImage(
      source,
      n * inC * elementCount(volume.inputs),
      inC,
      zeroAt(xZero && toNumbers(xZero), 0),
      volume,
      image,
    );
    for (let m = 0; m < outC; m++) {
      const firstChannel = Math.floor(m / (outC / group)) * perGroup * plane;
      const to = (n * outC + m) * runs * runLength;
      for (let run = 0; run < runs; run++) {
        const z = Math.floor(run / outH);
        const corner = firstChannel + (z * stepD * height + (run - z * outH) * stepH) * width;
        addRow(sums, to + run * runLength, runLength, image, corner, stepW, weights, m * taps.length, taps);
      }
    }
  }
  return sums;
}
