import { createData, isFloat } from "../../dtype.ts";
import { mapDims, rowMajorStrides, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, ints, required } from "../define.ts";
import { fromNumbers, like, toNumberArray, toNumbers } from "../shared/elements.ts";
import { checkList, checkWhole } from "../shared/elementwise.ts";
import { copyStrided } from "../shared/movement.ts";

export interface PoolingAttributes {
  readonly kernelShape: readonly number[];
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
}

/** The dims that a MaxPool with these attributes had as its input. */
export function pooledFrom(dims: readonly Dim[], { kernelShape, pads, strides }: PoolingAttributes): Dim[] {
  const rank = kernelShape.length;
  return dims.map((dim, i) => {
    const axis = i - 2;
    if (axis < 0) return dim;
    const padding = (pads?.[axis] ?? 0) + (pads?.[axis + rank] ?? 0);
    return mapDims(
      (size) => (size - 1) * (strides?.[axis] ?? 1) + (kernelShape[axis] as number) - padding,
      dim,
    );
  });
}

/**
 * MaxUnpool: puts elements back where MaxPool's indices say, zeros elsewhere. Indices count in the input that the
 * attributes imply; output_shape only puts more around it.
 * https://onnx.ai/onnx/operators/onnx__MaxUnpool.html
 */
export const maxUnpool = defineOp({
  type: "MaxUnpool",
  since: [9, 11, 22],
  inputs: ["x", "indices", "output_shape?"],
  attributes: { kernelShape: required(ints()), pads: ints(), strides: ints() },

  infer(context) {
    checkWhole(context, 1, "indices");
    checkList(context, 2, "output_shape");
    const { dtype, dims } = context.fact(0);
    const indices = context.fact(1);
    if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
    if (indices.dtype !== "int64") context.failType(`indices must be int64, got ${indices.dtype}`);
    const shape = context.data(2);
    if (shape !== undefined) return [factOf(dtype, toNumberArray(shape))];
    if (dims === undefined) return [factOf(dtype, undefined)];
    if (dims.length !== context.attributes.kernelShape.length + 2) {
      context.fail(`kernel_shape [${context.attributes.kernelShape}] does not fit x ${showDims(dims)}`);
    }
    if (context.inputs[2] !== undefined)
      return [
        factOf(
          dtype,
          dims.map(() => "?"),
        ),
      ];
    return [factOf(dtype, pooledFrom(dims, context.attributes))];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const shape = context.optional(2);
    const inner = pooledFrom(x.dims, context.attributes) as number[];
    const [source, indices] = [toNumbers(x), toNumbers(context.tensor(1))];
    const result = new Float64Array(elementCount(inner));
    for (let i = 0; i < source.length; i++) {
      const at = indices[i] as number;
      if (at < 0 || at >= result.length)
        context.fail(`index ${at} is outside the ${result.length} elements of [${inner}]`);
      result[at] = source[i] as number;
    }
    const y = fromNumbers(x.dtype, inner, result);
    if (shape === undefined) return [y];
    const dims = toNumberArray(shape);
    const data = createData(x.dtype, elementCount(dims));
    copyStrided(y.data, data, {
      dims: inner.map((size, axis) => Math.min(size, dims[axis] as number)),
      sourceStart: 0,
      sourceStrides: rowMajorStrides(inner),
      targetStart: 0,
      targetStrides: rowMajorStrides(dims),
    });
    return [like(x, dims, data)];
  },
});
