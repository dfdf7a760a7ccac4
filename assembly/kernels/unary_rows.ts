import { clamp, madd, storeLanes } from "../simd";
import { erfV, expV, expm1NegativeV, f4, logV, sigmoidV, softplusV, tanhV } from "./math";

/** Codes of `f32_unary` and of fused activations; mirrored by `src/ops/kernel-codes.ts`. */
export const enum Unary {
  identity,
  relu,
  clip,
  leakyRelu,
  sigmoid,
  hardSigmoid,
  hardSwish,
  silu,
  tanh,
  elu,
  selu,
  softplus,
  softsign,
  gelu,
  geluTanh,
  mish,
  exp,
  log,
  sqrt,
  reciprocal,
  abs,
  neg,
  floor,
  ceil,
  round,
  erf,
  sin,
  cos,
  thresholdedRelu,
  celu,
  sign,
  affine,
  square,
}

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

function sines(x: v128): v128 {
  let y = f4(NativeMathf.sin(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, NativeMathf.sin(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, NativeMathf.sin(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, NativeMathf.sin(f32x4.extract_lane(x, 3)));
}

function cosines(x: v128): v128 {
  let y = f4(NativeMathf.cos(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, NativeMathf.cos(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, NativeMathf.cos(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, NativeMathf.cos(f32x4.extract_lane(x, 3)));
}

// @ts-ignore: decorator
@inline
function apply(op: Unary, x: v128, alpha: v128, beta: v128): v128 {
  if (op == Unary.relu) return f32x4.pmax(x, f4(0));
  if (op == Unary.clip) return clamp(x, alpha, beta);
  if (op == Unary.leakyRelu) return whereNegative(x, f32x4.mul(x, alpha), x);
  if (op == Unary.sigmoid) return sigmoidV(x);
  if (op == Unary.hardSigmoid) return clamp(madd(beta, x, alpha), f4(0), f4(1));
  if (op == Unary.hardSwish) return f32x4.mul(x, clamp(madd(f4(0.5), x, f4(1.0 / 6.0)), f4(0), f4(1)));
  if (op == Unary.silu) return f32x4.mul(x, sigmoidV(f32x4.mul(x, alpha)));
  if (op == Unary.tanh) return tanhV(x);
  if (op == Unary.elu) return whereNegative(x, f32x4.mul(alpha, expm1NegativeV(x)), x);
  if (op == Unary.selu) return f32x4.mul(beta, whereNegative(x, f32x4.mul(alpha, expm1NegativeV(x)), x));
  if (op == Unary.celu) return whereNegative(x, f32x4.mul(alpha, expm1NegativeV(f32x4.div(x, alpha))), x);
  if (op == Unary.softplus) return softplusV(x);
  if (op == Unary.softsign) return f32x4.div(x, f32x4.add(f32x4.abs(x), f4(1)));
  if (op == Unary.gelu) {
    const h = f32x4.mul(x, f4(0.5));
    return madd(h, h, erfV(f32x4.mul(x, f4(0.70710678118))));
  }
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
  if (op == Unary.sin) return sines(x);
  if (op == Unary.cos) return cosines(x);
  if (op == Unary.thresholdedRelu) return v128.andnot(x, f32x4.le(x, alpha));
  if (op == Unary.sign) return sign(x);
  if (op == Unary.affine) return madd(beta, x, alpha);
  if (op == Unary.square) return f32x4.mul(x, x);
  return x;
}

// @ts-ignore: decorator
@inline
function eachRow(op: Unary, alpha: f32, beta: f32, x: usize, ldx: i32, y: usize, ldy: i32, rows: i32, cols: i32): void {
  const a = f4(alpha);
  const b = f4(beta);
  for (let row = 0; row < rows; row++) {
    let source = x;
    let target = y;
    for (let left = cols; left > 0; left -= 4) {
      storeLanes(target, apply(op, v128.load(source), a, b), left);
      source += 16;
      target += 16;
    }
    x += (<usize>ldx) << 2;
    y += (<usize>ldy) << 2;
  }
}

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
  if (ldx == cols && ldy == cols) {
    cols *= rows;
    rows = 1;
  }
  switch (op) {
    case Unary.identity:
      return eachRow(Unary.identity, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.relu:
      return eachRow(Unary.relu, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.clip:
      return eachRow(Unary.clip, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.leakyRelu:
      return eachRow(Unary.leakyRelu, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.sigmoid:
      return eachRow(Unary.sigmoid, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.hardSigmoid:
      return eachRow(Unary.hardSigmoid, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.hardSwish:
      return eachRow(Unary.hardSwish, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.silu:
      return eachRow(Unary.silu, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.tanh:
      return eachRow(Unary.tanh, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.elu:
      return eachRow(Unary.elu, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.selu:
      return eachRow(Unary.selu, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.softplus:
      return eachRow(Unary.softplus, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.softsign:
      return eachRow(Unary.softsign, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.gelu:
      return eachRow(Unary.gelu, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.geluTanh:
      return eachRow(Unary.geluTanh, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.mish:
      return eachRow(Unary.mish, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.exp:
      return eachRow(Unary.exp, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.log:
      return eachRow(Unary.log, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.sqrt:
      return eachRow(Unary.sqrt, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.reciprocal:
      return eachRow(Unary.reciprocal, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.abs:
      return eachRow(Unary.abs, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.neg:
      return eachRow(Unary.neg, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.floor:
      return eachRow(Unary.floor, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.ceil:
      return eachRow(Unary.ceil, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.round:
      return eachRow(Unary.round, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.erf:
      return eachRow(Unary.erf, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.sin:
      return eachRow(Unary.sin, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.cos:
      return eachRow(Unary.cos, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.thresholdedRelu:
      return eachRow(Unary.thresholdedRelu, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.celu:
      return eachRow(Unary.celu, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.sign:
      return eachRow(Unary.sign, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.affine:
      return eachRow(Unary.affine, alpha, beta, x, ldx, y, ldy, rows, cols);
    case Unary.square:
      return eachRow(Unary.square, alpha, beta, x, ldx, y, ldy, rows, cols);
    default:
      assert(false, "unknown unary code");
  }
}
