import { isFloat } from "../dtype.ts";
import { showDims } from "../graph/dims.ts";
import { elementCount } from "../tensor.ts";
import { defineOp, float, ints, isFloat32, sameAs } from "./define.ts";
import { asFloat } from "./kernel-arguments.ts";
import { fromNumbers, toNumbers } from "./shared/elements.ts";
import { isVector, momentsOf } from "./shared/normalizing.ts";

/**
 * InstanceNormalization: every plane (n, c) to mean 0 and variance 1, then scaled and shifted by channel.
 * https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html
 */
export const instanceNormalization = defineOp({
  type: "InstanceNormalization",
  since: [1, 6, 22],
  inputs: ["input", "scale", "b"],
  attributes: { consumedInputs: ints(), epsilon: float(1e-5) },
  layout: "follow",
  strided: true,

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
    const x = context.tensor(0);
    const scale = toNumbers(context.tensor(1));
    const b = toNumbers(context.tensor(2));
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

  lower: [
    {
      name: "instance_norm",
      when: (context) => {
        const channels = context.input(0).dims[1] as number;
        return (
          isFloat32([context.input(0).fact]) &&
          isVector(context.input(1), channels) &&
          isVector(context.input(2), channels)
        );
      },
      lower(context) {
        const [x, y] = [context.input(0), context.output()];
        const [scale, b] = [context.at(context.input(1)), context.at(context.input(2))];
        const [batch, channels, ...spatial] = x.dims as [number, number, ...number[]];
        const [at, to, plane] = [context.at(x), context.at(y), elementCount(spatial)];
        const epsilon = asFloat(context.attributes.epsilon);
        if (x.layout === "channelsLast") {
          const sizes = [batch, plane, channels, epsilon] as const;
          context.call("f32_instance_norm", at, x.pixelStride, scale, b, to, y.pixelStride, ...sizes);
        } else {
          context.call(
            "f32_instance_norm_rows",
            at,
            scale,
            b,
            to,
            batch * channels,
            plane,
            channels,
            epsilon,
          );
        }
      },
    },
  ],
});
