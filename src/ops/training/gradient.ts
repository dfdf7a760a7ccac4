import { defineOp, required, sameAs, string, strings } from "../define.ts";

/**
 * Gradient: the gradients of y, summed over its elements, by the values named in xs, for the inputs in their place (and
 * in that of the values named in zs, which stay as they are). src/train/gradient-nodes.ts puts what y is made of into
 * an attribute `body` and, where all shapes are known, the nodes of the gradients in its place.
 * https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Gradient.html
 */
export const gradient = defineOp({
  type: "Gradient",
  domain: "ai.onnx.preview.training",
  since: [1],
  inputs: ["inputs*"],
  outputs: ["outputs*"],
  attributes: { xs: required(strings()), y: required(string()), zs: strings() },
  impure: true,
  infer(context) {
    const { xs, zs } = context.attributes;
    const named = xs.length + (zs?.length ?? 0);
    if (context.inputCount < named) context.fail(`xs and zs name ${named} values, got ${context.inputCount}`);
    if (context.outputCount > xs.length)
      context.fail(`xs names ${xs.length} values, the node has ${context.outputCount} outputs`);
    return xs.map((_, i) => sameAs(context.fact(i)));
  },
  evaluate: (context) => context.fail("the gradients of a value need shapes that are known"),
});
