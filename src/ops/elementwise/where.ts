import { createData } from "../../dtype.ts";
import { broadcastStrides, rowMajorStrides } from "../../graph/dims.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import type { Numbers } from "../shared/elements.ts";
import { like } from "../shared/elements.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { broadcastOf, collapse, forEachRow } from "./broadcast.ts";

/**
 * Where: x where the condition holds, else y, all three broadcast together.
 * https://onnx.ai/onnx/operators/onnx__Where.html
 */
export const where = defineOp({
  type: "Where",
  since: [9, 16],
  inputs: ["condition", "x", "y"],
  attributes: {},
  receptiveField: atOwnPlace,

  infer(context) {
    const { condition, x, y } = context.facts();
    if (condition.dtype !== "bool") context.failType(`condition must be bool, got ${condition.dtype}`);
    if (y.dtype !== x.dtype) context.failType(`y must be ${x.dtype} like x, got ${y.dtype}`);
    return [factOf(x.dtype, broadcastOf(context, condition.dims, x.dims, y.dims))];
  },

  evaluate(context) {
    const { condition, x, y } = context.tensors();
    const dims = broadcastOf(context, condition.dims, x.dims, y.dims) as number[];
    const data = createData(x.dtype, elementCount(dims));
    const strides = [
      rowMajorStrides(dims),
      ...[condition, x, y].map((operand) => broadcastStrides(operand.dims, dims)),
    ];
    const box = collapse({ dims, strides });
    const count = box.dims.at(-1) as number;
    const [, testStep, thenStep, elseStep] = box.strides.map((steps) => steps.at(-1)) as [
      number,
      number,
      number,
      number,
    ];
    const test = condition.data as Uint8Array;
    const target = data as Numbers;
    forEachRow(box, (offsets) => {
      const [to, testAt, thenAt, elseAt] = offsets as readonly [number, number, number, number];
      const whenTrue = x.data as Numbers;
      const whenFalse = y.data as Numbers;
      for (let i = 0; i < count; i++) {
        target[to + i] = (
          test[testAt + i * testStep] !== 0
            ? whenTrue[thenAt + i * thenStep]
            : whenFalse[elseAt + i * elseStep]
        ) as number;
      }
    });
    return [like(x, dims, data)];
  },
});
