import type { Padding } from "../../ops/movement/padding.ts";
import { coalesce } from "../../ops/movement/strided-copy.ts";
import { elementCount } from "../../tensor.ts";
import { type LowerContext, logicalStrides, type Operand } from "../context.ts";
import { padCode, type SpatialShape } from "../contract.ts";
import { canBeChannelsLast, follow, IMAGE } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import { type Known, type Placed, placed, type Site } from "../site.ts";
import { imageShape } from "../spatial-shape.ts";
import { MAX_DIMS } from "../strided-shape.ts";
import { emitCopy, isFourByte, type OperandCopy } from "./copying.ts";

/** How often the axes before the last two repeat, and the pad of the last two as an image of one channel. */
function planeShape(x: Known, y: Known, begins: readonly number[]): SpatialShape {
  const plane = ({ dims }: Known) => ({
    dims: [elementCount(dims.slice(0, -2)), 1, dims.at(-2) ?? 1, dims.at(-1) ?? 1],
    pixelStride: 1,
  });
  return imageShape(plane(x), plane(y), begins.at(-2) ?? 0, begins.at(-1) ?? 0);
}

const keepsAxes = (x: Known, y: Known, begins: readonly number[], count: number): boolean =>
  x.dims.every((size, axis) => axis >= count || (size === y.dims[axis] && begins[axis] === 0));

/** `x32_pad` repeats the whole input, so what is cropped must not be repeated. */
const suitsKernel = ({ begins, mode }: Padding, x: Known, y: Known): boolean =>
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

const spatialPad = <A>(context: LowerContext<A>, { mode, bits }: Padding, shape: SpatialShape): void =>
  context.call(
    "x32_pad",
    context.struct("SpatialShape", shape),
    context.at(context.input(0)),
    context.at(context.output()),
    padCode[mode as keyof typeof padCode],
    bits,
  );

/** Pads of elements of four bytes, for any operator that is one: `padding` is undefined while it is not known. */
export function padding<A>(paddingOf: (site: Site<A>) => Padding | undefined): Lowering<A, Padding>[] {
  const fitting =
    (fits: (pad: Padding, x: Known, y: Known) => boolean): Lowering<A, Padding>["resolve"] =>
    (site) => {
      const pad = isFourByte(site.input(0)) ? paddingOf(site) : undefined;
      return pad !== undefined && fits(pad, site.input(0), site.output()) && pad;
    };
  const copied = (node: Placed<A>, { begins }: Padding): boolean =>
    coalesce(overlap(node.input(0), node.output(), begins)).dims.length <= MAX_DIMS;
  const filled: NonNullable<Lowering<A, Padding>["layouts"]> = (site, pad) =>
    follow(site).filter((layouts) => copied(placed(site, layouts), pad));
  return [
    {
      name: "image",
      resolve: fitting(
        (pad, x, y) =>
          canBeChannelsLast(x.fact) &&
          canBeChannelsLast(y.fact) &&
          keepsAxes(x, y, pad.begins, 2) &&
          suitsKernel(pad, x, y),
      ),
      layouts: () => [IMAGE],
      apart: () => true,
      emit(context, pad) {
        const [x, y] = [context.input(0), context.output()];
        const left = pad.begins.at(-1) as number;
        const top = x.dims.length === 3 ? 0 : (pad.begins[2] as number);
        spatialPad(context, pad, imageShape(x, y, top, left));
      },
    },
    {
      name: "fill_copy",
      resolve: fitting(({ mode }) => mode === "constant"),
      layouts: filled,
      emit(context, { begins, bits }) {
        const [x, y] = [context.input(0), context.output()];
        context.call("x32_fill", context.at(y), bits, elementCount(y.dims));
        emitCopy(context, overlap(x, y, begins));
      },
    },
    {
      name: "planes",
      resolve: fitting(
        (pad, x, y) => keepsAxes(x, y, pad.begins, x.dims.length - 2) && suitsKernel(pad, x, y),
      ),
      emit(context, pad) {
        spatialPad(context, pad, planeShape(context.input(0), context.output(), pad.begins));
      },
    },
  ];
}
