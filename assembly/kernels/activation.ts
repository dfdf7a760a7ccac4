// Fused activations. Identity, relu and clip are a clamp that the kernels apply in registers; every other code is
// applied to rows just written, while they are in cache.
import { Unary } from "../codes";
import { unaryRows } from "./unary_rows";

export function clampLow(activation: i32, alpha: f32): f32 {
  if (activation == Unary.relu) return 0;
  return activation == Unary.clip ? alpha : -Infinity;
}

export function clampHigh(activation: i32, beta: f32): f32 {
  return activation == Unary.clip ? beta : Infinity;
}

/** Applies what the clamp could not express to rows just written. */
// @ts-ignore: decorator
@inline
export function finishRows(
  activation: i32, alpha: f32, beta: f32, y: usize, ldy: i32, rows: i32, cols: i32,
): void {
  if (activation > Unary.clip) unaryRows(activation, alpha, beta, y, ldy, y, ldy, rows, cols);
}
