import { ROUNDER } from "../../codec.ts";
import { DTypeError } from "../../errors.ts";
import type { FusedActivation } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";
import type { EvaluateContext, InferContext } from "../define.ts";
import { type Address, asFloat, type Float } from "../kernel-arguments.ts";
import { type SumCode, sumCode } from "../kernel-contract.ts";
import { isConstant, type LowerContext } from "../lowering.ts";
import { scalarOf } from "./axes.ts";
import { toNumbers } from "./elements.ts";
import { checkDType } from "./elementwise.ts";
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

const [X, X_SCALE, X_ZERO, W, W_SCALE, , BIAS, Y_SCALE, Y_ZERO] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;

/** Checks dtypes; gives that of the output. */
export function productDType<A>(context: InferContext<A>): "float32" | "int8" | "uint8" {
  checkDType(context, "x", context.fact(X).dtype, ["int8", "uint8"]);
  checkDType(context, "w", context.fact(W).dtype, ["int8", "uint8"]);
  if (context.inputs[Y_SCALE] === undefined) return "float32";
  const dtype = context.inputs[Y_ZERO]?.dtype ?? "uint8";
  if (dtype !== "int8" && dtype !== "uint8") throw new DTypeError(context.node, `cannot give ${dtype}`);
  return dtype;
}

const { fround } = Math;

/** The activations that a clamp can do. */
export const isClamp = (activation: FusedActivation | undefined): boolean =>
  activation === undefined || activation.kind === "relu" || activation.kind === "clip";

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
  context: EvaluateContext<unknown>,
  sums: Int32Array,
  dims: readonly number[],
  run: number,
  channels: number,
): TensorData {
  const xScale = scalarOf(context, context.tensor(X_SCALE), "x_scale");
  const wScales = toNumbers(context.tensor(W_SCALE));
  if (wScales.length !== 1 && wScales.length !== channels)
    context.fail(`w_scale needs 1 or ${channels} elements, got ${wScales.length}`);
  const bias = context.optional(BIAS);
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

function outputOf(context: EvaluateContext<unknown>) {
  const yScale = context.optional(Y_SCALE);
  if (yScale === undefined) return undefined;
  const zero = context.optional(Y_ZERO);
  return {
    scale: scalarOf(context, yScale, "y_scale"),
    zero: zero === undefined ? 0 : scalarOf(context, zero, "y_zero_point"),
    dtype: zero?.dtype === "int8" ? ("int8" as const) : ("uint8" as const),
  };
}

/**
 * Whether the kernels take the node: everything constant but x and, where the output is float32, its scale; an 8-bit
 * output wants its bias in whole units.
 */
export function isProductLowerable(context: LowerContext<unknown>): boolean {
  const { inputs, node } = context;
  const quantised = inputs[Y_SCALE] !== undefined;
  const runtime = quantised ? [X] : [X, X_SCALE, X_ZERO];
  return (
    isClamp(node.activation) &&
    (!quantised || inputs[BIAS] === undefined || inputs[BIAS].fact.dtype === "int32") &&
    inputs.every((input, i) => input === undefined || isConstant(input) || runtime.includes(i as never))
  );
}

const numberOf = (data: TensorData | undefined): number => (data ? (toNumbers(data)[0] as number) : 0);

/** `xSigned, xZero`: how a kernel reads x. */
export function inputArguments(context: LowerContext<unknown>): [number, Address] {
  return [context.input(X).fact.dtype === "int8" ? 1 : 0, context.at(context.inputs[X_ZERO])];
}

/** `bias, scale, multiplier, shift` for `channels` columns. */
export function scaleArguments(
  context: LowerContext<unknown>,
  channels: number,
): [Address, Address, Address, Address] {
  const { inputs } = context;
  const [wScale, bias] = [context.input(W_SCALE), inputs[BIAS]];
  const yScale = inputs[Y_SCALE] && numberOf(inputs[Y_SCALE].fact.data);
  const xScale = yScale === undefined ? 1 : numberOf(context.input(X_SCALE).fact.data);
  const scale = context.packed(
    wScale,
    `scale ${channels} ${xScale} ${yScale}`,
    channels,
    (source, target) => {
      const values = toNumbers(source);
      for (let c = 0; c < channels; c++) {
        const own = values[values.length === 1 ? 0 : c] as number;
        target[c] = yScale === undefined ? own : fround(fround(xScale * own) / yScale);
      }
    },
  );
  const multiplier = yScale === undefined ? context.at(context.input(X_SCALE)) : 0;
  if (bias === undefined) return [0, scale, multiplier, 0];
  if (bias.fact.dtype === "int32") return [context.at(bias), scale, multiplier, 0];
  return [0, scale, multiplier, context.at(bias)];
}

/** `kind, yZero, low, high`: what becomes of sums of `depth` products. */
export function outputArguments(
  context: LowerContext<unknown>,
  depth: number,
): [SumCode, number, Float, Float] {
  const { inputs, node } = context;
  const { dtype } = context.output().fact;
  if (inputs[Y_SCALE] === undefined) return [sumCode.float32, 0, ...asFloats(clampBounds(node.activation))];
  const zero = numberOf(inputs[Y_ZERO]?.fact.data);
  const output = { scale: numberOf(inputs[Y_SCALE].fact.data), zero, dtype: dtype as "int8" | "uint8" };
  const bounds = clampBounds(node.activation, output);
  const [min, max] = QUANTIZED_RANGE[output.dtype] as readonly [number, number];
  const saturates = bounds[0] === min - zero && bounds[1] === max - zero;
  const free = saturates && largestResult(context, depth, output.scale) < ROUNDABLE;
  return [sumCode[output.dtype], zero, ...asFloats(free ? [-Infinity, Infinity] : bounds)];
}

const asFloats = ([low, high]: readonly [number, number]): [Float, Float] => [asFloat(low), asFloat(high)];

/** Below this the kernels round correctly without clamping first. */
const ROUNDABLE = 2 ** 22;

/** An upper bound of |sum·scale| for sums of `depth` products and the bias. */
function largestResult(context: LowerContext<unknown>, depth: number, yScale: number): number {
  const largest = (data: TensorData | undefined): number => {
    let most = 0;
    for (const value of data ? toNumbers(data) : []) most = Math.max(most, Math.abs(value));
    return most;
  };
  const xScale = numberOf(context.input(X_SCALE).fact.data);
  const sum = depth * 255 * 255 + largest(context.inputs[BIAS]?.fact.data);
  return (sum * xScale * largest(context.input(W_SCALE).fact.data)) / yScale;
}
