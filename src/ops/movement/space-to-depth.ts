import { mapDims, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { defineOp, factOf, int, required } from "../define.ts";
import { spaceToDepth as moveBlocks } from "./blocks.ts";

const attributes = { blocksize: required(int()) };

/**
 * SpaceToDepth: every block of blocksize² pixels becomes channels.
 * https://onnx.ai/onnx/operators/onnx__SpaceToDepth.html
 */
export const spaceToDepth = defineOp({
  type: "SpaceToDepth",
  since: [1, 13],
  inputs: ["input"],
  attributes,

  infer(context) {
    const { dtype, dims } = context.fact(0);
    const { blocksize } = context.attributes;
    if (blocksize < 1) context.fail(`blocksize must be at least 1, got ${blocksize}`);
    if (dims === undefined) return [factOf(dtype, ["?", "?", "?", "?"])];
    if (dims.length !== 4) context.fail(`input must be [N, C, H, W], got ${showDims(dims)}`);
    const [n, c, h, w] = dims as [Dim, Dim, Dim, Dim];
    const shrink = (size: number) => {
      if (size % blocksize !== 0) context.fail(`${size} pixels do not split into blocks of ${blocksize}`);
      return size / blocksize;
    };
    return [
      factOf(dtype, [n, mapDims((size) => size * blocksize ** 2, c), mapDims(shrink, h), mapDims(shrink, w)]),
    ];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const b = context.attributes.blocksize;
    const [n, c, h, w] = x.dims as [number, number, number, number];
    return [moveBlocks(x, [n, c * b * b, h / b, w / b], b)];
  },
});
