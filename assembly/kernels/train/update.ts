// Optimiser steps, element by element. `rate` points at the learning rate; where the number at `guard` (the loss) is not
// finite, weights and moments keep their values, so that a diverged step can be looked into.
import { madd, shareBegin, storeLanes } from "../../simd";

/** v = momentum * v + g + decay * w; w -= rate * (nesterov ? g + decay * w + momentum * v : v). Outputs may be inputs. */
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
