import { Binary, Unary } from "../codes";
import { StridedShape } from "../shapes";
import { strided } from "./strided";

/** y = activation(op(a, b)); zero strides broadcast. y may equal a or b where their strides are equal. */
export function f32_binary(
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
  assert(0 <= op && op <= Binary.pow && 0 <= part && part < parts);
  strided(op, shape, a, b, y, activation, alpha, beta, part, parts);
}
