import { isFloat } from "../../dtype.ts";
import { normalizeAxis } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, int, type Op, sameAs } from "../define.ts";
import { fromNumbers, type Numbers, toNumbers } from "../shared/elements.ts";

/** What a softmax-like operator does to one vector of `length` elements, `stride` apart from `start` on. */
export type VectorMap = (x: Numbers, start: number, stride: number, length: number, y: Float64Array) => void;

interface Normalization {
  readonly type: string;
  readonly map: VectorMap;
}

/** The axes that are normalised together: one, or before opset 13 all from `axis` on. */
export function axisRange(rank: number, axis: number | undefined, opset: number): [number, number] {
  const first = normalizeAxis(axis ?? (opset < 13 ? 1 : -1), rank);
  return [first, opset < 13 ? rank : first + 1];
}

/** Softmax, LogSoftmax and Hardmax differ in what they do to one vector. */
export function defineSoftmaxOp({ type, map }: Normalization): Op {
  return defineOp({
    type,
    since: [1, 11, 13],
    inputs: ["input"],
    attributes: { axis: int() },
    receptiveField: ({ attributes, opset, inputs }) =>
      axisRange(inputs[0]?.dims?.length ?? 0, attributes.axis, opset).join() === "1,2"
        ? "own place"
        : undefined,

    infer(context) {
      const fact = context.fact(0);
      if (!isFloat(fact.dtype)) context.failType(`input must be floating point, got ${fact.dtype}`);
      checkAxis(context, fact.dims, context.attributes.axis, context.opset);
      return [sameAs(fact)];
    },

    evaluate(context) {
      const input = context.tensor(0);
      const { dims } = input;
      checkAxis(context, dims, context.attributes.axis, context.opset);
      const [begin, end] = axisRange(dims.length, context.attributes.axis, context.opset);
      const inner = elementCount(dims.slice(end));
      const y = mapVectors(toNumbers(input), elementCount(dims.slice(begin, end)), inner, map);
      return [fromNumbers(input.dtype, dims, y)];
    },
  });
}

function checkAxis(
  context: { fail(message: string): never },
  dims: readonly Dim[] | undefined,
  axis: number | undefined,
  opset: number,
): void {
  if (dims === undefined || axis === undefined) return;
  const rank = dims.length;
  // A scalar is normalised as one vector of one element; before opset 13 `axis` may also stand behind the last.
  const most = Math.max(rank - (opset < 13 ? 0 : 1), 0);
  if (axis > most || axis < -Math.max(rank, 1)) context.fail(`axis ${axis} is out of range for rank ${rank}`);
}

/** `map` on every vector of `length` elements that lie `inner` apart. */
export function mapVectors(x: Numbers, length: number, inner: number, map: VectorMap): Float64Array {
  const y = new Float64Array(x.length);
  const block = length * inner;
  for (let base = 0; block > 0 && base < x.length; base += block) {
    for (let i = 0; i < inner; i++) map(x, base + i, inner, length, y);
  }
  return y;
}

function largest(x: Numbers, start: number, stride: number, length: number): number {
  let max = -Infinity;
  for (let i = 0, at = start; i < length; i++, at += stride) max = Math.max(max, x[at] as number);
  return max;
}

/** exp(x - max) / sum. */
export const softmaxVector: VectorMap = (x, start, stride, length, y) => {
  const max = largest(x, start, stride, length);
  let sum = 0;
  for (let i = 0, at = start; i < length; i++, at += stride) {
    const e = Math.exp((x[at] as number) - max);
    y[at] = e;
    sum += e;
  }
  for (let i = 0, at = start; i < length; i++, at += stride) y[at] = (y[at] as number) / sum;
};

/** x - max - log(sum). */
export const logSoftmaxVector: VectorMap = (x, start, stride, length, y) => {
  const max = largest(x, start, stride, length);
  let sum = 0;
  for (let i = 0, at = start; i < length; i++, at += stride) sum += Math.exp((x[at] as number) - max);
  const shift = max + Math.log(sum);
  for (let i = 0, at = start; i < length; i++, at += stride) y[at] = (x[at] as number) - shift;
};

/** 1 at the first largest element, 0 elsewhere. */
export const hardmaxVector: VectorMap = (x, start, stride, length, y) => {
  let best = start;
  for (let i = 1, at = start + stride; i < length; i++, at += stride) {
    if (!((x[at] as number) <= (x[best] as number)) && !Number.isNaN(x[best])) best = at;
  }
  if (length > 0) y[best] = 1;
};
