import { isFloat } from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, float, ints, sameAs } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { momentsOf } from "./normalizing.ts";

/**
 * InstanceNormalization: every plane (n, c) to mean 0 and variance 1, then scaled and shifted by channel.
 * https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html
 */
export const instanceNormalization = defineOp({
  type: "InstanceNormalization",
  since: [1, 6, 22],
  inputs: ["input", "scale", "b"],
  attributes: { consumedInputs: ints(), epsilon: float(1e-5) },

  infer(context) {
    const x = context.fact(0);
    if (!isFloat(x.dtype)) context.failType(`input must be a float tensor, got ${x.dtype}`);
    if (x.dims !== undefined && x.dims.length < 3) {
      context.fail(`input needs a batch, a channel and spatial axes, got ${showDims(x.dims)}`);
    }
    for (const [i, name] of ["scale", "b"].entries()) {
      const dims = context.dims(i + 1);
      const [channels, have] = [x.dims?.[1], dims?.[0]];
      const clash = typeof channels === "number" && typeof have === "number" && channels !== have;
      if (dims !== undefined && (dims.length !== 1 || clash)) {
        context.fail(`${name} needs [${channels ?? "C"}], got ${showDims(dims)}`);
      }
    }
    return [sameAs(x)];
  },

  evaluate(context) {
    const { input: x, ...parameters } = context.tensors();
    const scale = toNumbers(parameters.scale);
    const b = toNumbers(parameters.b);
    const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
    const plane = elementCount(spatial);
    const source = toNumbers(x);
    const result = new Float64Array(source.length);
    for (let row = 0; row < batch * channels; row++) {
      const [mean, variance] = momentsOf(source, row * plane, plane);
      const factor = (scale[row % channels] as number) / Math.sqrt(variance + context.attributes.epsilon);
      const shift = b[row % channels] as number;
      for (let i = row * plane; i < (row + 1) * plane; i++)
        result[i] = ((source[i] as number) - mean) * factor + shift;
    }
    return [fromNumbers(x.dtype, x.dims, result)];
  },
});
