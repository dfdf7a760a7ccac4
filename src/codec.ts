/** How a cast to an 8-bit float treats what does not fit: https://onnx.ai/onnx/operators/onnx__Cast.html */
export interface NarrowOptions {
  /** Out of range becomes the greatest finite number (float8e8m0: the nearest end) rather than infinity or NaN. */
  readonly saturate: boolean;
  /** float8e8m0 alone: `up` away from zero, `down` towards it, `nearest` with halves up. */
  readonly roundMode: string;
}

/** Elements that are held as something else than the number they stand for, or wrap elsewhere than their array does. */
export interface Codec {
  decode(bits: number): number;
  /** The nearest element, ties to even; integers are cut towards zero and wrapped. */
  encode(value: number, options?: NarrowOptions): number;
}

/** Adding and taking away 1.5·2^52 leaves a double rounded to a whole number, halves to even. */
export const ROUNDER = 1.5 * 2 ** 52;
