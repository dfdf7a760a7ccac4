import type { TensorData } from "../../tensor.ts";
import { type AttributesOf, defineOp, factOf, float, floats, string } from "../define.ts";
import { BOOL, checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { toNumberArray } from "../shared/elements.ts";
import { evaluateResize, inferResize, type ResizeRequest } from "./resizing.ts";

const attributes = {
  heightScale: float(),
  mode: string("nearest"),
  scales: floats(),
  widthScale: float(),
};

export type UpsampleAttributes = AttributesOf<typeof attributes>;

interface UpsampleNode {
  readonly attributes: UpsampleAttributes;
  readonly opset: number;
}

export function upsampleRequest(
  { attributes: a, opset }: UpsampleNode,
  input: TensorData | undefined,
): ResizeRequest | undefined {
  const old =
    a.heightScale !== undefined && a.widthScale !== undefined
      ? [1, 1, a.heightScale, a.widthScale]
      : undefined;
  const scales = opset < 9 ? (a.scales ?? old) : input && toNumberArray(input);
  if (scales === undefined) return undefined;
  return {
    rule: {
      mode: a.mode === "bilinear" ? "linear" : a.mode,
      coordinateTransformationMode: "asymmetric",
      nearestMode: "simple",
      cubicCoeffA: -0.75,
      excludeOutside: false,
      antialias: false,
    },
    scales,
    sizes: undefined,
    axes: undefined,
    roi: undefined,
    keepAspectRatioPolicy: "stretch",
    extrapolationValue: 0,
  };
}

/**
 * Upsample: what Resize was before opset 10.
 * https://onnx.ai/onnx/operators/onnx__Upsample.html
 */
export const upsample = defineOp({
  type: "Upsample",
  since: [1, 7, 9, 10],
  inputs: ["x", "scales?"],
  attributes,
  settings: true,

  infer(context) {
    const x = context.fact(0);
    checkDType(context, "x", x.dtype, [...NUMBERS, ...BOOL]);
    const { mode } = context.attributes;
    if (!["nearest", "linear", "bilinear"].includes(mode))
      context.fail(`mode must be nearest or linear, got ${JSON.stringify(mode)}`);
    if (x.dims === undefined) return [factOf(x.dtype, undefined)];
    return [factOf(x.dtype, inferResize(context, x.dims, upsampleRequest(context, context.data(1))))];
  },

  evaluate(context) {
    const asked = upsampleRequest(context, context.optional(1));
    if (asked === undefined) return context.fail("needs scales");
    return [evaluateResize(context, context.tensor(0), asked)];
  },
});
