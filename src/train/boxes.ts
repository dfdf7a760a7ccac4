import { numberIn, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { GraphBuilder } from "../nn/build.ts";
import type { LabelSpec, Loss } from "./losses.ts";
import { type Metric, meanOver } from "./metrics.ts";
import { scalarConstant } from "./scalar-constant.ts";

/**
 * The mean over all elements of the Huber loss divided by `beta`, as Girshick 2015 has it (Fast R-CNN, arXiv:1504.08083,
 * equation 3): d²/(2·beta) where |d| < beta, |d| − beta/2 beyond, for d = output − label. Of boxes, it is their corners'.
 *
 * @param options.beta - Where squares end; 1 by default.
 */
export function smoothL1(options: { readonly beta?: number } = {}): Loss {
  const { beta = 1 } = objectOf("smoothL1: the options", options);
  numberIn("smoothL1: beta", beta, { above: 0 });
  return {
    name: "smoothL1",
    labels: (output) => ({ dtype: "float32", dims: output }),
    build(builder, output, labels) {
      const node = (op: string, ...inputs: string[]): string => builder.node(op, inputs);
      const distance = node("Abs", node("Sub", output, labels));
      // With m = min(|d|, beta) both pieces are m·(|d| − m/2)/beta, which is as smooth as they are.
      const near = node("Min", distance, scalarConstant(builder, "beta", beta));
      const half = node("Mul", near, scalarConstant(builder, "half", 0.5));
      const whole = node("Mul", near, node("Sub", distance, half));
      const mean = builder.node("ReduceMean", [whole], { keepdims: 0 });
      return node("Div", mean, scalarConstant(builder, "beta", beta));
    },
  };
}

/** Keeps divisions from those by zero where boxes have no area; their sides are of the order of 1 or of pixels. */
const EPSILON = 1e-7;

/** Labels of boxes: [N, 4], as the output. */
function boxes(by: string, output: readonly number[]): LabelSpec {
  if (output.length !== 2 || output[1] !== 4)
    throw new UsageError(`${by} needs boxes [N, 4], the network gives [${output}]`);
  return { dtype: "float32", dims: output };
}

/**
 * 1 − the generalised intersection over union of boxes [N, 4] and their labels, left, top, right, bottom, as its mean over
 * the batch (Rezatofighi et al. 2019, arXiv:1902.09630): IoU − (hull − union)/hull, so that boxes that do not meet have a slope
 * as well. Sides that the network gives in the wrong order change places, as in the paper's algorithm 1.
 */
export function generalizedIou(): Loss {
  return {
    name: "generalizedIou",
    labels: (output) => boxes("generalizedIou", output),
    build(builder, output, labels) {
      const node = (op: string, ...inputs: string[]): string => builder.node(op, inputs);
      const given = corners(builder, labels);
      const [x0, y0, x1, y1] = corners(builder, output);
      const own: Corners = [
        node("Min", x0, x1),
        node("Min", y0, y1),
        node("Max", x0, x1),
        node("Max", y0, y1),
      ];
      const area = ([left, top, right, bottom]: Corners): string =>
        node("Mul", node("Relu", node("Sub", right, left)), node("Relu", node("Sub", bottom, top)));
      const pairs = own.map((name, i) => [name, given[i] as string] as const);
      const [least, most] = ["Min", "Max"].map((op) => pairs.map((pair) => node(op, ...pair))) as [
        string[],
        string[],
      ];
      const shared = area([most[0], most[1], least[2], least[3]] as unknown as Corners);
      const union = node("Sub", node("Add", area(own), area(given)), shared);
      const hull = area([least[0], least[1], most[2], most[3]] as unknown as Corners);
      const epsilon = scalarConstant(builder, "epsilon", EPSILON);
      const overlap = node("Div", shared, node("Add", union, epsilon));
      const empty = node("Div", node("Sub", hull, union), node("Add", hull, epsilon));
      const each = node("Sub", node("Add", scalarConstant(builder, "one", 1), empty), overlap);
      return builder.node("ReduceMean", [each], { keepdims: 0 });
    },
  };
}

type Corners = readonly [left: string, top: string, right: string, bottom: string];

/** The columns of [N, 4], each [N, 1]. */
function corners(builder: GraphBuilder, of: string): Corners {
  const outputs = ["left", "top", "right", "bottom"].map((side) => builder.freshName(`${of} ${side}`));
  builder.node("Split", [of], { axis: 1, numOutputs: 4 }, { outputs });
  return outputs as unknown as Corners;
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

/** A box whose sides may have changed places, as `generalizedIou` takes it. */
const inOrder = ([x0, y0, x1, y1]: Box): Box => [
  Math.min(x0, x1),
  Math.min(y0, y1),
  Math.max(x0, x1),
  Math.max(y0, y1),
];

/** Intersection over union of two boxes; 0 where neither has an area. */
export function iouOf(a: Box, b: Box): number {
  const side = (from: number, to: number): number => Math.max(0, to - from);
  const area = ([left, top, right, bottom]: Box): number => side(left, right) * side(top, bottom);
  const shared = area([
    Math.max(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.min(a[3], b[3]),
  ]);
  const union = area(a) + area(b) - shared;
  return union > 0 ? shared / union : 0;
}

/**
 * The mean intersection over union of boxes [N, 4] and their labels, left, top, right, bottom, whichever way round an output has
 * opposite sides; or, with a bound, the share of
 * boxes with at least that much.
 *
 * @param options.atLeast - The bound: 0.5 is ImageNet's and PASCAL VOC's for a box that counts as found.
 */
export function boxIou(options: { readonly atLeast?: number } = {}): Metric {
  const { atLeast } = objectOf("boxIou: the options", options);
  if (atLeast !== undefined) numberIn("boxIou: atLeast", atLeast, { above: 0, to: 1 });
  const name = atLeast === undefined ? "box IoU" : `box IoU of ${atLeast}`;
  return meanOver(
    name,
    true,
    (output) => boxes(name, output).dims,
    (output, labels, sample) => {
      const first = sample * 4;
      const iou = iouOf(
        inOrder(output as unknown as Box),
        (labels.data as Float32Array).subarray(first, first + 4) as unknown as Box,
      );
      return atLeast === undefined ? iou : Number(iou >= atLeast);
    },
  );
}
