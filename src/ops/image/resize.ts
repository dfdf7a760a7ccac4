import type { TensorData } from "../../tensor.ts";
import { type AttributesOf, defineOp, factOf, float, int, ints, string } from "../define.ts";
import { BOOL, checkDType, checkList, NUMBERS } from "../elementwise/dtypes.ts";
import { toNumberArray } from "../shared/elements.ts";
import { evaluateResize, inferResize, type ResizeRequest } from "./resizing.ts";

const attributes = {
  antialias: int(0),
  axes: ints(),
  coordinateTransformationMode: string("half_pixel"),
  cubicCoeffA: float(-0.75),
  excludeOutside: int(0),
  extrapolationValue: float(0),
  keepAspectRatioPolicy: string("stretch"),
  mode: string("nearest"),
  nearestMode: string("round_prefer_floor"),
};

const COORDINATES = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
  "tf_half_pixel_for_nn",
  "tf_crop_and_resize",
];
const NEAREST = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];
const POLICIES = ["stretch", "not_larger", "not_smaller"];

export type ResizeAttributes = AttributesOf<typeof attributes>;

interface ResizeNode {
  readonly attributes: ResizeAttributes;
  readonly opset: number;
}

/** What the node asks for; undefined while scales and sizes are not known. */
export function resizeRequest(
  node: ResizeNode,
  data: (index: number) => TensorData | undefined,
): ResizeRequest | undefined {
  const given = (index: number) => {
    const tensor = data(index);
    return tensor === undefined || tensor.data.length === 0 ? undefined : toNumberArray(tensor);
  };
  const old = node.opset < 11;
  const scales = given(old ? 1 : 2);
  const sizes = old ? undefined : given(3);
  if (scales === undefined && sizes === undefined) return undefined;
  const a = node.attributes;
  return {
    rule: {
      mode: a.mode,
      coordinateTransformationMode: old ? "asymmetric" : a.coordinateTransformationMode,
      nearestMode: old ? "simple" : a.nearestMode,
      cubicCoeffA: a.cubicCoeffA,
      excludeOutside: a.excludeOutside !== 0,
      antialias: a.antialias !== 0,
    },
    scales: sizes === undefined ? scales : undefined,
    sizes,
    axes: a.axes,
    roi: old ? undefined : given(1),
    keepAspectRatioPolicy: a.keepAspectRatioPolicy,
    extrapolationValue: a.extrapolationValue,
  };
}

/** Whether the region of interest matters, which then must be constant too. */
export const needsRoi = ({ attributes: a, opset }: ResizeNode): boolean =>
  opset >= 11 && a.coordinateTransformationMode === "tf_crop_and_resize";

/**
 * Resize: resamples by scales or to sizes, nearest, linear or cubic, along any axes.
 * https://onnx.ai/onnx/operators/onnx__Resize.html
 */
export const resize = defineOp({
  type: "Resize",
  since: [10, 11, 13, 18, 19],
  inputs: ["x", "roi?", "scales?", "sizes?"],
  attributes,
  settings: true,

  infer(context) {
    checkList(context, 3, "sizes");
    const x = context.fact(0);
    checkDType(context, "x", x.dtype, [...NUMBERS, ...BOOL]);
    const { mode, coordinateTransformationMode, nearestMode, keepAspectRatioPolicy } = context.attributes;
    const known = (name: string, value: string, allowed: readonly string[]) => {
      if (!allowed.includes(value))
        context.fail(`${name} must be one of ${allowed.join(", ")}, got ${JSON.stringify(value)}`);
    };
    known("mode", mode, ["nearest", "linear", "cubic"]);
    known("coordinate_transformation_mode", coordinateTransformationMode, COORDINATES);
    known("nearest_mode", nearestMode, NEAREST);
    known("keep_aspect_ratio_policy", keepAspectRatioPolicy, POLICIES);
    if (x.dims === undefined) return [factOf(x.dtype, undefined)];
    return [
      factOf(
        x.dtype,
        inferResize(
          context,
          x.dims,
          resizeRequest(context, (i) => context.data(i)),
        ),
      ),
    ];
  },

  evaluate(context) {
    const asked = resizeRequest(context, (i) => context.optional(i));
    if (asked === undefined) return context.fail("needs scales or sizes");
    return [evaluateResize(context, context.tensor(0), asked)];
  },
});
