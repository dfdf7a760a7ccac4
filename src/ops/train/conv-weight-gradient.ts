import { float32Operands } from "../../kernels/elementwise/rows.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int, ints, required } from "../define.ts";
import { convWeightScratchBytes, weightSumsScratchBytes } from "../kernel-contract.ts";
import type { LowerContext } from "../lowering.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { imageLayouts } from "../shared/image-layouts.ts";
import { forEachWindow, isImage, pixelCount, resolveWindow, spatialShape } from "../shared/spatial.ts";

interface Attributes {
  readonly dilations: readonly number[] | undefined;
  readonly group: number;
  readonly kernelShape: readonly number[];
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
}

/**
 * The gradient of a Conv by its weight: dw[m, c, k…] = Σ x[n, g·C + c, window] · dy[n, m, position] for
 * x[N, group·C, …] and dy[N, M, …]. `pads` are those that Conv resolved; `kernelShape` gives k….
 */
export const convWeightGradient = defineOp({
  type: "ConvWeightGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["x", "dy"],
  attributes: {
    dilations: ints(),
    group: int(1),
    kernelShape: required(ints()),
    pads: ints(),
    strides: ints(),
  },
  layout: imageLayouts(["channelsLast", "channelsLast"], ["rowMajor"]),
  strided: true,
  infer(context) {
    const { dtype, dims: x } = context.fact(0);
    const dy = context.fact(1).dims;
    const { group, kernelShape } = context.attributes;
    if (x === undefined || dy === undefined) return [factOf(dtype, undefined)];
    const perGroup = typeof x[1] === "number" ? x[1] / group : "?";
    return [factOf(dtype, [dy[1] ?? "?", perGroup, ...kernelShape])];
  },
  evaluate(context) {
    const [x, dy] = [context.tensor(0), context.tensor(1)];
    const { group, kernelShape } = context.attributes;
    const window = resolveWindow(context, x.dims.slice(2), kernelShape, {
      ...context.attributes,
      autoPad: "NOTSET",
    });
    const [batch, inC] = x.dims as [number, number];
    const outC = dy.dims[1] as number;
    const [groupInC, groupOutC] = [inC / group, outC / group];
    const [inPlane, outPlane] = [elementCount(window.inputs), elementCount(window.outputs)];
    const taps = elementCount(kernelShape);
    const [source, gradient] = [toNumbers(x), toNumbers(dy)];
    const result = new Float64Array(outC * groupInC * taps);
    forEachWindow(window, (position, count, tapIndex, offsets) => {
      for (let n = 0; n < batch; n++) {
        for (let oc = 0; oc < outC; oc++) {
          const slope = gradient[(n * outC + oc) * outPlane + position] as number;
          const firstC = n * inC + Math.floor(oc / groupOutC) * groupInC;
          for (let ic = 0; ic < groupInC; ic++) {
            for (let i = 0; i < count; i++) {
              const at = (oc * groupInC + ic) * taps + (tapIndex[i] as number);
              const value = source[(firstC + ic) * inPlane + (offsets[i] as number)] as number;
              result[at] = (result[at] as number) + slope * value;
            }
          }
        }
      }
    });
    return [fromNumbers(x.dtype, [outC, groupInC, ...kernelShape], result)];
  },

  lower: [
    {
      name: "depthwise",
      when: (context) => isFloat32Images(context) && isDepthwise(context),
      lower(context) {
        const channels = context.input(1).dims[1] as number;
        const taps = elementCount(context.attributes.kernelShape);
        const { chunks, sums } = placeSums(context, weightSumsScratchBytes(1, channels, taps));
        const [x, dy] = [context.at(context.input(0)), context.at(context.input(1))];
        context.call("f32_dwconv_weight_sums", shapeOf(context), x, dy, sums, chunks);
        context.call(
          "f32_conv_weight_finish",
          ...[sums, context.at(context.output()), chunks, 1, channels, 1, taps],
        );
      },
    },
    {
      name: "any",
      when: (context) => isFloat32Images(context),
      lower(context) {
        const { group, kernelShape } = context.attributes;
        const [filters, inC] = context.output().dims as [number, number];
        const outC = filters / group;
        const taps = elementCount(kernelShape);
        const depth = taps * inC;
        const { chunks, sums } = placeSums(context, weightSumsScratchBytes(group, filters, depth));
        context.call(
          "f32_conv_weight_sums",
          shapeOf(context),
          context.at(context.input(0)),
          context.at(context.input(1)),
          sums,
          chunks,
          context.scratch(convWeightScratchBytes(depth) * context.parts),
        );
        context.call(
          "f32_conv_weight_finish",
          ...[sums, context.at(context.output()), chunks, group, outC, inC, taps],
        );
      },
    },
  ],
});

/** Chunks of pixels with sums of their own, which threads can share: few, long, and not too much memory. */
const MOST_CHUNKS = 8;
const LEAST_PIXELS = 512;
const MOST_SUM_BYTES = 1 << 20;

const isFloat32Images = (context: LowerContext<Attributes>): boolean =>
  float32Operands(context) &&
  isImage(context.input(0)) &&
  isImage(context.input(1)) &&
  context.output().layout === "rowMajor";

const isDepthwise = ({ attributes, input }: LowerContext<Attributes>): boolean =>
  attributes.group > 1 && attributes.group === input(0).dims[1] && attributes.group === input(1).dims[1];

/** Room for the sums of every chunk. Their number depends on the shape alone, and so do the bits of the result. */
function placeSums(context: LowerContext<Attributes>, bytesOfChunk: number) {
  const pixels = pixelCount(context.input(1));
  const fit = Math.min(pixels / LEAST_PIXELS, MOST_SUM_BYTES / bytesOfChunk, MOST_CHUNKS);
  const chunks = Math.max(1, Math.floor(fit));
  return { chunks, sums: context.scratch(chunks * bytesOfChunk) };
}

function shapeOf(context: LowerContext<Attributes>) {
  const [x, dy] = [context.input(0), context.input(1)];
  const { attributes } = context;
  const window = resolveWindow(context, x.dims.slice(2), attributes.kernelShape, {
    ...attributes,
    autoPad: "NOTSET",
  });
  return context.struct("SpatialShape", spatialShape(x, dy, window, attributes.group));
}
