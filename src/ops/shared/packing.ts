import type { TensorData } from "../../tensor.ts";
import { toNumbers } from "./elements.ts";
import { PANEL_COLUMNS, packedElements } from "./gemm-packing.ts";

/*
 * Packed weights, as assembly/README.md draws them. A panel is eight output columns side by side:
 *
 *   [panel 0: k=0 (c0…c7) | k=1 (c0…c7) | …][panel 1: k=0 (c8…c15) | …]
 *
 * Columns past the last one are zero.
 */

/** Elements of packed OIHW weights. */
export const packedConvElements = (dims: readonly number[], group: number): number => {
  const [outC, inC, ...kernel] = dims as [number, number, ...number[]];
  return group * packedElements(inC * kernel.reduce((a, b) => a * b, 1), outC / group);
};

/** Packs O,I,k… weights to `[group][ceil(outC/group/8)][taps*inC/group][8]`, taps outside, channels inside. */
export function packConvWeights(source: TensorData, target: Float32Array, group: number): void {
  const [outC, inC, ...kernel] = source.dims as [number, number, ...number[]];
  const taps = kernel.reduce((a, b) => a * b, 1);
  const weights = toNumbers(source);
  const groupC = outC / group;
  const depth = taps * inC;
  const groupElements = packedElements(depth, groupC);
  target.fill(0);
  for (let oc = 0; oc < outC; oc++) {
    const g = Math.floor(oc / groupC);
    const column = oc - g * groupC;
    const start =
      g * groupElements +
      Math.floor(column / PANEL_COLUMNS) * depth * PANEL_COLUMNS +
      (column % PANEL_COLUMNS);
    for (let ic = 0; ic < inC; ic++) {
      const from = (oc * inC + ic) * taps;
      for (let tap = 0; tap < taps; tap++) {
        target[start + (tap * inC + ic) * PANEL_COLUMNS] = weights[from + tap] as number;
      }
    }
  }
}

/** Packs C,1,k… weights to `[taps][C]`. */
export function packDepthwiseWeights(source: TensorData, target: Float32Array): void {
  const [channels, , ...kernel] = source.dims as [number, number, ...number[]];
  const taps = kernel.reduce((a, b) => a * b, 1);
  const weights = toNumbers(source);
  for (let c = 0; c < channels; c++) {
    for (let tap = 0; tap < taps; tap++) target[tap * channels + c] = weights[c * taps + tap] as number;
  }
}
