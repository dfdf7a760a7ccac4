// The arguments that the kernels of QuantizedConv and QuantizedGemm share.
import type { FusedActivation } from "../../graph/graph.ts";
import { QUANTIZED_RANGE } from "../../ops/quantized/quantization.ts";
import { PRODUCT_AT as AT, clampBounds, numberOf } from "../../ops/quantized/quantized-product.ts";
import { toNumbers } from "../../ops/shared/elements.ts";
import type { TensorData } from "../../tensor.ts";
import { type Address, asFloat, type Float } from "../arguments.ts";
import { isConstant, type LowerContext } from "../context.ts";
import { type SumCode, sumCode } from "../contract.ts";
import type { Site } from "../site.ts";

const { fround } = Math;

/** The activations that a clamp can do. */
export const isClamp = (activation: FusedActivation | undefined): boolean =>
  activation === undefined || activation.kind === "relu" || activation.kind === "clip";

/**
 * Whether the kernels take the node: everything constant but x and, where the output is float32, its scale; an 8-bit
 * output wants its bias in whole units.
 */
export function isProductLowerable({ inputs, node }: Site): boolean {
  const [quantised, bias] = [inputs[AT.yScale] !== undefined, inputs[AT.bias]];
  const runtime = quantised ? [AT.x] : [AT.x, AT.xScale, AT.xZeroPoint];
  return (
    isClamp(node.activation) &&
    (!quantised || bias === undefined || bias.fact.dtype === "int32") &&
    inputs.every((input, i) => input === undefined || isConstant(input) || runtime.includes(i as never))
  );
}

/** `xSigned, xZero`: how a kernel reads x. */
export function inputArguments(context: LowerContext<unknown>): [number, Address] {
  return [context.input(AT.x).fact.dtype === "int8" ? 1 : 0, context.at(context.inputs[AT.xZeroPoint])];
}

/** `bias, scale, multiplier, shift` for `channels` columns. */
export function scaleArguments(
  context: LowerContext<unknown>,
  channels: number,
): [Address, Address, Address, Address] {
  const { inputs } = context;
  const [wScale, bias, quantised] = [context.input(AT.wScale), inputs[AT.bias], inputs[AT.yScale]];
  const yScale = quantised && numberOf(quantised.fact.data);
  const xScale = yScale === undefined ? 1 : numberOf(context.input(AT.xScale).fact.data);
  const scale = context.packed(
    wScale,
    `scale ${channels} ${xScale} ${yScale}`,
    Float32Array,
    channels,
    (source, target) => {
      const values = toNumbers(source);
      for (let c = 0; c < channels; c++) {
        const own = values[values.length === 1 ? 0 : c] as number;
        target[c] = yScale === undefined ? own : fround(fround(xScale * own) / yScale);
      }
    },
  );
  const multiplier = yScale === undefined ? context.at(context.input(AT.xScale)) : 0;
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
  const yScale = inputs[AT.yScale];
  if (yScale === undefined) return [sumCode.float32, 0, ...asFloats(clampBounds(node.activation))];
  const zero = numberOf(inputs[AT.yZeroPoint]?.fact.data);
  const output = { scale: numberOf(yScale.fact.data), zero, dtype: dtype as "int8" | "uint8" };
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
  const xScale = numberOf(context.input(AT.xScale).fact.data);
  const sum = depth * 255 * 255 + largest(context.inputs[AT.bias]?.fact.data);
  return (sum * xScale * largest(context.input(AT.wScale).fact.data)) / yScale;
}
