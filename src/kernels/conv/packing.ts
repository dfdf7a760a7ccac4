import { toNumbers } from "../../ops/shared/elements.ts";
import type { TensorData } from "../../tensor.ts";
import type { BufferRef } from "../arguments.ts";
import type { LowerContext, Operand } from "../context.ts";
import { isConstant } from "../context.ts";
import { PANEL_COLUMNS, packedElements } from "../matrix/packing.ts";

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

const sizesOf = (w: Operand): { outC: number; inC: number; taps: number } => {
  const [outC, inC, ...kernel] = w.dims as [number, number, ...number[]];
  return { outC, inC, taps: kernel.reduce((a, b) => a * b, 1) };
};

/** Weights as `f32_conv` reads them: packed once where they are constant, else by kernels into scratch at every run. */
export function convWeights<A>(context: LowerContext<A>, w: Operand, group: number): BufferRef {
  const elements = packedConvElements(w.dims, group);
  if (isConstant(w)) {
    return context.packed(w, `conv/${group}`, Float32Array, elements, (source, target) =>
      packConvWeights(source, target, group),
    );
  }
  const { outC, inC, taps } = sizesOf(w);
  const depth = inC * taps;
  const packed = context.scratch(4 * elements);
  let rows = context.at(w);
  if (taps > 1 && inC > 1) {
    rows = context.scratch(4 * outC * depth);
    context.call("x32_transpose", context.at(w), taps, rows, inC, inC, taps, outC, depth, depth);
  }
  const groupC = outC / group;
  context.call("f32_pack_b", rows, depth, 1, groupC * depth, packed, depth, groupC, group);
  return packed;
}

/** Weights as `f32_dwconv` reads them. */
export function depthwiseWeights<A>(context: LowerContext<A>, w: Operand): BufferRef {
  const { outC, taps } = sizesOf(w);
  if (isConstant(w)) return context.packed(w, "depthwise", Float32Array, outC * taps, packDepthwiseWeights);
  const packed = context.scratch(4 * outC * taps);
  context.call("x32_transpose", context.at(w), taps, packed, outC, outC, taps, 1, 0, 0);
  return packed;
}

/**
 * Weights C,M/group,k… as `f32_conv_transpose` reads them: `[group][ceil(taps*M/group/8)][C/group][8]`, the columns of
 * a panel being taps outside, output channels inside.
 */
export function convTransposeWeights<A>(context: LowerContext<A>, w: Operand, group: number): BufferRef {
  const { outC: inC, inC: groupOutC, taps } = sizesOf(w);
  const depth = inC / group;
  const columns = taps * groupOutC;
  const groupElements = packedElements(depth, columns);
  if (isConstant(w)) {
    return context.packed(
      w,
      `conv-transpose/${group}`,
      Float32Array,
      group * groupElements,
      (source, target) => {
        const weights = toNumbers(source);
        target.fill(0);
        for (let ic = 0; ic < inC; ic++) {
          const g = Math.floor(ic / depth);
          const row = g * groupElements + (ic - g * depth) * PANEL_COLUMNS;
          for (let column = 0; column < columns; column++) {
            const [tap, oc] = [Math.floor(column / groupOutC), column % groupOutC];
            const at =
              row + Math.floor(column / PANEL_COLUMNS) * depth * PANEL_COLUMNS + (column % PANEL_COLUMNS);
            target[at] = weights[(ic * groupOutC + oc) * taps + tap] as number;
          }
        }
      },
    );
  }
  const packed = context.scratch(4 * group * groupElements);
  let rows = context.at(w);
  if (taps > 1 && groupOutC > 1) {
    rows = context.scratch(4 * inC * columns);
    context.call(
      "x32_transpose",
      context.at(w),
      taps,
      rows,
      groupOutC,
      groupOutC,
      taps,
      inC,
      columns,
      columns,
    );
  }
  context.call("f32_pack_b", rows, columns, 0, depth * columns, packed, depth, columns, group);
  return packed;
}
