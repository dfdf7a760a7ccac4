import { resolveWindow } from "../../src/ops/shared/spatial.ts";
import { imageDims, type Sampler, scalar } from "./draw.ts";
import { windowOf } from "./samplers.ts";

const failing = {
  fail: (message: string): never => {
    throw new Error(message);
  },
};

/** Samplers of the operators of backward passes and updates. */
export const TRAIN_SAMPLERS: Readonly<Record<string, Sampler>> = {
  "lanewise.ChannelSum": (draw) => ({ inputs: [draw.tensor(imageDims(draw))], tolerance: 1e-5 }),
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
};
