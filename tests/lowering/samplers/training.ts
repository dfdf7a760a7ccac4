import { resolveWindow } from "../../../src/ops/shared/window.ts";
import { anyDims, imageDims, type Samplers, scalar, vector, windowOf } from "../draw.ts";
import { convTranspose } from "./conv.ts";

const failing = {
  fail: (message: string): never => {
    throw new Error(message);
  },
};

/** Backward passes and updates. */
export const TRAINING: Samplers = {
  "lanewise.ActivationGradient": (draw) => {
    const dims = anyDims(draw);
    const kind = draw.pick(
      ...[
        "clip",
        "leakyRelu",
        "sigmoid",
        "hardSigmoid",
        "hardSwish",
        "silu",
        "tanh",
        "elu",
        "softplus",
        "gelu",
        "geluTanh",
      ],
    );
    const [alpha, beta] = kind === "clip" ? [-0.5, 0.7] : [draw.pick(1, 0.2, 1.7), 0];
    const inputs = [draw.tensor(dims), draw.tensor(dims)];
    return { inputs, attributes: { kind, alpha, beta }, tolerance: 1e-5 };
  },
  "lanewise.AdamUpdate": (draw) => {
    const dims = imageDims(draw);
    const [parameter, gradient, m] = [draw.tensor(dims), draw.tensor(dims), draw.tensor(dims)];
    const scalars = [scalar(0.1), scalar(draw.pick(1, 1, Number.NaN))];
    return {
      inputs: [parameter, gradient, ...scalars, m, draw.tensor(dims, 0, 2), scalar(draw.whole(1, 2000))],
      attributes: { weightDecay: draw.pick(0, 0.01), decoupled: draw.whole(0, 1) },
      outputs: 3,
      tolerance: 1e-5,
    };
  },
  "lanewise.AveragePoolGradient": (draw) => {
    const dims = imageDims(draw);
    const inputShape = dims.slice(2);
    const attributes = {
      ...windowOf(draw, inputShape, { dilate: false }),
      ...{ ceilMode: draw.whole(0, 1), countIncludePad: draw.whole(0, 1), inputShape },
    };
    const window = resolveWindow(failing, inputShape, attributes.kernelShape, attributes);
    return { inputs: [draw.tensor([...dims.slice(0, 2), ...window.outputs])], attributes };
  },
  "lanewise.BatchNormalizationGradient": (draw) => {
    const dims = draw.maybe() ? imageDims(draw) : [draw.whole(1, 9), draw.whole(1, 40)];
    const c = dims[1] as number;
    const statistics = [vector(draw, c), vector(draw, c, 0.5, 2)];
    return {
      inputs: [draw.tensor(dims), vector(draw, c), draw.tensor(dims), ...statistics],
      outputs: 3,
      tolerance: 1e-5,
    };
  },
  "lanewise.BatchNormalizationTraining": (draw) => {
    const dims = draw.maybe() ? imageDims(draw) : [draw.whole(1, 9), draw.whole(1, 40)];
    const c = dims[1] as number;
    const statistics = [vector(draw, c), vector(draw, c, 0.5, 2)];
    // Of a single element the variance is 0 and y whatever rounding makes of it: a large epsilon keeps it in bounds.
    return {
      inputs: [draw.tensor(dims), vector(draw, c), vector(draw, c), ...statistics],
      attributes: { epsilon: 0.01, momentum: 0.8 },
      outputs: 5,
      tolerance: 1e-5,
    };
  },
  "lanewise.ChannelSum": (draw) => ({ inputs: [draw.tensor(imageDims(draw))], tolerance: 1e-5 }),
  "lanewise.ConvInputGradient": (draw) => {
    if (draw.maybe()) {
      const { inputs, ...sample } = convTranspose(draw);
      return { ...sample, inputs: inputs.slice(0, 2) };
    }
    // What Winograd's algorithm takes.
    const [inC, outC] = [draw.pick(1, 4, 8, 13), draw.pick(8, 9, 16)];
    const dims = [draw.whole(1, 2), outC, draw.whole(20, 25), draw.whole(20, 25)];
    const pads = [1, 2, 3, 4].map(() => draw.whole(0, 2));
    const inputs = [draw.tensor(dims), draw.tensor([outC, inC, 3, 3])];
    return { inputs, attributes: { pads }, tolerance: 3e-5 };
  },
  "lanewise.ConvWeightGradient": (draw) => {
    const group = draw.pick(1, 1, 2, 3);
    const depthwise = group > 1 && draw.maybe();
    const inC = depthwise ? group : group * draw.pick(1, 3, 4, 8, 17);
    const outC = depthwise ? group : group * draw.pick(1, 2, 4, 5, 8, 9, 16);
    const dims = imageDims(draw, inC);
    const { autoPad: _, ...attributes } = windowOf(draw, dims.slice(2));
    const { kernelShape } = attributes;
    const window = resolveWindow(failing, dims.slice(2), kernelShape, { ...attributes, autoPad: "NOTSET" });
    const dy = draw.tensor([dims[0] as number, outC, ...window.outputs]);
    return { inputs: [draw.tensor(dims), dy], attributes: { ...attributes, group }, tolerance: 1e-5 };
  },
  "lanewise.DropoutMask": (draw) => ({
    inputs: [draw.tensor([], -(2 ** 31), 2 ** 31 - 1, "int32"), draw.tensor(anyDims(draw))],
    attributes: {
      ratio: draw.pick(0, 0.1, 0.5, 0.9),
      stream: draw.whole(0, 9),
      perSample: draw.whole(0, 1),
    },
  }),
  "lanewise.GradientNorm": (draw) => ({
    inputs: Array.from({ length: draw.whole(1, 4) }, () => draw.tensor(draw.pick(anyDims(draw), [70, 90]))),
  }),
  "lanewise.MaxPoolGradient": (draw) => {
    const dims = imageDims(draw);
    const quarter = draw.maybe() && dims.slice(2).every((size) => size > 1);
    const attributes = quarter
      ? { kernelShape: dims.slice(2).map(() => 2), strides: dims.slice(2).map(() => 2) }
      : { ...windowOf(draw, dims.slice(2)), ceilMode: draw.whole(0, 1) };
    const whole = { autoPad: "NOTSET", pads: undefined, ...attributes };
    const window = resolveWindow(failing, dims.slice(2), whole.kernelShape, whole);
    const x = draw.tensor(dims);
    // Few values, so that windows have several largest elements.
    const few = { ...x, data: (x.data as Float32Array).map(Math.round) } as typeof x;
    return {
      inputs: [draw.maybe() ? few : x, draw.tensor([...dims.slice(0, 2), ...window.outputs])],
      attributes,
    };
  },
  "lanewise.ReluGradient": (draw) => {
    const dims = anyDims(draw);
    return { inputs: [draw.tensor(dims), draw.tensor(dims)] };
  },
  "lanewise.RmsPropUpdate": (draw) => {
    const dims = imageDims(draw);
    const momentum = draw.maybe();
    const scalars = [scalar(0.1), scalar(draw.pick(1, 1, Number.NaN))];
    const inputs = [draw.tensor(dims), draw.tensor(dims), ...scalars, draw.tensor(dims, 0.1, 2)];
    return {
      inputs: momentum ? [...inputs, draw.tensor(dims)] : inputs,
      attributes: { momentum: momentum ? 0.9 : 0, weightDecay: draw.pick(0, 0.01) },
      outputs: momentum ? 3 : 2,
      tolerance: 1e-5,
    };
  },
  "lanewise.SgdUpdate": (draw) => {
    const dims = imageDims(draw);
    const momentum = draw.maybe();
    const inputs = [draw.tensor(dims), draw.tensor(dims), scalar(0.1), scalar(draw.pick(1, 1, Number.NaN))];
    return {
      inputs: momentum ? [...inputs, draw.tensor(dims)] : inputs,
      attributes: {
        momentum: momentum ? 0.9 : 0,
        nesterov: draw.whole(0, 1),
        weightDecay: draw.pick(0, 0.01),
      },
      outputs: momentum ? 2 : 1,
    };
  },
  "lanewise.SoftmaxCrossEntropy": (draw) => {
    const [batch, classes] = [draw.whole(1, 9), draw.whole(1, 19)];
    const inputs = [
      draw.tensor([batch, classes], -9, 9),
      draw.tensor([batch], draw.pick(0, 0, -1), classes - draw.pick(1, 1, 0), "int32"),
    ];
    return { inputs, attributes: { smoothing: draw.pick(0, 0.1) }, outputs: 2 };
  },
};
