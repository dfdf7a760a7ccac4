import { type Draw, imageDims, type Sample, type Samplers, scalar } from "../draw.ts";

function quantized(draw: Draw): {
  x: Sample["inputs"][number];
  scale: Sample["inputs"][number];
  zero: Sample["inputs"][number];
} {
  const dtype = draw.pick("int8", "uint8");
  return {
    x: draw.tensor(imageDims(draw), dtype === "int8" ? -128 : 0, dtype === "int8" ? 127 : 255, dtype),
    scale: scalar(draw.pick(0.01, 0.05, 1)),
    zero: scalar(draw.whole(0, 100), dtype),
  };
}

export const QUANTIZED: Samplers = {
  QuantizeLinear: (draw) => {
    const { scale, zero } = quantized(draw);
    return { inputs: [draw.tensor(imageDims(draw), -3, 3), scale, zero], constants: draw.pick([], [1, 2]) };
  },
  DequantizeLinear: (draw) => {
    const { x, scale, zero } = quantized(draw);
    return { inputs: [x, scale, zero], constants: draw.pick([], [1, 2]) };
  },
  ConvInteger: (draw) => {
    const group = draw.pick(1, 1, 2, 3);
    const [batch, inC, ...image] = imageDims(draw, group * draw.whole(1, 5)) as [number, number, ...number[]];
    const outC = group * draw.whole(1, 9);
    const kernel = image.map((size) => draw.whole(1, Math.min(size, 3)));
    const x = draw.tensor([batch, inC, ...image], 0, 255, "uint8");
    const w = draw.tensor([outC, inC / group, ...kernel], -128, 127, "int8");
    const zeros = [draw.tensor([], 0, 255, "uint8"), draw.tensor(draw.pick([], [outC]), -9, 9, "int8")];
    const strides = image.map(() => draw.whole(1, 2));
    const pads = [...image, ...image].map(() => draw.whole(0, 2));
    return { inputs: [x, w, ...zeros], constants: [1, 3], attributes: { group, strides, pads } };
  },
  MatMulInteger: (draw) => {
    const [m, k, n] = [draw.whole(1, 12), draw.whole(1, 20), draw.whole(1, 20)];
    const a = draw.tensor([...draw.pick([], [2], [2, 3]), m, k], 0, 255, "uint8");
    const b = draw.tensor([k, n], -128, 127, "int8");
    const zeros = [draw.tensor([], 0, 255, "uint8"), draw.tensor(draw.pick([], [n]), -9, 9, "int8")];
    return { inputs: [a, b, ...zeros], constants: [1, 3] };
  },
  DynamicQuantizeLinear: (draw) => ({ inputs: [draw.tensor(imageDims(draw), -3, 3)], outputs: 3 }),
};
