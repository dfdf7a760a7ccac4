// Gradients of activations, element by element. What `t` is the activation decides: its output where that says enough.
import { Unary } from "../../codes";
import { clamp, madd, shareBegin, storeLanes } from "../../simd";
import { expNegativeV, f4, normalV, sigmoidV } from "../math";

// relu, sigmoid, hardSigmoid (alpha), tanh            t = y
// clip (alpha = min, beta = max), leakyRelu (alpha),
// hardSwish, silu (alpha as in x·sigmoid(alpha·x)),
// elu (alpha), softplus, gelu, geluTanh               t = x

/** The slope of an activation times dy; the code is a literal. */
// @ts-ignore: decorator
@inline
function slope(code: i32, dy: v128, t: v128, alpha: v128, beta: v128): v128 {
  const one = f4(1);
  const zero = f4(0);
  if (code == Unary.relu) return v128.and(dy, f32x4.gt(t, zero));
  if (code == Unary.clip) return v128.and(dy, v128.and(f32x4.ge(t, alpha), f32x4.le(t, beta)));
  if (code == Unary.leakyRelu) return v128.bitselect(dy, f32x4.mul(dy, alpha), f32x4.gt(t, zero));
  if (code == Unary.sigmoid) return f32x4.mul(dy, f32x4.mul(t, f32x4.sub(one, t)));
  if (code == Unary.hardSigmoid)
    return v128.and(f32x4.mul(dy, alpha), v128.and(f32x4.gt(t, zero), f32x4.lt(t, one)));
  if (code == Unary.hardSwish) {
    const inner = f32x4.add(f32x4.mul(t, f4(<f32>(1.0 / 3.0))), f4(0.5));
    const right = v128.bitselect(one, inner, f32x4.ge(t, f4(3)));
    return f32x4.mul(dy, v128.andnot(right, f32x4.le(t, f4(-3))));
  }
  if (code == Unary.silu) {
    const scaled = f32x4.mul(t, alpha);
    const sigmoid = sigmoidV(scaled);
    const rest = f32x4.mul(scaled, f32x4.sub(one, sigmoid));
    return f32x4.mul(dy, f32x4.mul(sigmoid, f32x4.add(one, rest)));
  }
  if (code == Unary.tanh) return f32x4.mul(dy, f32x4.mul(f32x4.sub(one, t), f32x4.add(one, t)));
  if (code == Unary.elu) {
    const left = f32x4.mul(alpha, expNegativeV(f32x4.pmin(t, zero)));
    return f32x4.mul(dy, v128.bitselect(left, one, f32x4.le(t, zero)));
  }
  // Of ±∞ the slope is 0 and 1, as beyond 14.
  const x = clamp(t, f4(-14), f4(14));
  const square = f32x4.mul(x, x);
  if (code == Unary.gelu) {
    const density = f32x4.mul(f4(0.3989422804), expNegativeV(f32x4.mul(square, f4(-0.5))));
    return f32x4.mul(dy, madd(normalV(x), x, density));
  }
  if (code == Unary.geluTanh) {
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
 * dx = dy times the slope of an activation at t: its output for relu, sigmoid, hardSigmoid and tanh, its input for
 * clip, leakyRelu, hardSwish, silu, elu, softplus, gelu and geluTanh; other codes leave dx alone. dx may be dy or t.
 */
export function f32_activation_gradient(
  code: Unary, alpha: f32, beta: f32, dy: usize, t: usize, dx: usize, count: i32, part: i32, parts: i32,
): void {
  assert(0 <= part && part < parts);
  const vectors = (count + 3) >> 2;
  const begin = shareBegin(vectors, part, parts) << 2;
  const own = min(shareBegin(vectors, part + 1, parts) << 2, count) - begin;
  dy += <usize>begin << 2;
  t += <usize>begin << 2;
  dx += <usize>begin << 2;
  if (code == Unary.relu) run(Unary.relu, dy, t, dx, own, alpha, beta);
  else if (code == Unary.clip) run(Unary.clip, dy, t, dx, own, alpha, beta);
  else if (code == Unary.leakyRelu) run(Unary.leakyRelu, dy, t, dx, own, alpha, beta);
  else if (code == Unary.sigmoid) run(Unary.sigmoid, dy, t, dx, own, alpha, beta);
  else if (code == Unary.hardSigmoid) run(Unary.hardSigmoid, dy, t, dx, own, alpha, beta);
  else if (code == Unary.hardSwish) run(Unary.hardSwish, dy, t, dx, own, alpha, beta);
  else if (code == Unary.silu) run(Unary.silu, dy, t, dx, own, alpha, beta);
  else if (code == Unary.tanh) run(Unary.tanh, dy, t, dx, own, alpha, beta);
  else if (code == Unary.elu) run(Unary.elu, dy, t, dx, own, alpha, beta);
  else if (code == Unary.softplus) run(Unary.softplus, dy, t, dx, own, alpha, beta);
  else if (code == Unary.gelu) run(Unary.gelu, dy, t, dx, own, alpha, beta);
  else if (code == Unary.geluTanh) run(Unary.geluTanh, dy, t, dx, own, alpha, beta);
}
