import {
  CHANGING_WEIGHT_TILES,
  winogradTiles,
  winogradWeights,
} from "../../kernels/conv/winograd-packing.ts";
import { float32Operands } from "../../kernels/elementwise/rows.ts";
import { convTranspose } from "../conv-transpose.ts";
import { defineOp } from "../define.ts";
import { winogradScratchBytes } from "../kernel-contract.ts";
import { activationArgs, type LowerContext } from "../lowering.ts";
import { isImage, pixelCount, spatialShape } from "../shared/spatial.ts";

interface Attributes {
  readonly dilations: readonly number[] | undefined;
  readonly group: number;
  readonly outputPadding: readonly number[] | undefined;
  readonly outputShape: readonly number[] | undefined;
  readonly autoPad: string;
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
}

/**
 * The gradient of a Conv by its input: the transposed convolution of dy with the same weight (Dumoulin and Visin 2016,
 * section 4), attributes and all ConvTranspose's. Where Winograd's algorithm applies it runs as the convolution of dy
 * with the filters turned round.
 */
export const convInputGradient = defineOp({
  ...convTranspose,
  type: "ConvInputGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["dy", "w"],
  lower: [
    {
      name: "winograd",
      when: (context) => isWinograd(context as unknown as LowerContext<Attributes>),
      lower(context) {
        const [dy, w, dx] = [context.input(0), context.input(1), context.output()];
        const { pads } = context.attributes as unknown as Attributes;
        const window = {
          ...{ inputs: dy.dims.slice(2), outputs: dx.dims.slice(2) },
          ...{ kernelShape: [3, 3], strides: [1, 1], dilations: [1, 1] },
          ...{ padsBegin: [2 - (pads?.[0] ?? 0), 2 - (pads?.[1] ?? 0)], padsEnd: [0, 0] },
        };
        context.call(
          "f32_conv_winograd4",
          context.struct("SpatialShape", spatialShape(dy, dx, window)),
          context.at(dy),
          winogradWeights(context, w, true),
          0,
          0,
          0,
          context.at(dx),
          ...activationArgs(context.node.activation),
          context.scratch(winogradScratchBytes(dy.dims[1] as number, winogradTiles(dx)) * context.parts),
        );
      },
    },
    ...(convTranspose.lower ?? []),
  ],
});

/** As Conv decides: 3×3, one step at a time, channels and tiles enough to gain. */
function isWinograd(context: LowerContext<Attributes>): boolean {
  const [dy, w, dx] = [context.input(0), context.input(1), context.output()];
  const { autoPad, dilations, group, outputPadding, outputShape, pads, strides } = context.attributes;
  const all = (values: readonly number[] | undefined, wanted: number) =>
    values === undefined || values.every((value) => value === wanted);
  if (!float32Operands(context) || !isImage(dy) || !isImage(dx) || dx.dims.length !== 4) return false;
  const tiles = winogradTiles(dx);
  return (
    context.winograd !== false &&
    group === 1 &&
    w.layout === "rowMajor" &&
    w.dims[2] === 3 &&
    w.dims[3] === 3 &&
    all(strides, 1) &&
    all(dilations, 1) &&
    all(outputPadding, 0) &&
    outputShape === undefined &&
    autoPad === "NOTSET" &&
    (pads === undefined || pads.every((pad) => pad <= 2)) &&
    (dy.dims[1] as number) >= 8 &&
    tiles >= CHANGING_WEIGHT_TILES &&
    pixelCount(dx) >= 9 * tiles
  );
}
