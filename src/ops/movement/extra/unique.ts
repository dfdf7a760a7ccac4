import { is64Bit } from "../../../dtype.ts";
import { rowMajorStrides } from "../../../graph/dims.ts";
import { elementCount, type TensorData } from "../../../tensor.ts";
import { defineOp, factOf, int } from "../../define.ts";
import { BOOL, checkDType, NUMBERS } from "../../elementwise/dtypes.ts";
import { axisOf } from "../../shared/axes.ts";
import { fromNumbers, like, pick, toNumbers } from "../../shared/elements.ts";
import { readStrided } from "../strided-copy.ts";

/** Unique: the distinct elements, or slices along an axis, and where they stood. https://onnx.ai/onnx/operators/onnx__Unique.html */
export const unique = defineOp({
  type: "Unique",
  since: [11],
  inputs: ["x"],
  outputs: ["y", "indices?", "inverse_indices?", "counts?"],
  attributes: { axis: int(), sorted: int(1) },

  infer(context) {
    const { dtype, dims } = context.fact(0);
    checkDType(context, "X", dtype, [...NUMBERS, ...BOOL, "string"]);
    const { axis } = context.attributes;
    const at = axis === undefined || dims === undefined ? undefined : axisOf(context, axis, dims.length);
    const result = axis === undefined ? ["?"] : dims?.map((size, i) => (i === at ? "?" : size));
    const list = factOf("int64", ["?"]);
    return [factOf(dtype, result), list, list, list];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { axis, sorted } = context.attributes;
    const at = axis === undefined ? 0 : axisOf(context, axis, x.dims.length);
    const flat = axis === undefined ? like(x, [elementCount(x.dims)], x.data) : x;
    const front = axisToFront(flat, at);
    const [count, ...sliceDims] = front.dims as [number, ...number[]];
    const slice = elementCount(sliceDims);
    const compare = comparerOf(front, slice);

    const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => compare(a, b) || a - b);
    const inverse = new Array<number>(count).fill(0);
    let groups: number[][] = [];
    for (const i of order) {
      const group = groups.at(-1);
      if (group !== undefined && compare(group[0] as number, i) === 0) group.push(i);
      else groups.push([i]);
    }
    if (!sorted) groups = groups.sort((a, b) => (a[0] as number) - (b[0] as number));
    groups.forEach((group, i) => {
      for (const member of group) inverse[member] = i;
    });
    const firsts = groups.map((group) => group[0] as number);
    const kept = pick(
      front,
      [groups.length, ...sliceDims],
      (i) => (firsts[Math.floor(i / slice)] as number) * slice + (i % slice),
    );
    const list = (values: readonly number[]) => fromNumbers("int64", [values.length], values);
    return [frontToAxis(kept, at), list(firsts), list(inverse), list(groups.map((group) => group.length))];
  },
});

function axisToFront(x: TensorData, axis: number): TensorData {
  const order = [axis, ...x.dims.keys()].filter((at, i, all) => all.indexOf(at) === i);
  return permuted(x, order);
}

function frontToAxis(x: TensorData, axis: number): TensorData {
  const rest = Array.from({ length: x.dims.length - 1 }, (_, i) => i + 1);
  return permuted(x, [...rest.slice(0, axis), 0, ...rest.slice(axis)]);
}

function permuted(x: TensorData, order: readonly number[]): TensorData {
  const strides = rowMajorStrides(x.dims);
  return readStrided(
    x,
    order.map((axis) => x.dims[axis] as number),
    0,
    order.map((axis) => strides[axis] as number),
  );
}

/** Compares the slices a and b, element by element. */
function comparerOf(x: TensorData, slice: number): (a: number, b: number) => number {
  const values = (x.dtype === "string" || is64Bit(x.dtype) ? x.data : toNumbers(x)) as Float64Array;
  return (a, b) => {
    for (let i = 0; i < slice; i++) {
      const [left, right] = [values[a * slice + i] as number, values[b * slice + i] as number];
      if (left < right) return -1;
      if (left > right) return 1;
    }
    return 0;
  };
}
