import { madd, shareBegin, storeLanes } from "../simd";
import { f4, sigmoidV, tanhV } from "./math";

/**
 * One step of an LSTM. gates [batch][4·size] hold x·Wᵀ + h·Rᵀ + b in the order i, o, f, c, before activation;
 * peephole [3·size] in the order i, o, f, or 0. cell and hidden [batch][size] are updated in place.
 * Every element stands alone: shares are ranges of columns.
 */
export function f32_lstm_gates(
  gates: usize,
  peephole: usize,
  cell: usize,
  hidden: usize,
  batch: i32,
  size: i32,
  part: i32,
  parts: i32,
): void {
  assert(0 <= part && part < parts);
  const width = <usize>size << 2;
  const strips = (size + 15) >> 4;
  const begin = shareBegin(strips, part, parts) << 4;
  const end = min(shareBegin(strips, part + 1, parts) << 4, size);
  for (let row = 0; row < batch; row++) {
    const own = gates + <usize>row * width * 4;
    const state = <usize>row * width;
    for (let col = begin; col < end; col += 4) {
      const offset = <usize>col << 2;
      const before = v128.load(cell + state + offset);
      let i = v128.load(own + offset);
      let o = v128.load(own + width + offset);
      let f = v128.load(own + width * 2 + offset);
      const candidate = tanhV(v128.load(own + width * 3 + offset));
      if (peephole) {
        i = madd(i, before, v128.load(peephole + offset));
        f = madd(f, before, v128.load(peephole + width * 2 + offset));
      }
      const after = madd(f32x4.mul(sigmoidV(f), before), sigmoidV(i), candidate);
      if (peephole) o = madd(o, after, v128.load(peephole + width + offset));
      storeLanes(cell + state + offset, after, end - col);
      storeLanes(hidden + state + offset, f32x4.mul(sigmoidV(o), tanhV(after)), end - col);
    }
  }
}

/**
 * One step of a GRU with linear_before_reset ≠ 0: xGates [batch][3·size] hold x·Wᵀ + Wb and hGates h·Rᵀ + Rb, both in
 * the order z, r, h, before activation; hidden [batch][size] is updated in place. Without it two calls, with
 * linearBeforeReset 0 and then -1, stand around the product (r ⊙ h)·Rhᵀ; the kernel says how.
 *
 * With linear_before_reset = 0 the candidate needs (r ⊙ h)·Rhᵀ, which takes a product between two steps. The
 * host calls this twice then, with linearBeforeReset 0 and -1: 0 wants the z and r parts of both, and writes
 * r ⊙ h over the r part of xGates and z over the z part; -1 wants (r ⊙ h)·Rhᵀ + Rbh in the h part of hGates
 * and updates hidden.
 */
export function f32_gru_gates(
  xGates: usize,
  hGates: usize,
  hidden: usize,
  batch: i32,
  size: i32,
  linearBeforeReset: i32,
  part: i32,
  parts: i32,
): void {
  assert(0 <= part && part < parts);
  const width = <usize>size << 2;
  const strips = (size + 15) >> 4;
  const begin = shareBegin(strips, part, parts) << 4;
  const end = min(shareBegin(strips, part + 1, parts) << 4, size);
  for (let row = 0; row < batch; row++) {
    const gates = <usize>row * width * 3;
    for (let col = begin; col < end; col += 4) {
      const offset = gates + (<usize>col << 2);
      const state = hidden + <usize>row * width + (<usize>col << 2);
      const lanes = end - col;
      const before = v128.load(state);
      let z = v128.load(xGates + offset);
      let reset = f4(1);
      if (linearBeforeReset >= 0) {
        z = sigmoidV(f32x4.add(z, v128.load(hGates + offset)));
        reset = sigmoidV(f32x4.add(v128.load(xGates + offset + width), v128.load(hGates + offset + width)));
      }
      if (linearBeforeReset == 0) {
        storeLanes(xGates + offset, z, lanes);
        storeLanes(xGates + offset + width, f32x4.mul(reset, before), lanes);
        continue;
      }
      const candidates = width * 2 + offset;
      const candidate = tanhV(madd(v128.load(xGates + candidates), reset, v128.load(hGates + candidates)));
      // (1 - z)·candidate + z·before
      storeLanes(state, madd(candidate, z, f32x4.sub(before, candidate)), lanes);
    }
  }
}
