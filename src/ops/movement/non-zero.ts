import { codecOf } from "../../dtype.ts";
import { rowMajorStrides } from "../../graph/dims.ts";
import { defineOp, factOf } from "../define.ts";

/** NonZero: the indices of the elements that are not 0, one row an axis. https://onnx.ai/onnx/operators/onnx__NonZero.html */
export const nonZero = defineOp({
  type: "NonZero",
  since: [9, 13],
  inputs: ["x"],
  attributes: {},

  infer(context) {
    const dims = context.dims(0);
    return [factOf("int64", [dims === undefined ? "?" : Math.max(1, dims.length), "?"])];
  },

  /** A scalar counts as one axis of size 1, as in onnxruntime. */
  evaluate(context) {
    const x = context.tensor(0);
    const dims = x.dims.length === 0 ? [1] : x.dims;
    const codec = codecOf(x.dtype);
    const found: number[] = [];
    for (let i = 0; i < x.data.length; i++) {
      const value = x.data[i];
      const zero = value === "" || (codec?.decode(value as number) ?? Number(value)) === 0;
      if (!zero) found.push(i);
    }
    const strides = rowMajorStrides(dims);
    const data = new BigInt64Array(dims.length * found.length);
    dims.forEach((size, axis) => {
      const stride = strides[axis] as number;
      found.forEach((offset, i) => {
        data[axis * found.length + i] = BigInt(Math.floor(offset / stride) % size);
      });
    });
    return [{ dtype: "int64", dims: [dims.length, found.length], data }];
  },
});
