// Gradients of activations, element by element. What `t` is the activation decides: its output where that says enough.
import { clamp, madd, shareBegin, storeLanes } from "../../simd";
import { expNegativeV, f4, normalV, sigmoidV } from "../math";

/** The codes are those of `f32_unary`. */
const enum Activation {
  relu = 1, // t = y
  clip = 2, // t = x; alpha = min, beta = max
  leakyRelu = 3, // t = x; alpha
  sigmoid = 4, // t = y
  hardSigmoid = 5, // t = y; alpha
  hardSwish = 6, // t = x
  silu = 7, // t = x; alpha as in x·sigmoid(alpha·x)
  tanh = 8, // t = y
  elu = 9, // t = x; alpha
  softplus = 11, // t = x
  gelu = 13, // t = x
  geluTanh = 14, // t = x
}

/** The slope of an activation times dy; the code is a literal. */
// @ts-ignore: decorator
@inline
function slope(code: i32, dy: v128, t: v128, alpha: v128, beta: v128): v128 {
  const one = f4(1);
  const zero = f4(0);
  if (code == Activation.relu) return v128.and(dy, f32x4.gt(t, zero));
  if (code == Activation.clip) return v128.and(dy, v128.and(f32x4.ge(t, alpha), f32x4.le(t, beta)));
  if (code == Activation.leakyRelu) return v128.bitselect(dy, f32x4.mul(dy, alpha), f32x4.gt(t, zero));
  if (code == Activation.sigmoid) return f32x4.mul(dy, f32x4.mul(t, f32x4.sub(one, t)));
  if (code == Activation.hardSigmoid)
    return v128.and(f32x4.mul(dy, alpha), v128.and(f32x4.gt(t, zero), f32x4.lt(t, one)));
  if (code == Activation.hardSwish) {
    const inner = f32x4.add(f32x4.mul(t, f4(<f32>(1.0 / 3.0))), f4(0.5));
    const right = v128.bitselect(one, inner, f32x4.ge(t, f4(3)));
    return f32x4.mul(dy, v128.andnot(right, f32x4.le(t, f4(-3))));
  }
  if (code == Activation.silu) {
    const scaled = f32x4.mul(t, alpha);
    const sigmoid = sigmoidV(scaled);
    const rest = f32x4.mul(scaled, f32x4.sub(one, sigmoid));
    return f32x4.mul(dy, f32x4.mul(sigmoid, f32x4.add(one, rest)));
  }
  if (code == Activation.tanh) return f32x4.mul(dy, f32x4.mul(f32x4.sub(one, t), f32x4.add(one, t)));
  if (code == Activation.elu) {
    const left = f32x4.mul(alpha, expNegativeV(f32x4.pmin(t, zero)));
    return f32x4.mul(dy, v128.bitselect(left, one, f32x4.le(t, zero)));
  }
  // Of ±∞ the slope is 0 and 1, as beyond 14.
  const x = clamp(t, f4(-14), f4(14));
  const square = f32x4.mul(x, x);
  if (code == Activation.gelu) {
    const density = f32x4.mul(f4(0.3989422804), expNegativeV(f32x4.mul(square, f4(-0.5))));
    return f32x4.mul(dy, madd(normalV(x), x, density));
  }
  if (code == Activation.geluTanh) {
    // x·sigmoid(u), u = x·(k + c·x²)
    const k = f4(1.5957691216);
    const sigmoid = sigmoidV(f32x4.mul(x, madd(k, square, f4(0.0713548162726))));
    const slopeOfU = madd(k, square, f4(0.2140644488178));
    const bend = f32x4.mul(f32x4.mul(x, slopeOfU), f32x4.sub(one, sigmoid));
    return f32x4.mul(dy, f32x4.mul(sigmoid, f32x4.add(one, bend)));
  }
  return f32x4.mul(dy, sigmoidV(t));
}

// @ts-ignore: decorator
@inline
function run(code: i32, dy: usize, t: usize, dx: usize, count: i32, alpha: f32, beta: f32): void {
  const alphas = f4(alpha);
  const betas = f4(beta);
  for (; count >= 4; count -= 4) {
    v128.store(dx, slope(code, v128.load(dy), v128.load(t), alphas, betas));
    dy += 16;
    t += 16;
    dx += 16;
  }
  if (count > 0) storeLanes(dx, slope(code, v128.load(dy), v128.load(t), alphas, betas), count);
}

/**
 * dx = dy times the slope of an activation at `t`, its input or its output (see the codes). dx may be dy or t. Codes
 * without a gradient here leave dx alone.
 */
export function f32_activation_gradient(
  code: i32, alpha: f32, beta: f32, dy: usize, t: usize, dx: usize, count: i32, part: i32, parts: i32,
): void {
  assert(0 <= part && part < parts);
  const vectors = (count + 3) >> 2;
  const begin = shareBegin(vectors, part, parts) << 2;
  const own = min(shareBegin(vectors, part + 1, parts) << 2, count) - begin;
  dy += <usize>begin << 2;
  t += <usize>begin << 2;
  dx += <usize>begin << 2;
  if (code == Activation.relu) run(Activation.relu, dy, t, dx, own, alpha, beta);
  else if (code == Activation.clip) run(Activation.clip, dy, t, dx, own, alpha, beta);
  else if (code == Activation.leakyRelu) run(Activation.leakyRelu, dy, t, dx, own, alpha, beta);
  else if (code == Activation.sigmoid) run(Activation.sigmoid, dy, t, dx, own, alpha, beta);
  else if (code == Activation.hardSigmoid) run(Activation.hardSigmoid, dy, t, dx, own, alpha, beta);
  else if (code == Activation.hardSwish) run(Activation.hardSwish, dy, t, dx, own, alpha, beta);
  else if (code == Activation.silu) run(Activation.silu, dy, t, dx, own, alpha, beta);
  else if (code == Activation.tanh) run(Activation.tanh, dy, t, dx, own, alpha, beta);
  else if (code == Activation.elu) run(Activation.elu, dy, t, dx, own, alpha, beta);
  else if (code == Activation.softplus) run(Activation.softplus, dy, t, dx, own, alpha, beta);
  else if (code == Activation.gelu) run(Activation.gelu, dy, t, dx, own, alpha, beta);
  else if (code == Activation.geluTanh) run(Activation.geluTanh, dy, t, dx, own, alpha, beta);
}
