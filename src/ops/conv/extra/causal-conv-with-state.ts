import { isFloat } from "../../../dtype.ts";
import { mapDims } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { defineOp, factOf, sameAs, string } from "../../define.ts";
import { fromNumbers, toNumbers } from "../../shared/elements.ts";

const ACTIVATIONS = ["none", "silu", "swish"];

/**
 * CausalConvWithState: a depthwise convolution along the last dim that sees only the present and the past; the last
 * inputs are handed on as the state.
 * https://onnx.ai/onnx/operators/onnx__CausalConvWithState.html
 */
export const causalConvWithState = defineOp({
  type: "CausalConvWithState",
  since: [27],
  inputs: ["input", "weight", "bias?", "past_state?"],
  outputs: ["output", "present_state"],
  attributes: { activation: string("none") },

  infer(context) {
    const input = context.fact(0);
    if (!isFloat(input.dtype)) context.failType(`input must be floating point, got ${input.dtype}`);
    const { activation } = context.attributes;
    if (!ACTIVATIONS.includes(activation))
      context.fail(`activation ${JSON.stringify(activation)} is none of ${ACTIVATIONS}`);
    const { dims } = input;
    if (dims !== undefined && dims.length !== 3)
      context.fail(`input must be [batch, channels, length], got [${dims}]`);
    const [batch, channels] = (dims ?? ["?", "?"]) as [Dim, Dim];
    const kept = mapDims((k) => k - 1, context.dims(1)?.[2] ?? "?");
    return [sameAs(input), factOf(input.dtype, [batch, channels, kept])];
  },

  evaluate(context) {
    const { input, weight, bias: biasTensor, past_state: pastTensor } = context.tensors();
    const [batch, channels, length] = input.dims as [number, number, number];
    const kernel = weight.dims[2] as number;
    const kept = kernel - 1;
    const [x, w] = [toNumbers(input), toNumbers(weight)];
    const [bias, past] = [biasTensor && toNumbers(biasTensor), pastTensor && toNumbers(pastTensor)];
    const y = new Float64Array(batch * channels * length);
    const state = new Float64Array(batch * channels * kept);
    for (let line = 0; line < batch * channels; line++) {
      const channel = line % channels;
      const padded = new Float64Array(kept + length);
      for (let i = 0; i < kept; i++) padded[i] = (past?.[line * kept + i] as number | undefined) ?? 0;
      for (let i = 0; i < length; i++) padded[kept + i] = x[line * length + i] as number;
      for (let i = 0; i < length; i++) {
        let sum = (bias?.[channel] as number | undefined) ?? 0;
        for (let j = 0; j < kernel; j++)
          sum += (padded[i + j] as number) * (w[channel * kernel + j] as number);
        y[line * length + i] = context.attributes.activation === "none" ? sum : sum / (1 + Math.exp(-sum));
      }
      state.set(padded.subarray(length), line * kept);
    }
    return [
      fromNumbers(input.dtype, input.dims, y),
      fromNumbers(input.dtype, [batch, channels, kept], state),
    ];
  },
});
