import { isFloat } from "../../../dtype.ts";
import { mapDims, rowMajorStrides, showDims } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, factOf, ints, required } from "../../define.ts";
import { checkList, checkWhole } from "../../elementwise/dtypes.ts";
import { fromNumbers, toNumberArray, toNumbers } from "../../shared/elements.ts";

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
    const { x, indices, output_shape } = context.facts();
    const { dtype, dims } = x;
    if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
    if (indices.dtype !== "int64") context.failType(`indices must be int64, got ${indices.dtype}`);
    if (dims !== undefined && dims.length !== context.attributes.kernelShape.length + 2) {
      context.fail(`kernel_shape [${context.attributes.kernelShape}] does not fit x ${showDims(dims)}`);
    }
    const shape = output_shape?.data;
    if (shape !== undefined) return [factOf(dtype, toNumberArray(shape))];
    if (dims === undefined) return [factOf(dtype, undefined)];
    if (output_shape !== undefined)
      return [
        factOf(
          dtype,
          dims.map(() => "?"),
        ),
      ];
    return [factOf(dtype, pooledFrom(dims, context.attributes))];
  },

  evaluate(context) {
    const { x, output_shape: shape, ...given } = context.tensors();
    if (x.dims.length !== context.attributes.kernelShape.length + 2)
      context.fail(`kernel_shape [${context.attributes.kernelShape}] does not fit x ${showDims(x.dims)}`);
    const inner = pooledFrom(x.dims, context.attributes) as number[];
    const [source, indices] = [toNumbers(x), toNumbers(given.indices)];
    const dims = shape === undefined ? inner : toNumberArray(shape);
    if (dims.length !== inner.length) context.fail(`output_shape needs ${inner.length} sizes, got [${dims}]`);
    const strides = rowMajorStrides(dims);
    const span = elementCount(inner);
    const result = new Float64Array(elementCount(dims));
    for (let i = 0; i < source.length; i++) {
      const at = indices[i] as number;
      if (at < 0 || at >= span) context.fail(`index ${at} is outside the ${span} elements of [${inner}]`);
      let rest = at;
      let to = 0;
      for (let axis = inner.length - 1; axis >= 0; axis--) {
        const place = rest % (inner[axis] as number);
        rest = Math.floor(rest / (inner[axis] as number));
        to = place < (dims[axis] as number) ? to + place * (strides[axis] as number) : Number.NaN;
      }
      // What lies outside a smaller output_shape is left out: NaN is no index.
      if (to >= 0) result[to] = source[i] as number;
    }
    return [fromNumbers(x.dtype, dims, result)];
  },
});
