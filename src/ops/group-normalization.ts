import { isFloat } from "../dtype.ts";
import { showDims } from "../graph/dims.ts";
import { elementCount } from "../tensor.ts";
import { defineOp, float, int, isFloat32, required, sameAs } from "./define.ts";
import { asFloat } from "./kernel-arguments.ts";
import { fromNumbers, toNumbers } from "./shared/elements.ts";
import { isVector, momentsOf } from "./shared/normalizing.ts";

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
    const x = context.tensor(0);
    const scale = toNumbers(context.tensor(1));
    const bias = toNumbers(context.tensor(2));
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

  lower: [
    {
      name: "instance_norm_rows",
      when: (context) => {
        const parameters =
          context.opset < 21 ? context.attributes.numGroups : (context.input(0).dims[1] as number);
        return (
          isFloat32([context.input(0).fact]) &&
          isVector(context.input(1), parameters) &&
          isVector(context.input(2), parameters)
        );
      },
      lower(context) {
        const [x, y] = [context.input(0), context.output()];
        const { epsilon, numGroups } = context.attributes;
        const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
        const plane = elementCount(spatial);
        const [scale, bias] = [context.at(context.input(1)), context.at(context.input(2))];
        const rows = batch * numGroups;
        const run = (channels / numGroups) * plane;
        const [at, to] = [context.at(x), context.at(y)];
        if (context.opset < 21) {
          context.call("f32_instance_norm_rows", at, scale, bias, to, rows, run, numGroups, asFloat(epsilon));
        } else {
          context.call("f32_instance_norm_rows", at, 0, 0, to, rows, run, numGroups, asFloat(epsilon));
          context.call(
            "f32_scale_shift_rows",
            to,
            0,
            scale,
            bias,
            to,
            batch * channels,
            plane,
            channels,
            0,
            0,
            0,
          );
        }
      },
    },
  ],
});
