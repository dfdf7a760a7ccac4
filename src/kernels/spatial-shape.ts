import type { Window } from "../ops/shared/window.ts";
import { int32 } from "./arguments.ts";
import type { Operand } from "./context.ts";
import type { SpatialShape } from "./contract.ts";

/** What a kernel over images knows of an operand. */
type Pixels = Pick<Operand, "dims" | "pixelStride">;

/** An operand's spatial sizes as `[height, width]`; a 1-D image has height 1. */
export function imageSize(operand: Pixels): [number, number] {
  const { dims } = operand;
  return dims.length === 3 ? [1, dims[2] as number] : [dims[2] as number, dims[3] as number];
}

/** The pixels of a channels-last operand, batch included. */
export const pixelCount = (operand: Pick<Operand, "dims">): number =>
  operand.dims.reduce((count, size, axis) => (axis === 1 ? count : count * size), 1);

/** Checks that the kernels' i32 hold what they make of the shape: twice an axis's reach, taps, offsets of elements. */
function checkProducts(x: Pixels, y: Pixels, window: Window): void {
  const sizes = window.inputs.map((input, axis) => {
    const [outputs, stride, kernel, dilation, begin, end] = [
      window.outputs,
      window.strides,
      window.kernelShape,
      window.dilations,
      window.padsBegin,
      window.padsEnd,
    ].map((values) => values[axis]) as [number, number, number, number, number, number];
    return 2 * (input + outputs * stride + kernel * dilation + Math.abs(begin) + Math.abs(end));
  });
  const taps = window.kernelShape.reduce((a, b) => a * b, 1);
  for (const size of [...sizes, taps, pixelCount(x) * x.pixelStride, pixelCount(y) * y.pixelStride])
    int32(size);
}

/** `SpatialShape` of `assembly/shapes.ts` for channels-last operands of rank 3 (as height 1) or 4. */
export function spatialShape(x: Pixels, y: Pixels, window: Window, group = 1): SpatialShape {
  checkProducts(x, y, window);
  const flat = window.inputs.length === 1;
  const pair = (values: readonly number[], missing: number): [number, number] =>
    flat ? [missing, values[0] as number] : [values[0] as number, values[1] as number];
  const [inH, inW] = imageSize(x);
  const [outH, outW] = imageSize(y);
  const [kH, kW] = pair(window.kernelShape, 1);
  const [strideH, strideW] = pair(window.strides, 1);
  const [padTop, padLeft] = pair(window.padsBegin, 0);
  const [dilH, dilW] = pair(window.dilations, 1);
  return {
    batch: x.dims[0] as number,
    inH,
    inW,
    inC: x.dims[1] as number,
    inStride: x.pixelStride,
    outH,
    outW,
    outC: y.dims[1] as number,
    outStride: y.pixelStride,
    kH,
    kW,
    strideH,
    strideW,
    padTop,
    padLeft,
    dilH,
    dilW,
    group,
  };
}

/** A SpatialShape that only says the sizes of input and output (resizing, padding). */
export function imageShape(x: Pixels, y: Pixels, padTop = 0, padLeft = 0): SpatialShape {
  const window: Window = {
    inputs: [0, 0],
    outputs: [0, 0],
    kernelShape: [1, 1],
    strides: [1, 1],
    dilations: [1, 1],
    padsBegin: [padTop, padLeft],
    padsEnd: [0, 0],
  };
  return spatialShape(x, y, window);
}

/** A product of [m, k] and [k, n] as a convolution of one tap over a row of m pixels. */
export const productShape = (m: number, k: number, n: number): SpatialShape =>
  imageShape({ dims: [1, k, 1, m], pixelStride: k }, { dims: [1, n, 1, m], pixelStride: n });
