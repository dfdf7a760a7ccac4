import { isFloat } from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, float, int, required, sameAs } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { momentsOf } from "./normalizing.ts";

/**
 * GroupNormalization: every group of channels of an image to mean 0 and variance 1, then scaled and shifted, by group
 * before opset 21 and by channel since.
 * https://onnx.ai/onnx/operators/onnx__GroupNormalization.html
 */
export const groupNormalization = defineOp({
  type: "GroupNormalization",
  since: [18, 21],
  inputs: ["x", "scale", "bias"],
  attributes: { epsilon: float(1e-5), numGroups: required(int()), stashType: int(1) },

  infer(context) {
    const x = context.fact(0);
    const { numGroups } = context.attributes;
    if (!isFloat(x.dtype)) context.failType(`x must be a float tensor, got ${x.dtype}`);
    if (x.dims !== undefined && x.dims.length < 2)
      context.fail(`x needs a batch and a channel axis, got ${showDims(x.dims)}`);
    const channels = x.dims?.[1];
    if (typeof channels === "number" && (numGroups < 1 || channels % numGroups !== 0)) {
      context.fail(`${channels} channels do not split into ${numGroups} groups`);
    }
    const expected = context.opset < 21 ? numGroups : channels;
    for (const [i, name] of ["scale", "bias"].entries()) {
      const dims = context.dims(i + 1);
      const clash = typeof expected === "number" && typeof dims?.[0] === "number" && dims[0] !== expected;
      if (dims !== undefined && (dims.length !== 1 || clash)) {
        context.fail(`${name} needs [${expected ?? "C"}], got ${showDims(dims)}`);
      }
    }
    return [sameAs(x)];
  },

  evaluate(context) {
    const { x, ...parameters } = context.tensors();
    const scale = toNumbers(parameters.scale);
    const bias = toNumbers(parameters.bias);
    const { epsilon, numGroups } = context.attributes;
    const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
    const plane = elementCount(spatial);
    const groupC = channels / numGroups;
    const run = groupC * plane;
    const source = toNumbers(x);
    const result = new Float64Array(source.length);
    for (let row = 0; row < batch * numGroups; row++) {
      const [mean, variance] = momentsOf(source, row * run, run);
      const inverse = 1 / Math.sqrt(variance + epsilon);
      const group = row % numGroups;
      for (let i = 0; i < run; i++) {
        const parameter = context.opset < 21 ? group : group * groupC + Math.floor(i / plane);
        const at = row * run + i;
        result[at] =
          ((source[at] as number) - mean) * inverse * (scale[parameter] as number) +
          (bias[parameter] as number);
      }
    }
    return [fromNumbers(x.dtype, x.dims, result)];
  },
});
