import { type AnyData, createData } from "../../dtype.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import type { Lowering } from "../define.ts";
import { padCode, type SpatialShape } from "../kernel-contract.ts";
import { type LowerContext, logicalStrides, type Operand } from "../lowering.ts";
import { emitCopy, isFourByte, type OperandCopy } from "./copying.ts";
import { like } from "./elements.ts";
import { coalesce } from "./movement.ts";
import { imageShape, isImage } from "./spatial.ts";

/** What lies around the input. */
export const PAD_MODES = Object.keys(padCode);

/** The input index that output index `i` of an axis copies, counted in what negative pads leave; -1 for the constant. */
function sourceIndex(mode: string, i: number, size: number): number {
  if (i >= 0 && i < size) return i;
  if (mode === "edge") return i < 0 ? 0 : size - 1;
  if (mode === "wrap") return ((i % size) + size) % size;
  if (mode === "reflect") {
    if (size === 1) return 0;
    const period = 2 * (size - 1);
    const at = ((i % period) + period) % period;
    return at < size ? at : period - at;
  }
  return -1;
}

/** The input index of every output index of an axis. Negative pads crop before positive ones repeat what is left. */
export function axisMap(mode: string, begin: number, input: number, output: number): Int32Array {
  const first = Math.max(0, -begin);
  const size = input - first - Math.max(0, input + begin - output);
  return Int32Array.from({ length: output }, (_, i) => {
    const at = sourceIndex(mode, i - Math.max(0, begin), size);
    return at < 0 ? -1 : first + at;
  });
}

/** The definition: output index i of each axis is input index i - begin; negative begins crop. */
export function padTensor(
  x: TensorData,
  begins: readonly number[],
  dims: readonly number[],
  mode: string,
  value: TensorData | undefined,
): TensorData {
  let offsets = new Int32Array(1);
  dims.forEach((size, axis) => {
    const input = x.dims[axis] as number;
    const map = axisMap(mode, begins[axis] as number, input, size);
    const next = new Int32Array(offsets.length * size);
    for (let i = 0; i < offsets.length; i++) {
      const outer = offsets[i] as number;
      for (let j = 0; j < size; j++) {
        const at = map[j] as number;
        next[i * size + j] = outer < 0 || at < 0 ? -1 : outer * input + at;
      }
    }
    offsets = next;
  });
  const data: AnyData = createData(x.dtype, elementCount(dims));
  const target = data as Float32Array;
  const source = x.data as Float32Array;
  const fill = (value === undefined ? createData(x.dtype, 1) : value.data) as Float32Array;
  for (let i = 0; i < offsets.length; i++) {
    const at = offsets[i] as number;
    target[i] = (at < 0 ? fill[0] : source[at]) as number;
  }
  return like(x, dims, data);
}

/** A pad whose numbers are known while planning. */
export interface PadPlan {
  readonly begins: readonly number[];
  readonly mode: string;
  /** The constant's four bytes. */
  readonly bits: number;
}

/** The four bytes of a scalar of a four-byte dtype. */
export const scalarBits = (value: TensorData | undefined): number => {
  if (value === undefined) return 0;
  const { buffer, byteOffset } = value.data as Float32Array;
  return new DataView(buffer, byteOffset, 4).getInt32(0, true);
};

/** How often the axes before the last two repeat, and the pad of the last two as an image of one channel. */
function planeShape(x: Operand, y: Operand, begins: readonly number[]): SpatialShape {
  const plane = ({ dims }: Operand) => ({
    dims: [elementCount(dims.slice(0, -2)), 1, dims.at(-2) ?? 1, dims.at(-1) ?? 1],
    pixelStride: 1,
  });
  return imageShape(plane(x), plane(y), begins.at(-2) ?? 0, begins.at(-1) ?? 0);
}

const keepsAxes = (x: Operand, y: Operand, begins: readonly number[], count: number): boolean =>
  x.dims.every((size, axis) => axis >= count || (size === y.dims[axis] && begins[axis] === 0));

/** `x32_pad` repeats the whole input, so what is cropped must not be repeated. */
const suitsKernel = ({ begins, mode }: PadPlan, x: Operand, y: Operand): boolean =>
  !x.dims.includes(0) &&
  (mode === "constant" ||
    begins.every(
      (begin, axis) => begin >= 0 && (y.dims[axis] as number) >= (x.dims[axis] as number) + begin,
    ));

/** The part of the output that comes from the input, as one movement. */
function overlap(x: Operand, y: Operand, begins: readonly number[]): OperandCopy {
  const sourceStrides = logicalStrides(x);
  const targetStrides = logicalStrides(y);
  const from = begins.map((begin) => Math.max(0, -begin));
  const to = begins.map((begin) => Math.max(0, begin));
  const offset = (index: readonly number[], strides: readonly number[]) =>
    index.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0);
  return {
    source: x,
    target: y,
    dims: x.dims.map((size, axis) =>
      Math.max(0, Math.min(size - (from[axis] as number), (y.dims[axis] as number) - (to[axis] as number))),
    ),
    sourceStart: offset(from, sourceStrides),
    sourceStrides,
    targetStart: offset(to, targetStrides),
    targetStrides,
  };
}

/** Lowerings of a pad of four-byte elements; `plan` is undefined where it is not known while planning. */
export function padLowerings<A>(plan: (context: LowerContext<A>) => PadPlan | undefined): Lowering<A>[] {
  const lowering = (
    name: string,
    fits: (pad: PadPlan, x: Operand, y: Operand) => boolean,
    lower: (context: LowerContext<A>, pad: PadPlan, x: Operand, y: Operand) => void,
  ): Lowering<A> => ({
    name,
    when(context) {
      const [x, y] = [context.input(0), context.output()];
      if (!isFourByte(x)) return false;
      const pad = plan(context);
      return pad !== undefined && fits(pad, x, y);
    },
    lower: (context) => lower(context, plan(context) as PadPlan, context.input(0), context.output()),
  });
  const spatialPad = (
    context: LowerContext<A>,
    { mode, bits }: PadPlan,
    shape: SpatialShape,
    x: Operand,
    y: Operand,
  ) =>
    context.call(
      "x32_pad",
      context.struct("SpatialShape", shape),
      context.at(x),
      context.at(y),
      padCode[mode as keyof typeof padCode],
      bits,
    );
  return [
    lowering(
      "image",
      (pad, x, y) => isImage(x) && isImage(y) && keepsAxes(x, y, pad.begins, 2) && suitsKernel(pad, x, y),
      (context, pad, x, y) => {
        const [left, top] = [
          pad.begins.at(-1) as number,
          x.dims.length === 3 ? 0 : (pad.begins[2] as number),
        ];
        spatialPad(context, pad, imageShape(x, y, top, left), x, y);
      },
    ),
    lowering(
      "fill_copy",
      ({ begins, mode }, x, y) =>
        mode === "constant" &&
        (y.layout === "rowMajor" || y.pixelStride === y.dims[1]) &&
        coalesce(overlap(x, y, begins)).dims.length <= 6,
      (context, { begins, bits }, x, y) => {
        context.call("x32_fill", context.at(y), bits, elementCount(y.dims));
        emitCopy(context, overlap(x, y, begins));
      },
    ),
    lowering(
      "planes",
      (pad, x, y) =>
        x.layout === "rowMajor" &&
        y.layout === "rowMajor" &&
        keepsAxes(x, y, pad.begins, x.dims.length - 2) &&
        suitsKernel(pad, x, y),
      (context, pad, x, y) => spatialPad(context, pad, planeShape(x, y, pad.begins), x, y),
    ),
  ];
}
