import { CONV } from "../../ops/conv/conv.ts";
import type { ConvTransposeAttributes } from "../../ops/conv/conv-transpose.ts";
import { transposedWindow } from "../../ops/conv/transposed-window.ts";
import type { Window } from "../../ops/shared/window.ts";
import { elementCount } from "../../tensor.ts";
import { activationArgs } from "../context.ts";
import { convTransposeScratchBytes } from "../contract.ts";
import { float32Images, IMAGE } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { spatialShape } from "../spatial-shape.ts";
import { convTransposeWeights } from "./packing.ts";

export const convTranspose: Lowering<ConvTransposeAttributes, Window> = {
  name: "conv_transpose",
  resolve(site) {
    const [x, w] = [site.input(0), site.input(1)];
    if (!float32Images(x, site.output())) return undefined;
    return transposedWindow(site, x.dims.slice(2), w.dims.slice(2), site.attributes);
  },
  layouts: () => [IMAGE],
  apart: () => true,
  emit(context, window) {
    const [x, w, y] = [context.input(0), context.input(1), context.output()];
    const { group } = context.attributes;
    context.call(
      "f32_conv_transpose",
      context.struct("SpatialShape", spatialShape(x, y, window, group)),
      context.at(x),
      convTransposeWeights(context, w, group),
      context.at(context.inputs[CONV.bias]),
      context.at(y),
      ...activationArgs(context.node.activation),
      context.scratch(convTransposeScratchBytes(elementCount(w.dims.slice(1))) * context.parts),
    );
  },
};
