import { type Numbers, toNumbers } from "../../ops/shared/elements.ts";
import type { BufferRef } from "../arguments.ts";
import type { LowerContext, Operand } from "../context.ts";

/*
 * Packed 8-bit weights, widened to int16 less their zero points. A panel is eight output columns; two neighbours in K
 * stand together (K is filled up to even, columns to eight, with zeros):
 *
 *   [panel 0: c0k0 c0k1 c1k0 c1k1 … c7k0 c7k1 | c0k2 c0k3 …][panel 1: …]
 */

const even = (count: number): number => count + (count & 1);

const zeroAt = (zeros: Numbers | undefined, column: number): number =>
  zeros === undefined ? 0 : (zeros[zeros.length === 1 ? 0 : column] as number);

/** `at(column, k)` for every column and k of one group, into panels of eight columns. */
function packPanels(
  target: Int16Array,
  start: number,
  columns: number,
  depth: number,
  at: (column: number, k: number) => number,
): void {
  const panel = even(depth) * 8;
  for (let column = 0; column < columns; column++) {
    let to = start + (column >> 3) * panel + (column & 7) * 2;
    for (let k = 0; k < depth; k += 2) {
      target[to] = at(column, k);
      if (k + 1 < depth) target[to + 1] = at(column, k + 1);
      to += 16;
    }
  }
}

const zerosOf = (zero: Operand | undefined): Numbers | undefined =>
  zero?.fact.data && toNumbers(zero.fact.data);

/** Weights O,I,k… as `i8_conv` reads them: k runs over taps outside, channels inside. */
export function quantizedConvWeights<A>(
  context: LowerContext<A>,
  w: Operand,
  zero: Operand | undefined,
  group: number,
): BufferRef {
  const [outC, inC, ...kernel] = w.dims as [number, number, ...number[]];
  const taps = kernel.reduce((a, b) => a * b, 1);
  const groupC = outC / group;
  const depth = taps * inC;
  const size = Math.ceil(groupC / 8) * 8 * even(depth);
  const zeros = zerosOf(zero);
  return context.packed(w, `i8 conv ${group} ${zero?.name}`, Int16Array, size * group, (source, target) => {
    const weights = toNumbers(source);
    target.fill(0);
    const taken = (row: number, k: number): number => {
      const tap = Math.floor(k / inC);
      return (weights[(row * inC + k - tap * inC) * taps + tap] as number) - zeroAt(zeros, row);
    };
    const plain = (row: number, k: number): number => (weights[row * inC + k] as number) - zeroAt(zeros, row);
    const read = taps === 1 ? plain : taken;
    for (let g = 0; g < group; g++)
      packPanels(target, g * size, groupC, depth, (column, k) => read(g * groupC + column, k));
  });
}

/** Weights C,1,kH,kW as `i8_dwconv` reads them: see there. */
export function quantizedDepthwiseWeights<A>(
  context: LowerContext<A>,
  w: Operand,
  zero: Operand | undefined,
): BufferRef {
  const [channels, , ...kernel] = w.dims as [number, number, ...number[]];
  const [kH, kW] = (kernel.length === 1 ? [1, ...kernel] : kernel) as [number, number];
  const pairs = Math.ceil(kW / 2);
  const zeros = zerosOf(zero);
  const elements = Math.ceil(channels / 8) * kH * pairs * 16;
  return context.packed(w, `i8 depthwise ${zero?.name}`, Int16Array, elements, (source, target) => {
    const weights = toNumbers(source);
    target.fill(0);
    for (let c = 0; c < channels; c++) {
      for (let ky = 0; ky < kH; ky++) {
        for (let kx = 0; kx < kW; kx++) {
          const to = (((c >> 3) * kH + ky) * pairs + (kx >> 1)) * 16 + (c & 7) * 2 + (kx & 1);
          target[to] = (weights[(c * kH + ky) * kW + kx] as number) - zeroAt(zeros, c);
        }
      }
    }
  });
}

/** A matrix B[k, n] (or, transposed, B[n, k]) as `i8_conv` reads it. */
export function quantizedMatrix<A>(
  context: LowerContext<A>,
  b: Operand,
  zero: Operand | undefined,
  transposed: boolean,
): BufferRef {
  const [rows, columns] = b.dims as [number, number];
  const [k, n] = transposed ? [columns, rows] : [rows, columns];
  const [stepK, stepN] = transposed ? [1, k] : [n, 1];
  const zeros = zerosOf(zero);
  const elements = Math.ceil(n / 8) * 8 * even(k);
  return context.packed(
    b,
    `i8 matrix ${transposed} ${zero?.name}`,
    Int16Array,
    elements,
    (source, target) => {
      const values = toNumbers(source);
      target.fill(0);
      packPanels(target, 0, n, k, (column, row) => {
        const value = values[row * stepK + column * stepN] as number;
        return value - zeroAt(zeros, column);
      });
    },
  );
}
