// Reshape and its kin, Transpose where the layout carries it out already, and Relayout.
import { dtypeInfo } from "../../dtype.ts";
import type { Layout } from "../../graph/graph.ts";
import { layoutsCoincide } from "../../graph/layout.ts";
import { type PermAttribute, permutation } from "../../ops/movement/transpose.ts";
import { elementCount } from "../../tensor.ts";
import type { LowerContext } from "../context.ts";
import { canBeChannelsLast, follow, IMAGE, ROW_MAJOR } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";
import type { Layouts, Site } from "../site.ts";
import { stridedShape } from "../strided-shape.ts";

/** The bytes of input 0 as they lie: pixel by pixel where an operand is channels-last, else in one run. */
function moveBytes(context: LowerContext<unknown>): void {
  const [x, y] = [context.input(0), context.output()];
  const count = elementCount(x.dims);
  if (count === 0) return;
  const { bytes } = dtypeInfo[x.fact.dtype];
  const columns = [x, y].find(({ layout }) => layout === "channelsLast")?.dims[1] ?? count;
  // Elements of eight bytes are two of four; those of two, two of one.
  const parts = bytes < 4 ? bytes : bytes / 4;
  const [from, to] = [x, y].map(({ pixelStride }) => (pixelStride || columns) * parts) as [number, number];
  const shape = stridedShape([count / columns, columns * parts], [from, 1], [], [to, 1]);
  const kernel = bytes < 4 ? "x8_copy" : "x32_copy";
  context.call(kernel, context.struct("StridedShape", shape), context.at(x), context.at(y));
}

const view = <A>(
  resolve: (site: Site<A>) => boolean,
  layouts: (site: Site<A>) => readonly Layouts[],
): Lowering<A, boolean> => ({
  name: "view",
  resolve,
  layouts,
  apart: () => true,
  view: true,
  emit: moveBytes,
});

/** Other dims for the same bytes; also of an image that keeps its batch and its channels. */
export const reshape = view(
  () => true,
  ({ inputs: [x], outputs: [y] }) => {
    const image = canBeChannelsLast(x?.fact) && canBeChannelsLast(y?.fact);
    return image && x?.dims[0] === y?.dims[0] && x?.dims[1] === y?.dims[1] ? [ROW_MAJOR, IMAGE] : [ROW_MAJOR];
  },
);

/** Dropout at rest: the data as it is. */
export const dropout = view(
  ({ inputs: [, , trainingMode], outputs }) =>
    outputs.length === 1 && (trainingMode === undefined || trainingMode.fact.data?.data[0] === 0),
  follow,
);

const from = (layout: Layout): Layouts => ({
  inputs: [layout],
  outputs: [layout === "rowMajor" ? "channelsLast" : "rowMajor"],
});

/** A Transpose between channels-first and channels-last: the dims say what the layout has said. */
export const relabel = view<PermAttribute>(
  (site) => relabelled(site).length > 0,
  (site) => relabelled(site),
);

function relabelled(site: Site<PermAttribute>): Layouts[] {
  const { fact, dims } = site.input(0);
  if (!canBeChannelsLast(fact) || fact.data !== undefined) return [];
  const axes = dims.map((_, axis) => axis);
  const perm = permutation(site, dims.length).join();
  return [
    ...(perm === [0, ...axes.slice(2), 1].join() ? [from("channelsLast")] : []),
    ...(perm === [0, axes.length - 1, ...axes.slice(1, -1)].join() ? [from("rowMajor")] : []),
  ];
}

interface RelayoutAttributes {
  readonly to: Layout;
}

const toTheOther = ({ attributes: { to } }: Site<RelayoutAttributes>): readonly Layouts[] => [
  from(to === "rowMajor" ? "channelsLast" : "rowMajor"),
];

/** An image of one channel or one pixel lies the same either way. */
export const coincidence = view<RelayoutAttributes>(
  (site) => layoutsCoincide(site.input(0).fact),
  toTheOther,
);

/** A matrix of pixels and channels for each image. */
export const relayout: Lowering<RelayoutAttributes, boolean> = {
  name: "transpose",
  resolve: (site) => canBeChannelsLast(site.input(0).fact),
  layouts: toTheOther,
  apart: () => true,
  emit(context) {
    const [x, y] = [context.input(0), context.output()];
    const [batch, channels, ...image] = x.dims as [number, number, ...number[]];
    const pixels = elementCount(image);
    const planes = channels * pixels;
    const kernel = dtypeInfo[x.fact.dtype].bytes === 4 ? "x32_transpose" : "x8_transpose";
    const [source, target] = [context.at(x), context.at(y)];
    if (x.layout === "rowMajor") {
      const stride = y.pixelStride;
      context.call(kernel, source, pixels, target, stride, channels, pixels, batch, planes, pixels * stride);
    } else {
      const stride = x.pixelStride;
      context.call(kernel, source, stride, target, pixels, pixels, channels, batch, pixels * stride, planes);
    }
  },
};
