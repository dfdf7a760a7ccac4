import { Binary, Unary } from "../codes";
import { clamp, shareBegin, storeLanes } from "../simd";
import { StridedShape } from "../shapes";
import { clampHigh, clampLow } from "./activation";
import { f4 } from "./math";
import { power } from "./power";
import { transposeBlock } from "./transpose";
import { unaryRows } from "./unary_rows";

/** What `strided` takes beside the codes of `f32_binary`: a as it is. */
export const COPY: i32 = Binary.pow + 1;

const CHUNK = 16; // elements: shares of one long run begin on whole cache lines
const FINISHED = 65536; // elements: in smaller pieces memory waits for the activation longer than caches gain

// @ts-ignore: decorator
@inline
function bytes(elements: i32): usize {
  return (<isize>elements) << 2;
}

/** min and max give NaN when either operand is NaN. */
// @ts-ignore: decorator
@inline
function apply(op: Binary, a: v128, b: v128): v128 {
  if (op == Binary.add) return f32x4.add(a, b);
  if (op == Binary.sub) return f32x4.sub(a, b);
  if (op == Binary.mul) return f32x4.mul(a, b);
  if (op == Binary.div) return f32x4.div(a, b);
  if (op == Binary.min) return f32x4.min(a, b);
  if (op == Binary.max) return f32x4.max(a, b);
  return a;
}

/** y[i] = op(a[i·aStep], b[i·bStep]) for i < n; steps in elements. */
// @ts-ignore: decorator
@inline
function run(op: Binary, n: i32, a: usize, aStep: i32, b: usize, bStep: i32, y: usize, yStep: i32): void {
  if (yStep == 1 && aStep == 1 && bStep == 1) {
    for (; n > 0; n -= 4) {
      storeLanes(y, apply(op, v128.load(a), v128.load(b)), n);
      a += 16;
      b += 16;
      y += 16;
    }
  } else if (yStep == 1 && aStep == 1 && bStep == 0) {
    const scalar = v128.load32_splat(b);
    for (; n > 0; n -= 4) {
      storeLanes(y, apply(op, v128.load(a), scalar), n);
      a += 16;
      y += 16;
    }
  } else if (yStep == 1 && aStep == 0 && bStep == 1) {
    const scalar = v128.load32_splat(a);
    for (; n > 0; n -= 4) {
      storeLanes(y, apply(op, scalar, v128.load(b)), n);
      b += 16;
      y += 16;
    }
  } else {
    for (; n > 0; n--) {
      v128.store32_lane(y, apply(op, v128.load32_zero(a), v128.load32_zero(b)), 0);
      a += bytes(aStep);
      b += bytes(bStep);
      y += bytes(yStep);
    }
  }
}

/** Exponents 2, 3 and 0.5 of a whole run are products and a root (which, unlike pow, keeps the sign of -0). */
function powRun(n: i32, a: usize, aStep: i32, b: usize, bStep: i32, y: usize, yStep: i32): void {
  const exponent = f32.load(b);
  const whole = bStep == 0 && aStep == 1 && yStep == 1;
  if (whole && (exponent == 2 || exponent == 3 || exponent == 0.5)) {
    for (; n > 0; n -= 4) {
      const v = v128.load(a);
      const square = f32x4.mul(v, v);
      storeLanes(y, exponent == 2 ? square : exponent == 3 ? f32x4.mul(square, v) : f32x4.sqrt(v), n);
      a += 16;
      y += 16;
    }
    return;
  }
  for (; n > 0; n--) {
    f32.store(y, power(f32.load(a), f32.load(b)));
    a += bytes(aStep);
    b += bytes(bStep);
    y += bytes(yStep);
  }
}

export function fill(dst: usize, bits: i32, count: i32): void {
  const pattern = i32x4.splat(bits);
  for (; count > 0; count -= 4) {
    storeLanes(dst, pattern, count);
    dst += 16;
  }
}

// @ts-ignore: decorator
@inline
function copyRun(n: i32, a: usize, aStep: i32, y: usize, yStep: i32): void {
  if (aStep == 1 && yStep == 1) {
    if (n >= 64) memory.copy(y, a, bytes(n));
    else {
      for (; n > 0; n -= 4) {
        storeLanes(y, v128.load(a), n);
        a += 16;
        y += 16;
      }
    }
  } else if (aStep == 0 && yStep == 1) fill(y, i32.load(a), n);
  else {
    if (aStep == 2 && yStep == 1) {
      for (; n >= 4; n -= 4) {
        v128.store(y, v128.shuffle<i32>(v128.load(a), v128.load(a, 16), 0, 2, 4, 6));
        a += 32;
        y += 16;
      }
    }
    for (; n > 0; n--) {
      i32.store(y, i32.load(a));
      a += bytes(aStep);
      y += bytes(yStep);
    }
  }
}

/** Copies words, whatever they hold; a run of equal source and destination order is one memory.copy. */
function copyRows(rows: i32, n: i32, a: usize, aRow: i32, aStep: i32, y: usize, yRow: i32, yStep: i32): void {
  if (yStep == 1 && aStep != 1 && aRow == 1) return transposeBlock(a, aStep, y, yRow, n, rows);
  if (aStep == 1 && yStep != 1 && yRow == 1) return transposeBlock(a, aRow, y, yStep, rows, n);
  for (; rows > 0; rows--) {
    copyRun(n, a, aStep, y, yStep);
    a += bytes(aRow);
    y += bytes(yRow);
  }
}

// One function an op, called through a table: in a switch, Binaryen merges the loops before it specialises
// them.
type Block = (
  rows: i32, n: i32,
  a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize, yRow: i32, yStep: i32,
) => void;

// @ts-ignore: decorator
@inline
function block(
  op: Binary, rows: i32, n: i32,
  a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize, yRow: i32, yStep: i32,
): void {
  for (; rows > 0; rows--) {
    if (op == Binary.pow) powRun(n, a, aStep, b, bStep, y, yStep);
    else run(op, n, a, aStep, b, bStep, y, yStep);
    a += bytes(aRow);
    b += bytes(bRow);
    y += bytes(yRow);
  }
}

function addBlock(
  rows: i32, n: i32,
  a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize, yRow: i32, yStep: i32,
): void {
  block(Binary.add, rows, n, a, aRow, aStep, b, bRow, bStep, y, yRow, yStep);
}

function subBlock(
  rows: i32, n: i32,
  a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize, yRow: i32, yStep: i32,
): void {
  block(Binary.sub, rows, n, a, aRow, aStep, b, bRow, bStep, y, yRow, yStep);
}

function mulBlock(
  rows: i32, n: i32,
  a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize, yRow: i32, yStep: i32,
): void {
  block(Binary.mul, rows, n, a, aRow, aStep, b, bRow, bStep, y, yRow, yStep);
}

function divBlock(
  rows: i32, n: i32,
  a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize, yRow: i32, yStep: i32,
): void {
  block(Binary.div, rows, n, a, aRow, aStep, b, bRow, bStep, y, yRow, yStep);
}

function minBlock(
  rows: i32, n: i32,
  a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize, yRow: i32, yStep: i32,
): void {
  block(Binary.min, rows, n, a, aRow, aStep, b, bRow, bStep, y, yRow, yStep);
}

function maxBlock(
  rows: i32, n: i32,
  a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize, yRow: i32, yStep: i32,
): void {
  block(Binary.max, rows, n, a, aRow, aStep, b, bRow, bStep, y, yRow, yStep);
}

function powBlock(
  rows: i32, n: i32,
  a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize, yRow: i32, yStep: i32,
): void {
  block(Binary.pow, rows, n, a, aRow, aStep, b, bRow, bStep, y, yRow, yStep);
}

/** In the order of the codes. */
const BLOCKS: StaticArray<Block> = [addBlock, subBlock, mulBlock, divBlock, minBlock, maxBlock, powBlock];

/** Sums of dense rows between two bounds, in registers: where residual networks add and clamp. */
function clampedSums(
  low: f32, high: f32, rows: i32, n: i32, a: usize, aRow: i32, b: usize, bRow: i32, y: usize, yRow: i32,
): void {
  const l = f4(low);
  const h = f4(high);
  for (; rows > 0; rows--) {
    let left = n;
    for (; left > 0; left -= 4) {
      storeLanes(y, clamp(f32x4.add(v128.load(a), v128.load(b)), l, h), left);
      a += 16;
      b += 16;
      y += 16;
    }
    // Back over the steps taken, the last of which may reach behind the row.
    const taken = (n + 3) & ~3;
    a += bytes(aRow - taken);
    b += bytes(bRow - taken);
    y += bytes(yRow - taken);
  }
}

/** A block of rows, and what an activation makes of them, piece by piece. */
function activatedBlock(
  op: Binary, activation: Unary, alpha: f32, beta: f32, rows: i32, n: i32,
  a: usize, aRow: i32, aStep: i32, b: usize, bRow: i32, bStep: i32, y: usize, yRow: i32, yStep: i32,
): void {
  const together = max(FINISHED / n, 1);
  for (let row = 0; row < rows; row += together) {
    const r = min(together, rows - row);
    for (let col = 0; col < n; col += FINISHED) {
      const c = min(FINISHED, n - col);
      const to = y + bytes(row * yRow + col * yStep);
      unchecked(BLOCKS[op])(
        r, c,
        a + bytes(row * aRow + col * aStep), aRow, aStep,
        b + bytes(row * bRow + col * bStep), bRow, bStep,
        to, yRow, yStep,
      );
      if (yStep == 1) unaryRows(activation, alpha, beta, to, yRow, to, yRow, r, c);
      else for (let k = 0; k < r; k++) {
        const single = to + bytes(k * yRow);
        unaryRows(activation, alpha, beta, single, yStep, single, yStep, c, 1);
      }
    }
  }
}

/**
 * Walks the shape: neighbouring dims that are one run in every operand are merged into the inner two first,
 * then blocks of those two are done one after another. A share is a range of rows, or, of one long row, a
 * range of it.
 */
export function strided(
  op: Binary,
  shape: StridedShape,
  a: usize,
  b: usize,
  y: usize,
  activation: Unary,
  alpha: f32,
  beta: f32,
  part: i32,
  parts: i32,
): void {
  let d0 = shape.dims0, d1 = shape.dims1, d2 = shape.dims2, d3 = shape.dims3, d4 = shape.dims4, n = shape.dims5;
  let a0 = shape.aStrides0, a1 = shape.aStrides1, a2 = shape.aStrides2;
  let a3 = shape.aStrides3, a4 = shape.aStrides4, a5 = shape.aStrides5;
  let b0 = shape.bStrides0, b1 = shape.bStrides1, b2 = shape.bStrides2;
  let b3 = shape.bStrides3, b4 = shape.bStrides4, b5 = shape.bStrides5;
  let y0 = shape.yStrides0, y1 = shape.yStrides1, y2 = shape.yStrides2;
  let y3 = shape.yStrides3, y4 = shape.yStrides4, y5 = shape.yStrides5;
  if (op == COPY) b0 = b1 = b2 = b3 = b4 = b5 = 0;

  for (let k = 0; k < 5; k++) {
    if (n == 1) {
      a5 = a4;
      b5 = b4;
      y5 = y4;
    } else if (d4 != 1 && (a4 != n * a5 || b4 != n * b5 || y4 != n * y5)) break;
    n *= d4;
    d4 = d3; a4 = a3; b4 = b3; y4 = y3;
    d3 = d2; a3 = a2; b3 = b2; y3 = y2;
    d2 = d1; a2 = a1; b2 = b1; y2 = y1;
    d1 = d0; a1 = a0; b1 = b0; y1 = y0;
    d0 = 1;
  }
  for (let k = 0; k < 4; k++) {
    if (d4 == 1) {
      a4 = a3;
      b4 = b3;
      y4 = y3;
    } else if (d3 != 1 && (a3 != d4 * a4 || b3 != d4 * b4 || y3 != d4 * y4)) break;
    d4 *= d3;
    d3 = d2; a3 = a2; b3 = b2; y3 = y2;
    d2 = d1; a2 = a1; b2 = b1; y2 = y1;
    d1 = d0; a1 = a0; b1 = b0; y1 = y0;
    d0 = 1;
  }

  const rows = d0 * d1 * d2 * d3 * d4;
  if (rows < parts * 4 && n >= parts * CHUNK) {
    const chunks = (n + CHUNK - 1) / CHUNK;
    const begin = shareBegin(chunks, part, parts) * CHUNK;
    n = min(shareBegin(chunks, part + 1, parts) * CHUNK, n) - begin;
    a += bytes(begin * a5);
    b += bytes(begin * b5);
    y += bytes(begin * y5);
    part = 0;
    parts = 1;
  }
  let row = shareBegin(rows, part, parts);
  const end = shareBegin(rows, part + 1, parts);
  if (n <= 0) return;
  while (row < end) {
    let outer = row / d4;
    const i4 = row - outer * d4;
    const i3 = outer % d3;
    outer /= d3;
    const i2 = outer % d2;
    outer /= d2;
    const i1 = outer % d1;
    const i0 = outer / d1;
    const count = min(d4 - i4, end - row);
    const aBlock = a + bytes(i0 * a0 + i1 * a1 + i2 * a2 + i3 * a3 + i4 * a4);
    const bBlock = b + bytes(i0 * b0 + i1 * b1 + i2 * b2 + i3 * b3 + i4 * b4);
    const yBlock = y + bytes(i0 * y0 + i1 * y1 + i2 * y2 + i3 * y3 + i4 * y4);
    if (op == COPY) copyRows(count, n, aBlock, a4, a5, yBlock, y4, y5);
    else if (activation == Unary.identity)
      unchecked(BLOCKS[op])(count, n, aBlock, a4, a5, bBlock, b4, b5, yBlock, y4, y5);
    else if (op == Binary.add && activation <= Unary.clip && a5 == 1 && b5 == 1 && y5 == 1)
      clampedSums(
        clampLow(activation, alpha), clampHigh(activation, beta), count, n, aBlock, a4, bBlock, b4, yBlock, y4,
      );
    else
      activatedBlock(
        op, activation, alpha, beta, count, n, aBlock, a4, a5, bBlock, b4, b5, yBlock, y4, y5,
      );
    row += count;
  }
}
