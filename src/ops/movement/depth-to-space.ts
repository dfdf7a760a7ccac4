import { mapDims, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { defineOp, factOf, int, required, string } from "../define.ts";
import { depthToSpace as moveBlocks } from "./blocks.ts";

const attributes = { blocksize: required(int()), mode: string("DCR") };

/**
 * DepthToSpace: every blocksize² channels become a block of pixels.
 * https://onnx.ai/onnx/operators/onnx__DepthToSpace.html
 */
export const depthToSpace = defineOp({
  type: "DepthToSpace",
  since: [1, 11, 13],
  inputs: ["input"],
  attributes,

  infer(context) {
    const { dtype, dims } = context.fact(0);
    const { blocksize, mode } = context.attributes;
    if (mode !== "DCR" && mode !== "CRD")
      context.fail(`mode must be DCR or CRD, got ${JSON.stringify(mode)}`);
    if (blocksize < 1) context.fail(`blocksize must be at least 1, got ${blocksize}`);
    if (dims === undefined) return [factOf(dtype, ["?", "?", "?", "?"])];
    if (dims.length !== 4) context.fail(`input must be [N, C, H, W], got ${showDims(dims)}`);
    const [n, c, h, w] = dims as [Dim, Dim, Dim, Dim];
    if (typeof c === "number" && c % blocksize ** 2 !== 0) {
      context.fail(`${c} channels do not split into blocks of ${blocksize}²`);
    }
    const grow = (size: number) => size * blocksize;
    return [
      factOf(dtype, [n, mapDims((size) => size / blocksize ** 2, c), mapDims(grow, h), mapDims(grow, w)]),
    ];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { blocksize: b, mode } = context.attributes;
    const [n, c, h, w] = x.dims as [number, number, number, number];
    return [moveBlocks(x, [n, c / (b * b), h * b, w * b], b, mode === "DCR")];
  },
});
