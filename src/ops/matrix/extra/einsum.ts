import type { Dim } from "../../../graph/graph.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, factOf, required, string } from "../../define.ts";
import { checkDType, NUMBERS } from "../../elementwise/dtypes.ts";
import { fromNumbers, toNumbers } from "../../shared/elements.ts";
import { knownDims } from "../../shared/macs.ts";
import { contract, type Labelled, parseEquation } from "./einsum-terms.ts";

/**
 * Einsum: sums of products of operands along labelled axes. Operands are contracted from left to right; a label is
 * summed as soon as no other operand to come names it.
 * https://onnx.ai/onnx/operators/onnx__Einsum.html
 */
export const einsum = defineOp({
  type: "Einsum",
  since: [12],
  inputs: ["Inputs*"],
  attributes: { equation: required(string()) },
  // One multiplication for each combination of labels.
  macs({ attributes, inputs }) {
    const equation = parseEquation(attributes.equation, inputs.map(knownDims));
    return typeof equation === "string" ? 0 : elementCount([...equation.sizes.values()].map(Number));
  },

  infer(context) {
    const { dtype } = context.fact(0);
    checkDType(context, "operands", dtype, NUMBERS);
    for (const fact of context.inputs) {
      if (fact?.dtype !== dtype) context.failType(`operands are of ${dtype} and ${fact?.dtype}`);
    }
    const dims = context.inputs.map((fact) => fact?.dims);
    if (dims.some((one) => one === undefined)) return [factOf(dtype, undefined)];
    const equation = parseEquation(context.attributes.equation, dims as (readonly Dim[])[]);
    if (typeof equation === "string") return context.fail(equation);
    return [
      factOf(
        dtype,
        equation.output.map((label) => equation.sizes.get(label) as Dim),
      ),
    ];
  },

  evaluate(context) {
    const operands = context.values.map((_, i) => context.tensor(i));
    const equation = parseEquation(
      context.attributes.equation,
      operands.map(({ dims }) => dims),
    );
    if (typeof equation === "string") return context.fail(equation);
    const { inputs, output, sizes } = equation;
    // What no other operand and no output names is summed first: it would only make the products longer.
    const labelled = operands.map((operand, i): Labelled => {
      const own = { labels: inputs[i] as string[], dims: operand.dims, data: toNumbers(operand) };
      const others = new Set([...output, ...inputs.flatMap((labels, k) => (k === i ? [] : labels))]);
      const kept = [...new Set(own.labels)].filter((label) => others.has(label));
      return kept.length < new Set(own.labels).size ? contract(context, [own], kept, sizes) : own;
    });
    let product = labelled[0] as Labelled;
    for (let i = 1; i < labelled.length; i++) {
      const next = labelled[i] as Labelled;
      const later = new Set([...output, ...inputs.slice(i + 1).flat()]);
      const kept = [...new Set([...product.labels, ...next.labels])].filter((label) => later.has(label));
      product = contract(context, [product, next], i === labelled.length - 1 ? output : kept, sizes);
    }
    if (labelled.length === 1) product = contract(context, [product], output, sizes);
    return [fromNumbers((operands[0] as (typeof operands)[number]).dtype, product.dims, product.data)];
  },
});
