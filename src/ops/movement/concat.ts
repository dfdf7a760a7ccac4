import { createData } from "../../dtype.ts";
import { mapDims, normalizeAxis, rowMajorStrides, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int } from "../define.ts";
import { axisOf, type Failing, sameDim } from "../shared/axes.ts";
import { like } from "../shared/elements.ts";
import { copyStrided } from "./strided-copy.ts";

/** Concat: the inputs one after the other along an axis. https://onnx.ai/onnx/operators/onnx__Concat.html */
export const concat = defineOp({
  type: "Concat",
  since: [1, 4, 11, 13],
  inputs: ["inputs*"],
  outputs: ["concat_result"],
  attributes: { axis: { ...int(1), written: true } },
  joins: ({ attributes, outputs: [y] }) => y?.dims && normalizeAxis(attributes.axis, y.dims.length),
  receptiveField: ({ attributes }) => (attributes.axis === 1 ? "own place" : undefined),

  infer(context) {
    const { dtype } = context.fact(0);
    const facts = context.inputs.map((_, i) => context.fact(i));
    for (const fact of facts) {
      if (fact.dtype !== dtype)
        context.failType(`inputs must be of one type, got ${facts.map((f) => f.dtype).join(", ")}`);
    }
    const given = facts.flatMap((fact) => (fact.dims === undefined ? [] : [fact.dims]));
    if (given.length === 0) return [factOf(dtype, undefined)];
    const [axis, known] = joined(context, given);
    const first = known[0] as readonly Dim[];
    const dims = first.map((size, at) => {
      if (at === axis)
        return given.length < facts.length
          ? "?"
          : known.reduce<Dim>((total, d) => mapDims(sum, total, d[at] as Dim), 0);
      let merged = size;
      for (const other of known) {
        if (other.length !== first.length) {
          context.fail(`inputs must be of one rank, got ${known.map(showDims).join(", ")}`);
        }
        merged = sameDim(
          context,
          merged,
          other[at] as Dim,
          `inputs must agree outside axis ${axis}, at axis ${at}`,
        );
      }
      return merged;
    });
    return [factOf(dtype, dims)];
  },

  evaluate(context) {
    const tensors = context.values.map((_, i) => context.tensor(i));
    const first = context.tensor(0);
    const [axis, sizes] = joined(
      context,
      tensors.map((tensor) => tensor.dims),
    );
    const dims = (sizes[0] as readonly number[]).map((size, at) =>
      at === axis ? sizes.reduce((total, own) => total + (own[at] as number), 0) : size,
    );
    const counting = new Set(sizes);
    const parts = tensors.filter((tensor) => counting.has(tensor.dims));
    const data = createData(first.dtype, elementCount(dims));
    const targetStrides = rowMajorStrides(dims);
    let targetStart = 0;
    for (const part of parts) {
      if (
        part.dims.length !== dims.length ||
        part.dims.some((size, at) => at !== axis && size !== dims[at])
      ) {
        context.fail(
          `inputs must agree outside axis ${axis}, got ${parts.map((p) => showDims(p.dims)).join(", ")}`,
        );
      }
      const sourceStrides = rowMajorStrides(part.dims);
      copyStrided(part.data, data, {
        dims: part.dims,
        sourceStart: 0,
        sourceStrides,
        targetStart,
        targetStrides,
      });
      targetStart += (part.dims[axis] as number) * (targetStrides[axis] as number);
    }
    return [like(first, dims, data)];
  },
});

/**
 * The axis, and the dims of the inputs that count: one without elements and without length along the axis adds nothing,
 * and need not agree with the others (as in onnxruntime, whatever its rank).
 */
function joined<D extends Dim>(
  context: Failing & { readonly attributes: { readonly axis: number } },
  given: readonly (readonly D[])[],
): [axis: number, counted: readonly (readonly D[])[]] {
  const first = (given.find((dims) => !dims.includes(0 as D)) ?? given[0]) as readonly D[];
  const axis = axisOf(context, context.attributes.axis, first.length);
  const counts = (dims: readonly D[]) => dims === first || !dims.includes(0 as D) || (dims[axis] ?? 0) !== 0;
  return [axis, given.filter(counts)];
}

const sum = (a: number, b: number): number => a + b;
