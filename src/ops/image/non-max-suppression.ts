import { showDims } from "../../graph/dims.ts";
import { spend } from "../../interruptible.ts";
import { defineOp, factOf, int } from "../define.ts";
import { checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { fromNumbers, type Numbers, toNumbers } from "../shared/elements.ts";

/**
 * NonMaxSuppression: [batch, class, box] of the boxes kept, best score first, dropping those that overlap a kept one.
 * https://onnx.ai/onnx/operators/onnx__NonMaxSuppression.html
 */
export const nonMaxSuppression = defineOp({
  type: "NonMaxSuppression",
  since: [10, 11],
  inputs: ["boxes", "scores", "max_output_boxes_per_class?", "iou_threshold?", "score_threshold?"],
  outputs: ["selected_indices"],
  attributes: { centerPointBox: int(0) },
  settings: true,

  infer(context) {
    checkDType(context, "boxes", context.fact(0).dtype, FLOATS);
    checkDType(context, "scores", context.fact(1).dtype, FLOATS);
    const [boxes, scores] = [context.dims(0), context.dims(1)];
    const { centerPointBox } = context.attributes;
    if (centerPointBox !== 0 && centerPointBox !== 1)
      context.fail(`center_point_box must be 0 or 1, got ${centerPointBox}`);
    if (boxes !== undefined && (boxes.length !== 3 || (typeof boxes[2] === "number" && boxes[2] !== 4))) {
      context.fail(`boxes must be [batch, boxes, 4], got ${showDims(boxes)}`);
    }
    if (scores !== undefined && scores.length !== 3) {
      context.fail(`scores must be [batch, classes, boxes], got ${showDims(scores)}`);
    }
    return [factOf("int64", ["?", 3])];
  },

  evaluate(context) {
    const scores = context.tensor(1);
    const [batches, classes, count] = scores.dims as [number, number, number];
    const boxDims = context.tensor(0).dims;
    if (boxDims[0] !== batches || boxDims[1] !== count) {
      context.fail(`boxes ${showDims(boxDims)} and scores ${showDims(scores.dims)} do not match`);
    }
    const scalar = (index: number): number | undefined => {
      const tensor = context.optional(index);
      return tensor && toNumbers(tensor)[0];
    };
    const limit = scalar(2) ?? 0;
    const iouThreshold = scalar(3) ?? 0;
    const scoreThreshold = scalar(4) ?? -Infinity;
    if (iouThreshold < 0 || iouThreshold > 1)
      context.fail(`iou_threshold must be within 0 … 1, got ${iouThreshold}`);
    const corners = cornersOf(toNumbers(context.tensor(0)), context.attributes.centerPointBox !== 0);
    const values = toNumbers(scores);
    const selected: number[] = [];
    for (let batch = 0; batch < batches; batch++) {
      for (let kind = 0; kind < classes; kind++) {
        const first = (batch * classes + kind) * count;
        const order = Array.from({ length: count }, (_, i) => i)
          .filter((i) => (values[first + i] as number) > scoreThreshold)
          .sort((a, b) => (values[first + b] as number) - (values[first + a] as number) || a - b);
        const kept: number[] = [];
        for (const box of order) {
          if (kept.length >= limit) break;
          spend(8 * kept.length);
          const at = batch * count + box;
          if (kept.some((other) => overlap(corners, at, batch * count + other) > iouThreshold)) continue;
          kept.push(box);
          selected.push(batch, kind, box);
        }
      }
    }
    return [fromNumbers("int64", [selected.length / 3, 3], selected)];
  },
});

/** Boxes as y1, x1, y2, x2 in ascending order (or x and y swapped: the overlap is the same). */
function cornersOf(boxes: Numbers, centered: boolean): Float32Array {
  const corners = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i += 4) {
    const [a, b, c, d] = boxes.subarray(i, i + 4) as unknown as [number, number, number, number];
    const [x1, y1, x2, y2] = centered ? [a - c / 2, b - d / 2, a + c / 2, b + d / 2] : [a, b, c, d];
    corners.set([Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)], i);
  }
  return corners;
}

/** Intersection over union in float32, step by step: thresholds are met exactly where onnxruntime meets them. */
function overlap(corners: Float32Array, a: number, b: number): number {
  const f = Math.fround;
  const side = (from: number, to: number) => f(to - from);
  const at = (box: number, k: number) => corners[box * 4 + k] as number;
  const width = side(Math.max(at(a, 0), at(b, 0)), Math.min(at(a, 2), at(b, 2)));
  const height = side(Math.max(at(a, 1), at(b, 1)), Math.min(at(a, 3), at(b, 3)));
  if (width <= 0 || height <= 0) return 0;
  const area = (box: number) => f(side(at(box, 0), at(box, 2)) * side(at(box, 1), at(box, 3)));
  const shared = f(width * height);
  const union = f(f(area(a) + area(b)) - shared);
  return union <= 0 ? 0 : f(shared / union);
}
