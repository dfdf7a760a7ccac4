import { dtypeInfo } from "../../dtype.ts";
import type { Fact } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { fromNumbers } from "../shared/elements.ts";
import { seenThrough } from "../shared/receptive-field.ts";
import { MAX_POOL_ATTRIBUTES, pool, poolDims, poolWindow } from "./pooling.ts";

/**
 * MaxPool: the largest element of each window (NaN where it holds one), and on request where it lies in the whole of x.
 * https://onnx.ai/onnx/operators/onnx__MaxPool.html
 */
export const maxPool = defineOp({
  type: "MaxPool",
  since: [1, 8, 10, 11, 12, 22],
  inputs: ["x"],
  outputs: ["y", "indices?"],
  attributes: MAX_POOL_ATTRIBUTES,
  receptiveField: ({ attributes, inputs: [x] }) => seenThrough(x, attributes.kernelShape, attributes),
  moves: true,

  infer(context) {
    const { dtype } = context.fact(0);
    if (dtypeInfo[dtype].kind !== "float" && dtype !== "int8" && dtype !== "uint8") {
      context.failType(`x must be a float tensor, int8 or uint8, got ${dtype}`);
    }
    const dims = poolDims(context);
    const facts: Fact[] = [factOf(dtype, dims)];
    if (context.outputCount > 1) facts.push(factOf("int64", dims));
    return facts;
  },

  evaluate(context) {
    const x = context.tensor(0);
    const window = poolWindow(context, x.dims);
    const dims = [...x.dims.slice(0, 2), ...window.outputs];
    const winners = new Float64Array(elementCount(dims));
    const outPlane = elementCount(window.outputs);
    const inPlane = elementCount(window.inputs);
    const lowest = dtypeInfo[x.dtype].kind === "float" ? -Infinity : x.dtype === "int8" ? -128 : 0;
    const result = pool(x, window, (source, plane, count, offsets, position) => {
      let best = lowest;
      let at = count > 0 ? (offsets[0] as number) : 0;
      for (let i = 0; i < count; i++) {
        const offset = offsets[i] as number;
        const value = source[plane + offset] as number;
        // The first of equals, or the first NaN.
        if (value <= best || Number.isNaN(best)) continue;
        best = value;
        at = offset;
      }
      const where = context.attributes.storageOrder === 0 ? at : columnMajor(at, window.inputs);
      winners[(plane / inPlane) * outPlane + position] = plane + where;
      return best;
    });
    const y = fromNumbers(x.dtype, dims, result);
    return context.outputCount > 1 ? [y, fromNumbers("int64", dims, winners)] : [y];
  },
});

/** A row-major offset as the offset of the same element when the first axis runs fastest. */
function columnMajor(offset: number, sizes: readonly number[]): number {
  let rest = offset;
  let at = 0;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = sizes[axis] as number;
    at += (rest % size) * elementCount(sizes.slice(0, axis));
    rest = Math.floor(rest / size);
  }
  return at;
}
