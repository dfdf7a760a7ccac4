import { Unary } from "../codes";
import { clamp, madd, storeLanes } from "../simd";
import { erfV, expV, expm1NegativeV, f4, logV, normalV, sigmoidV, softplusV, tanhV } from "./math";
import { sine } from "./sine";

// @ts-ignore: decorator
@inline
function whereNegative(x: v128, then: v128, otherwise: v128): v128 {
  return v128.bitselect(then, otherwise, f32x4.lt(x, f4(0)));
}

/** x·tanh(softplus(x)) = x·p/(p + 2) with e = exp(x), p = e·(e + 2); beyond 20 the quotient is 1. */
// @ts-ignore: decorator
@inline
function mish(x: v128): v128 {
  const e = expV(f32x4.pmin(x, f4(20)));
  const p = f32x4.mul(e, f32x4.add(e, f4(2)));
  return f32x4.mul(x, f32x4.div(p, f32x4.add(p, f4(2))));
}

/** 0.5·(1 + tanh(u)) = sigmoid(2u), with u = sqrt(2/π)·(x + 0.044715·x³). */
// @ts-ignore: decorator
@inline
function geluTanh(x: v128): v128 {
  const u = madd(f4(1.5957691216), f32x4.mul(x, x), f4(0.0713548162726));
  return f32x4.mul(x, sigmoidV(f32x4.mul(x, u)));
}

/** ±0 and NaN stay. */
// @ts-ignore: decorator
@inline
function sign(x: v128): v128 {
  const one = v128.or(v128.and(x, f4(-0.0)), f4(1));
  return v128.bitselect(one, x, f32x4.gt(f32x4.abs(x), f4(0)));
}

function sines(x: v128, quarters: i32): v128 {
  let y = f4(sine(f32x4.extract_lane(x, 0), quarters));
  y = f32x4.replace_lane(y, 1, sine(f32x4.extract_lane(x, 1), quarters));
  y = f32x4.replace_lane(y, 2, sine(f32x4.extract_lane(x, 2), quarters));
  return f32x4.replace_lane(y, 3, sine(f32x4.extract_lane(x, 3), quarters));
}


// @ts-ignore: decorator
@inline
function apply(op: Unary, x: v128, alpha: v128, beta: v128): v128 {
  if (op == Unary.relu) return f32x4.pmax(x, f4(0));
  if (op == Unary.clip) return clamp(x, alpha, beta);
  if (op == Unary.leakyRelu) return whereNegative(x, f32x4.mul(x, alpha), x);
  if (op == Unary.sigmoid) return sigmoidV(x);
  if (op == Unary.hardSigmoid) return clamp(madd(beta, x, alpha), f4(0), f4(1));
  if (op == Unary.hardSwish) {
    const share = f32x4.mul(f32x4.add(x, f4(3)), f4(1.0 / 6.0)); // x/6 + 1/2 would cancel near -3
    return f32x4.mul(x, clamp(share, f4(0), f4(1)));
  }
  if (op == Unary.silu) return f32x4.mul(x, sigmoidV(f32x4.mul(x, alpha)));
  if (op == Unary.tanh) return tanhV(x);
  if (op == Unary.elu) return whereNegative(x, f32x4.mul(alpha, expm1NegativeV(x)), x);
  if (op == Unary.selu) return f32x4.mul(beta, whereNegative(x, f32x4.mul(alpha, expm1NegativeV(x)), x));
  if (op == Unary.celu) return whereNegative(x, f32x4.mul(alpha, expm1NegativeV(f32x4.div(x, alpha))), x);
  if (op == Unary.softplus) return softplusV(x);
  if (op == Unary.softsign) return f32x4.div(x, f32x4.add(f32x4.abs(x), f4(1)));
  if (op == Unary.gelu) return f32x4.mul(x, normalV(x));
  if (op == Unary.geluTanh) return geluTanh(x);
  if (op == Unary.mish) return mish(x);
  if (op == Unary.exp) return expV(x);
  if (op == Unary.log) return logV(x);
  if (op == Unary.sqrt) return f32x4.sqrt(x);
  if (op == Unary.reciprocal) return f32x4.div(f4(1), x);
  if (op == Unary.abs) return f32x4.abs(x);
  if (op == Unary.neg) return f32x4.neg(x);
  if (op == Unary.floor) return f32x4.floor(x);
  if (op == Unary.ceil) return f32x4.ceil(x);
  if (op == Unary.round) return f32x4.nearest(x);
  if (op == Unary.erf) return erfV(x);
  if (op == Unary.sin) return sines(x, 0);
  if (op == Unary.cos) return sines(x, 1);
  if (op == Unary.thresholdedRelu) return v128.and(x, f32x4.gt(x, alpha));
  if (op == Unary.sign) return sign(x);
  if (op == Unary.affine) return madd(beta, x, alpha);
  if (op == Unary.square) return f32x4.mul(x, x);
  return x;
}

// @ts-ignore: decorator
@inline
function run(op: Unary, x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  const a = f4(alpha);
  const b = f4(beta);
  for (; n > 0; n -= 4) {
    storeLanes(y, apply(op, v128.load(x), a, b), n);
    x += 16;
    y += 16;
  }
}

// One function an op, called through a table: in a switch Binaryen merges the loops before it specialises
// them.
type Row = (x: usize, y: usize, n: i32, alpha: f32, beta: f32) => void;

function identityRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.identity, x, y, n, alpha, beta);
}
function reluRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.relu, x, y, n, alpha, beta);
}
function clipRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.clip, x, y, n, alpha, beta);
}
function leakyReluRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.leakyRelu, x, y, n, alpha, beta);
}
function sigmoidRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.sigmoid, x, y, n, alpha, beta);
}
function hardSigmoidRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.hardSigmoid, x, y, n, alpha, beta);
}
function hardSwishRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.hardSwish, x, y, n, alpha, beta);
}
function siluRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.silu, x, y, n, alpha, beta);
}
function tanhRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.tanh, x, y, n, alpha, beta);
}
function eluRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.elu, x, y, n, alpha, beta);
}
function seluRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.selu, x, y, n, alpha, beta);
}
function softplusRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.softplus, x, y, n, alpha, beta);
}
function softsignRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.softsign, x, y, n, alpha, beta);
}
function geluRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.gelu, x, y, n, alpha, beta);
}
function geluTanhRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.geluTanh, x, y, n, alpha, beta);
}
function mishRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.mish, x, y, n, alpha, beta);
}
function expRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.exp, x, y, n, alpha, beta);
}
function logRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.log, x, y, n, alpha, beta);
}
function sqrtRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.sqrt, x, y, n, alpha, beta);
}
function reciprocalRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.reciprocal, x, y, n, alpha, beta);
}
function absRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.abs, x, y, n, alpha, beta);
}
function negRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.neg, x, y, n, alpha, beta);
}
function floorRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.floor, x, y, n, alpha, beta);
}
function ceilRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.ceil, x, y, n, alpha, beta);
}
function roundRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.round, x, y, n, alpha, beta);
}
function erfRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.erf, x, y, n, alpha, beta);
}
function sinRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.sin, x, y, n, alpha, beta);
}
function cosRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.cos, x, y, n, alpha, beta);
}
function thresholdedReluRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.thresholdedRelu, x, y, n, alpha, beta);
}
function celuRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.celu, x, y, n, alpha, beta);
}
function signRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.sign, x, y, n, alpha, beta);
}
function affineRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.affine, x, y, n, alpha, beta);
}
function squareRow(x: usize, y: usize, n: i32, alpha: f32, beta: f32): void {
  run(Unary.square, x, y, n, alpha, beta);
}

/** In the order of the codes. */
const ROWS: StaticArray<Row> = [
  identityRow,
  reluRow,
  clipRow,
  leakyReluRow,
  sigmoidRow,
  hardSigmoidRow,
  hardSwishRow,
  siluRow,
  tanhRow,
  eluRow,
  seluRow,
  softplusRow,
  softsignRow,
  geluRow,
  geluTanhRow,
  mishRow,
  expRow,
  logRow,
  sqrtRow,
  reciprocalRow,
  absRow,
  negRow,
  floorRow,
  ceilRow,
  roundRow,
  erfRow,
  sinRow,
  cosRow,
  thresholdedReluRow,
  celuRow,
  signRow,
  affineRow,
  squareRow,
];

/** y[row][col] = op(x[row][col]); x may equal y. */
export function unaryRows(
  op: i32,
  alpha: f32,
  beta: f32,
  x: usize,
  ldx: i32,
  y: usize,
  ldy: i32,
  rows: i32,
  cols: i32,
): void {
  assert(0 <= op && op < ROWS.length, "unknown unary code");
  if (ldx == cols && ldy == cols) {
    cols *= rows;
    rows = min(rows, 1);
  }
  const row = unchecked(ROWS[op]);
  for (; rows > 0; rows--) {
    row(x, y, cols, alpha, beta);
    x += (<usize>ldx) << 2;
    y += (<usize>ldy) << 2;
  }
}
