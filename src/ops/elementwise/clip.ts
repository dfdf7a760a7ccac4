import { is64Bit } from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import { concreteDims, type Fact, isConcrete } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, factOf, float, ints } from "../define.ts";
import { CHECKED, scalarOf } from "../shared/axes.ts";
import { toBigInts } from "../shared/elements.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { checkDType, mapElements, NUMBERS } from "./dtypes.ts";
import { scalars } from "./scalars.ts";

/** The greatest finite number of each float dtype: an absent bound cuts infinities to it. */
const GREATEST: Readonly<Record<string, number>> = {
  float32: 3.4028234663852886e38,
  float16: 65504,
  bfloat16: 0xff * 2 ** 120,
  float64: Number.MAX_VALUE,
};

interface ClipAttributes {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

const isKnown = (fact: Fact | undefined): boolean => fact === undefined || fact.data !== undefined;

/** `[min, max]` of any dtype but the 64-bit integers: from attributes before opset 11, from inputs since. */
function bounds(
  context: { readonly opset: number; readonly attributes: ClipAttributes; fail(message: string): never },
  dtype: string,
  min: TensorData | undefined,
  max: TensorData | undefined,
): [number, number] {
  const greatest = GREATEST[dtype] ?? Infinity;
  if (context.opset < 11) return [context.attributes.min ?? -greatest, context.attributes.max ?? greatest];
  return [
    min === undefined ? -greatest : scalarOf(context, min, "min"),
    max === undefined ? greatest : scalarOf(context, max, "max"),
  ];
}

/**
 * Clip: each element raised to min, then cut to max.
 * https://onnx.ai/onnx/operators/onnx__Clip.html
 */
export const clip = defineOp({
  type: "Clip",
  since: [1, 6, 11, 12, 13],
  inputs: ["x", "min?", "max?"],
  attributes: { min: float(), max: float(), consumedInputs: ints() },

  activation({ opset, attributes, inputs: [, min, max] }) {
    if (!isKnown(min) || !isKnown(max)) return undefined;
    const [alpha, beta] = bounds({ opset, attributes, ...CHECKED }, "float32", min?.data, max?.data);
    return alpha > beta ? undefined : { kind: "clip", alpha, beta };
  },

  settings: true,
  receptiveField: atOwnPlace,

  infer(context) {
    const { dtype, dims } = context.fact(0);
    checkDType(context, "x", dtype, NUMBERS);
    for (const bound of context.inputs.slice(1)) {
      if (bound !== undefined && bound.dtype !== dtype) {
        context.failType(`min and max must be ${dtype} like x, got ${bound.dtype}`);
      }
      if (isConcrete(bound) && elementCount(concreteDims(bound)) !== 1)
        context.fail(`min and max must be one value each, got ${showDims(bound.dims)}`);
    }
    return [factOf(dtype, dims)];
  },

  evaluate(context) {
    const { x, min, max } = context.tensors();
    if (is64Bit(x.dtype)) {
      const low = min && toBigInts(min)[0];
      const high = max && toBigInts(max)[0];
      const wide = (value: bigint): bigint => {
        const raised = low !== undefined && value < low ? low : value;
        return high !== undefined && raised > high ? high : raised;
      };
      return [mapElements(x, x.dtype, Number, wide)];
    }
    return [mapElements(x, x.dtype, scalars.clip(...bounds(context, x.dtype, min, max)))];
  },
});
