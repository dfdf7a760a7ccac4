import { ROUNDER } from "../../codec.ts";
import { DTypeError } from "../../errors.ts";
import type { FusedActivation } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";
import { type EvaluateContext, type InferContext, placesOf } from "../define.ts";
import { checkDType } from "../elementwise/dtypes.ts";
import { scalarOf } from "../shared/axes.ts";
import { toNumbers } from "../shared/elements.ts";
import { QUANTIZED_RANGE } from "./quantization.ts";

/*
 * What QuantizedConv and QuantizedGemm share: both sum 8-bit numbers less their zero points in int32, and then
 *
 *   v = sum·(xScale·wScale[c]) + bias[c], clamped by the activation
 *
 * is the float32 result, or what is quantised with yScale and yZeroPoint. A bias of int32 is counted in units of
 * xScale·wScale[c] and joins the sum.
 */

export const PRODUCT_INPUTS = [
  "x",
  "xScale",
  "xZeroPoint?",
  "w",
  "wScale",
  "wZeroPoint?",
  "bias?",
  "yScale?",
  "yZeroPoint?",
] as const;

/** Where each of them stands. */
export const PRODUCT_AT = placesOf(PRODUCT_INPUTS);

type ProductInputs = typeof PRODUCT_INPUTS;

/** Checks dtypes; gives that of the output. */
export function productDType<A>(context: InferContext<A, ProductInputs>): "float32" | "int8" | "uint8" {
  const { x, w, yScale, yZeroPoint } = context.facts();
  checkDType(context, "x", x.dtype, ["int8", "uint8"]);
  checkDType(context, "w", w.dtype, ["int8", "uint8"]);
  if (yScale === undefined) return "float32";
  const dtype = yZeroPoint?.dtype ?? "uint8";
  if (dtype !== "int8" && dtype !== "uint8") throw new DTypeError(context.node, `cannot give ${dtype}`);
  return dtype;
}

const { fround } = Math;

/** The activation's bounds in units of `scale`, within the range that 8 bits hold around `zero`. */
export function clampBounds(
  activation: FusedActivation | undefined,
  output?: { readonly scale: number; readonly zero: number; readonly dtype: "int8" | "uint8" },
): [low: number, high: number] {
  const scale = output?.scale ?? 1;
  let low = -Infinity;
  let high = Infinity;
  if (activation?.kind === "relu") low = 0;
  if (activation?.kind === "clip") {
    low = fround(activation.alpha / scale);
    high = fround(activation.beta / scale);
  }
  if (output === undefined) return [low, high];
  const [min, max] = QUANTIZED_RANGE[output.dtype] as readonly [number, number];
  const clamp = (value: number): number => Math.min(Math.max(value, min - output.zero), max - output.zero);
  return [clamp(low), clamp(high)];
}

/** The definition of what becomes of the sums. Element i belongs to channel `⌊i / run⌋ % channels`. */
export function finishSums(
  context: EvaluateContext<unknown, ProductInputs>,
  sums: Int32Array,
  dims: readonly number[],
  run: number,
  channels: number,
): TensorData {
  const { bias, ...given } = context.tensors();
  const xScale = scalarOf(context, given.xScale, "x_scale");
  const wScales = toNumbers(given.wScale);
  if (wScales.length !== 1 && wScales.length !== channels)
    context.fail(`w_scale needs 1 or ${channels} elements, got ${wScales.length}`);
  const biases = bias && toNumbers(bias);
  const output = outputOf(context);
  const divisor = output?.scale ?? 1;
  const [low, high] = clampBounds(context.node.activation, output);
  const data = output === undefined ? new Float32Array(sums.length) : undefined;
  const bytes =
    output && (output.dtype === "int8" ? new Int8Array(sums.length) : new Uint8Array(sums.length));
  for (let from = 0, block = 0; from < sums.length; from += run, block++) {
    const c = block % channels;
    const scale = fround(fround(xScale * (wScales[wScales.length === 1 ? 0 : c] as number)) / divisor);
    const own = biases?.[c] ?? 0;
    const whole = bias?.dtype === "int32" ? own : 0;
    const shift = bias?.dtype === "int32" ? 0 : fround(own / divisor);
    for (let i = from; i < from + run; i++) {
      const value = fround(fround(fround(((sums[i] as number) + whole) | 0) * scale) + shift);
      const cut = Math.min(Math.max(value, low), high);
      if (data !== undefined) data[i] = cut;
      else (bytes as Int8Array)[i] = cut + ROUNDER - ROUNDER + (output as { zero: number }).zero;
    }
  }
  if (data !== undefined) return { dtype: "float32", dims, data };
  return { dtype: output?.dtype ?? "int8", dims, data: bytes as Int8Array } as TensorData;
}

function outputOf(context: EvaluateContext<unknown, ProductInputs>) {
  const { yScale, yZeroPoint: zero } = context.tensors();
  if (yScale === undefined) return undefined;
  return {
    scale: scalarOf(context, yScale, "y_scale"),
    zero: zero === undefined ? 0 : scalarOf(context, zero, "y_zero_point"),
    dtype: zero?.dtype === "int8" ? ("int8" as const) : ("uint8" as const),
  };
}

/** The only element of a scalar, 0 where there is none. */
export const numberOf = (data: TensorData | undefined): number => (data ? (toNumbers(data)[0] as number) : 0);
