import { createData } from "../../../dtype.ts";
import { showDims } from "../../../graph/dims.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, factOf, int } from "../../define.ts";
import { checkDType, NUMBERS } from "../../elementwise/dtypes.ts";
import { axisOf, scalarOf } from "../../shared/axes.ts";
import { like, toNumbers } from "../../shared/elements.ts";

/** OneHot: values[1] where the new axis meets the index, values[0] elsewhere. https://onnx.ai/onnx/operators/onnx__OneHot.html */
export const oneHot = defineOp({
  type: "OneHot",
  since: [9, 11],
  inputs: ["indices", "depth", "values"],
  attributes: { axis: int(-1) },
  settings: true,

  infer(context) {
    const { indices, values, ...given } = context.facts();
    checkDType(context, "indices", indices.dtype, NUMBERS);
    checkDType(context, "depth", given.depth.dtype, NUMBERS);
    const { dtype } = values;
    const single = given.depth.dims;
    if (single?.some((size) => typeof size === "number" && size !== 1))
      context.fail(`depth must be one number, got ${showDims(single)}`);
    const { dims } = indices;
    const depth = given.depth.data;
    if (dims === undefined) return [factOf(dtype, undefined)];
    const axis = axisOf(context, context.attributes.axis, dims.length + 1);
    const size = depth === undefined ? "?" : Math.trunc(scalarOf(context, depth, "depth"));
    return [factOf(dtype, [...dims.slice(0, axis), size, ...dims.slice(axis)])];
  },

  evaluate(context) {
    const { indices, values, ...given } = context.tensors();
    const depth = Math.trunc(scalarOf(context, given.depth, "depth"));
    const axis = axisOf(context, context.attributes.axis, indices.dims.length + 1);
    if (depth <= 0) context.fail(`depth must be positive, got ${depth}`);
    if (values.data.length !== 2) context.fail(`values must be [off, on], got [${values.dims}]`);
    const dims = [...indices.dims.slice(0, axis), depth, ...indices.dims.slice(axis)];
    const inner = elementCount(indices.dims.slice(axis));
    const data = createData(values.dtype, elementCount(dims)) as Float32Array;
    const [off, on] = values.data as unknown as [number, number];
    data.fill(off);
    toNumbers(indices).forEach((value: number, i: number) => {
      const index = Math.trunc(value < 0 ? value + depth : value);
      if (index < 0 || index >= depth) return;
      data[(Math.floor(i / inner) * depth + index) * inner + (i % inner)] = on;
    });
    return [like(values, dims, data)];
  },
});
