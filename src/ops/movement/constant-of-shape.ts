import { createData, viewData } from "../../dtype.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount, lazyTensor, type TensorData } from "../../tensor.ts";
import { defineOp, factOf, tensor } from "../define.ts";
import { type Failing, listLength } from "../shared/axes.ts";
import { like, toNumberArray } from "../shared/elements.ts";

const ZERO: TensorData<"float32"> = { dtype: "float32", dims: [1], data: new Float32Array(1) };

/** ConstantOfShape: one value everywhere. https://onnx.ai/onnx/operators/onnx__ConstantOfShape.html */
export const constantOfShape = defineOp({
  type: "ConstantOfShape",
  since: [9, 20, 21, 23, 24, 25],
  inputs: ["input"],
  attributes: { value: tensor(ZERO) },

  infer(context) {
    const { dtype } = context.attributes.value;
    const shape = context.data(0);
    if (shape !== undefined) return [factOf(dtype, checkedDims(context, shape))];
    const rank = context.dims(0) && listLength(context, 0);
    return [factOf(dtype, rank === undefined ? undefined : new Array<Dim>(rank).fill("?"))];
  },

  evaluate(context) {
    const { value } = context.attributes;
    const dims = checkedDims(context, context.tensor(0));
    if (value.data.length !== 1) context.fail(`value must have one element, has ${value.data.length}`);
    const [element] = value.data as Float32Array;
    const fill = (data: TensorData["data"]): void => void (data as Float32Array).fill(element as number);
    const { dtype } = value;
    if (dtype === "string") {
      const data = createData(dtype, elementCount(dims));
      fill(data);
      return [like(value, dims, data)];
    }
    return [lazyTensor(dtype, dims, (bytes) => fill(viewData(dtype, bytes, elementCount(dims))))];
  },
});

function checkedDims(context: Failing, shape: TensorData): number[] {
  const dims = toNumberArray(shape);
  if (dims.some((size) => size < 0)) context.fail(`the shape [${dims}] has a negative size`);
  return dims;
}
