import { createData, is64Bit } from "../../dtype.ts";
import { mapDims, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, factOf, int } from "../define.ts";
import { checkDType, checkList, NUMBERS } from "../elementwise/dtypes.ts";
import { axisOf, type Failing, scalarOf } from "../shared/axes.ts";
import { like, toNumbers } from "../shared/elements.ts";

/** TopK: the k greatest (or least) elements along an axis with their indices; ties go to the lower index. https://onnx.ai/onnx/operators/onnx__TopK.html */
export const topK = defineOp({
  type: "TopK",
  since: [1, 10, 11, 24],
  inputs: ["x", "k?"],
  outputs: ["values", "indices"],
  attributes: { axis: int(-1), k: int(), largest: int(1), sorted: int(1) },

  infer(context) {
    checkList(context, 1, "k");
    const { dtype, dims } = context.fact(0);
    checkDType(context, "x", dtype, NUMBERS);
    if (dims === undefined) return [factOf(dtype, undefined), factOf("int64", undefined)];
    const axis = axisOf(context, context.attributes.axis, dims.length);
    const input = context.data(1);
    const k =
      input === undefined
        ? context.inputs[1]
          ? undefined
          : context.attributes.k
        : scalarOf(context, input, "k");
    if (k !== undefined) mapDims((size) => checkedK(context, k, size), dims[axis] as Dim);
    const result = dims.map((size, at) => (at === axis ? (k ?? "?") : size));
    return [factOf(dtype, result), factOf("int64", result)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const axis = axisOf(context, context.attributes.axis, x.dims.length);
    const size = x.dims[axis] as number;
    const input = context.optional(1);
    const wanted = input === undefined ? context.attributes.k : scalarOf(context, input, "k");
    const k = checkedK(context, wanted ?? context.fail("k is missing"), size);
    const inner = elementCount(x.dims.slice(axis + 1));
    const outer = elementCount(x.dims.slice(0, axis));
    const dims = x.dims.map((length, at) => (at === axis ? k : length));
    const values = createData(x.dtype, elementCount(dims)) as Float32Array;
    const indices = new BigInt64Array(values.length);
    const source = x.data as Float32Array;
    const before = orderOf(x, context.attributes.largest !== 0);
    for (let row = 0; row < outer * inner; row++) {
      const lane = row % inner;
      const start = ((row - lane) / inner) * size * inner + lane;
      const target = ((row - lane) / inner) * k * inner + lane;
      firstOf(size, k, (a, b) => before(start + a * inner, start + b * inner)).forEach((index, i) => {
        values[target + i * inner] = source[start + index * inner] as number;
        indices[target + i * inner] = BigInt(index);
      });
    }
    return [like(x, dims, values), { dtype: "int64", dims, data: indices }];
  },
});

function checkedK(context: Failing, k: number, size: number): number {
  if (k < 0 || k > size) context.fail(`k is ${k}, the axis has ${showDims([size])}`);
  return k;
}

/** Whether the element at a comes strictly before the one at b. NaN is greater than all. */
function orderOf(x: TensorData, largest: boolean): (a: number, b: number) => boolean {
  const values = (is64Bit(x.dtype) ? x.data : toNumbers(x)) as Float64Array;
  const less = (a: number, b: number) => a < b || (Number.isNaN(b) && !Number.isNaN(a));
  return largest
    ? (a, b) => less(values[b] as number, values[a] as number)
    : (a, b) => less(values[a] as number, values[b] as number);
}

/** The first k of 0 … size-1 in the order; equal ones by index. */
function firstOf(size: number, k: number, before: (a: number, b: number) => boolean): number[] {
  if (k > 64) {
    const order = Array.from({ length: size }, (_, i) => i);
    order.sort((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : a - b));
    return order.slice(0, k);
  }
  const best: number[] = [];
  for (let i = 0; i < size; i++) {
    if (best.length === k && (k === 0 || !before(i, best[k - 1] as number))) continue;
    if (best.length === k) best.pop();
    let at = best.length;
    while (at > 0 && before(i, best[at - 1] as number)) at--;
    best.splice(at, 0, i);
  }
  return best;
}
