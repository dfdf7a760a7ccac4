import type { Address, BufferRef } from "../arguments.ts";
import type { LowerContext, Operand } from "../context.ts";
import { gemmScratchBytes } from "../contract.ts";

/** Columns of a panel of packed B. */
export const PANEL_COLUMNS = 8;

/** Elements of B[k, n] packed as `[ceil(n/8)][k][8]`. */
export const packedElements = (k: number, n: number): number =>
  Math.ceil(n / PANEL_COLUMNS) * k * PANEL_COLUMNS;

/** A matrix B[k, n] within an array: where it starts, and the elements from one row and one column to the next. */
export interface MatrixView {
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Row-major B[k, n], or B[n, k] to be read transposed. */
export const matrixView = (k: number, n: number, transposed: boolean, offset = 0): MatrixView =>
  transposed ? { offset, rowStride: 1, columnStride: k } : { offset, rowStride: n, columnStride: 1 };

/** Writes B[k, n] times `scale` to `target` at `at`, as `[ceil(n/8)][k][8]`; missing columns of the last panel stay 0. */
export function packMatrix(
  source: Float32Array,
  view: MatrixView,
  k: number,
  n: number,
  target: Float32Array,
  at = 0,
  scale = 1,
): void {
  const { offset, rowStride, columnStride } = view;
  const whole = rowStride === 1 ? n - (n % PANEL_COLUMNS) : 0;
  for (let column = 0; column < whole; column += PANEL_COLUMNS) {
    packPanel(source, offset + column * columnStride, columnStride, k, target, at + column * k, scale);
  }
  for (let column = whole; column < n; column++) {
    const panel = Math.floor(column / PANEL_COLUMNS);
    let to = at + panel * k * PANEL_COLUMNS + (column % PANEL_COLUMNS);
    let from = offset + column * columnStride;
    for (let row = 0; row < k; row++) {
      target[to] = (source[from] as number) * scale;
      to += PANEL_COLUMNS;
      from += rowStride;
    }
  }
}

/** A whole panel whose columns lie one behind the other: eight streams read, one written. */
function packPanel(
  source: Float32Array,
  from: number,
  columnStride: number,
  k: number,
  target: Float32Array,
  at: number,
  scale: number,
): void {
  const c1 = from + columnStride;
  const c2 = c1 + columnStride;
  const c3 = c2 + columnStride;
  const c4 = c3 + columnStride;
  const c5 = c4 + columnStride;
  const c6 = c5 + columnStride;
  const c7 = c6 + columnStride;
  let to = at;
  for (let row = 0; row < k; row++) {
    target[to] = (source[from + row] as number) * scale;
    target[to + 1] = (source[c1 + row] as number) * scale;
    target[to + 2] = (source[c2 + row] as number) * scale;
    target[to + 3] = (source[c3 + row] as number) * scale;
    target[to + 4] = (source[c4 + row] as number) * scale;
    target[to + 5] = (source[c5 + row] as number) * scale;
    target[to + 6] = (source[c6 + row] as number) * scale;
    target[to + 7] = (source[c7 + row] as number) * scale;
    to += PANEL_COLUMNS;
  }
}

/** Moves a place by some elements of four bytes. */
export const advance = (ref: BufferRef, elements: number): BufferRef => ({
  buffer: ref.buffer,
  offsetBytes: ref.offsetBytes + elements * 4,
});

/** A constant operand that holds `batch` matrices B[k, n] (or B[n, k]), packed one behind the other. */
export function packedConstant<A>(
  context: LowerContext<A>,
  operand: Operand,
  shape: { readonly k: number; readonly n: number; readonly transposed: boolean; readonly batch: number },
  scale = 1,
): BufferRef {
  const { k, n, transposed, batch } = shape;
  const size = packedElements(k, n);
  return context.packed(
    operand,
    `gemm ${k}x${n} ${transposed} ${scale}`,
    Float32Array,
    size * batch,
    (source, target) => {
      for (let i = 0; i < batch; i++) {
        packMatrix(
          source.data as Float32Array,
          matrixView(k, n, transposed, i * k * n),
          k,
          n,
          target,
          i * size,
          scale,
        );
      }
    },
  );
}

/** The same of an operand that is only known at run time: packed by the kernel, into scratch. */
export function packedDynamic<A>(
  context: LowerContext<A>,
  operand: Operand,
  shape: { readonly k: number; readonly n: number; readonly transposed: boolean; readonly batch: number },
): BufferRef {
  const { k, n, transposed, batch } = shape;
  const target = context.scratch(packedElements(k, n) * batch * 4);
  const columns = transposed ? k : n;
  context.call("f32_pack_b", context.at(operand), columns, transposed ? 1 : 0, k * n, target, k, n, batch);
  return target;
}

/** Scratch of a GEMM with `n` columns; 0 where it needs none. */
export function gemmScratch<A>(context: LowerContext<A>, n: number): Address {
  const bytes = gemmScratchBytes(n) * context.parts;
  return bytes === 0 ? 0 : context.scratch(bytes);
}
