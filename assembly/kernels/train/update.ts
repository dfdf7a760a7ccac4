// Optimiser steps, element by element. `rate` points at the learning rate; where the number at `guard` (the loss) is not
// finite, weights and moments keep their values, so that a diverged step can be looked into.
import { madd, shareBegin, storeLanes } from "../../simd";

/**
 * v = momentum * v + g + decay * w; w -= rate * (nesterov ? g + decay * w + momentum * v : v). `v` may be 0: no
 * momentum. `rate` and `guard` point at floats; nothing changes where the one at `guard` is not finite. Outputs may be
 * inputs.
 */
export function f32_sgd_update(
  w: usize,
  g: usize,
  v: usize,
  rate: usize,
  guard: usize,
  wOut: usize,
  vOut: usize,
  count: i32,
  momentum: f32,
  nesterov: i32,
  decay: f32,
  part: i32,
  parts: i32,
): void {
  const steps = isFinite<f32>(f32.load(guard));
  const down = f32x4.splat(-f32.load(rate));
  const momenta = f32x4.splat(momentum);
  const decays = f32x4.splat(decay);
  const vectors = (count + 3) >> 2;
  const end = min(shareBegin(vectors, part + 1, parts) << 2, count);
  for (let i = shareBegin(vectors, part, parts) << 2; i < end; i += 4) {
    const at = <usize>i << 2;
    const lanes = end - i;
    const old = v128.load(w + at);
    const gradient = madd(v128.load(g + at), decays, old);
    let step = gradient;
    if (v) {
      const before = v128.load(v + at);
      const velocity = madd(gradient, momenta, before);
      step = nesterov ? madd(gradient, momenta, velocity) : velocity;
      storeLanes(vOut + at, steps ? velocity : before, lanes);
    }
    storeLanes(wOut + at, steps ? madd(old, down, step) : old, lanes);
  }
}

/** base^exponent for a whole number, by squaring. */
function power(base: f64, exponent: i32): f64 {
  let result: f64 = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result *= base;
    base *= base;
  }
  return result;
}

/**
 * m = beta1 * m + (1 - beta1) * g, v = beta2 * v + (1 - beta2) * g², w -= rate * (m / (1 - beta1^step)) / (√(v / (1 -
 * beta2^step)) + epsilon). `step` points at the number of this step, from 1; `rate` and `guard` as for
 * `f32_sgd_update`. Decay joins the gradient or, decoupled, takes rate * decay * w off w. Outputs may be inputs.
 */
export function f32_adam_update(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  rate: usize,
  guard: usize,
  step: usize,
  wOut: usize,
  mOut: usize,
  vOut: usize,
  count: i32,
  beta1: f64,
  beta2: f64,
  epsilon: f32,
  decay: f32,
  decoupled: i32,
  part: i32,
  parts: i32,
): void {
  const steps = isFinite<f32>(f32.load(guard));
  const number = <i32>f32.load(step);
  const down = f32x4.splat(<f32>(-(<f64>f32.load(rate)) / (1 - power(beta1, number))));
  const spread = f32x4.splat(<f32>(1 / Math.sqrt(1 - power(beta2, number))));
  const keep1 = f32x4.splat(<f32>beta1);
  const keep2 = f32x4.splat(<f32>beta2);
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const take2 = f32x4.splat(<f32>(1 - beta2));
  const small = f32x4.splat(epsilon);
  const pull = f32x4.splat(decoupled ? 0 : decay);
  const keepW = f32x4.splat(decoupled ? 1 - f32.load(rate) * decay : 1);
  const vectors = (count + 3) >> 2;
  const end = min(shareBegin(vectors, part + 1, parts) << 2, count);
  for (let i = shareBegin(vectors, part, parts) << 2; i < end; i += 4) {
    const at = <usize>i << 2;
    const lanes = end - i;
    const old = v128.load(w + at);
    const oldM = v128.load(m + at);
    const oldV = v128.load(v + at);
    const gradient = madd(v128.load(g + at), pull, old);
    const mean = madd(f32x4.mul(take1, gradient), keep1, oldM);
    const square = madd(f32x4.mul(f32x4.mul(take2, gradient), gradient), keep2, oldV);
    const reach = madd(small, f32x4.sqrt(square), spread);
    const next = madd(f32x4.mul(old, keepW), down, f32x4.div(mean, reach));
    storeLanes(mOut + at, steps ? mean : oldM, lanes);
    storeLanes(vOut + at, steps ? square : oldV, lanes);
    storeLanes(wOut + at, steps ? next : old, lanes);
  }
}

/**
 * s = rho * s + (1 - rho) * g², u = momentum * u + g / (√s + epsilon), w -= rate * u, with g + decay * w for g. `u` may
 * be 0: no momentum; `rate` and `guard` as for `f32_sgd_update`. Outputs may be inputs.
 */
export function f32_rms_prop_update(
  w: usize,
  g: usize,
  s: usize,
  u: usize,
  rate: usize,
  guard: usize,
  wOut: usize,
  sOut: usize,
  uOut: usize,
  count: i32,
  rho: f64,
  epsilon: f32,
  momentum: f32,
  decay: f32,
  part: i32,
  parts: i32,
): void {
  const steps = isFinite<f32>(f32.load(guard));
  const down = f32x4.splat(-f32.load(rate));
  const keep = f32x4.splat(<f32>rho);
  const take = f32x4.splat(<f32>(1 - rho));
  const small = f32x4.splat(epsilon);
  const momenta = f32x4.splat(momentum);
  const decays = f32x4.splat(decay);
  const vectors = (count + 3) >> 2;
  const end = min(shareBegin(vectors, part + 1, parts) << 2, count);
  for (let i = shareBegin(vectors, part, parts) << 2; i < end; i += 4) {
    const at = <usize>i << 2;
    const lanes = end - i;
    const old = v128.load(w + at);
    const oldS = v128.load(s + at);
    const gradient = madd(v128.load(g + at), decays, old);
    const square = madd(f32x4.mul(f32x4.mul(take, gradient), gradient), keep, oldS);
    let step = f32x4.div(gradient, f32x4.add(f32x4.sqrt(square), small));
    if (u) {
      const before = v128.load(u + at);
      step = madd(step, momenta, before);
      storeLanes(uOut + at, steps ? step : before, lanes);
    }
    storeLanes(sOut + at, steps ? square : oldS, lanes);
    storeLanes(wOut + at, steps ? madd(old, down, step) : old, lanes);
  }
}
