import { COUNT, numberIn, objectOf, stringOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Graph, Node } from "../graph/graph.ts";
import type { Network } from "../nn/network.ts";
import { toNumbers } from "../ops/shared/elements.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";
import { Tensor } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { createImage, type RgbaImage } from "../vision/pixels.ts";
import { endsOf, floatDataOf } from "./float-tensor.ts";
import { type PaintOptions, paint, planeOf } from "./heatmap.ts";
import { type TileOptions, tile } from "./sheet.ts";

/** How filters become a sheet. */
export interface FilterSheetOptions extends TileOptions, Pick<PaintOptions, "colors"> {
  /** Filters shown, from the first; 256 by default. */
  readonly most?: number;
}

/**
 * The filters of a convolution [filters, channels of each, height, width]. A layer goes by its node's name or by that of the
 * value that it gives; by default it is the first with filters of two dims. Throws a UsageError that names those that there are.
 *
 * @param layer - The name.
 */
export function filtersOf(network: Network, layer?: string): Tensor {
  const { graph } = networkOf("filtersOf", network);
  if (layer !== undefined) stringOf("filtersOf: layer", layer);
  // Weights that are quantised, or made of others, are constants once facts are known.
  const known = propagateFacts(graph);
  const nodes = known.nodes.filter((node) => weightsOf(known, node) !== undefined);
  const node = layer === undefined ? nodes[0] : nodes.find((node) => goesBy(node, layer));
  if (node === undefined) {
    const names = nodes.map(({ name, outputs }) => JSON.stringify(name || outputs[0]));
    const has = names.length === 0 ? "none" : names.join(", ");
    throw new UsageError(
      `filtersOf: ${graph.name} has no convolution${layer === undefined ? "" : ` ${JSON.stringify(layer)}`}; it has ${has}`,
    );
  }
  const weights = weightsOf(known, node) as NonNullable<ReturnType<typeof weightsOf>>;
  return new Tensor("float32", Float32Array.from(toNumbers(weights)), weights.dims);
}

const goesBy = ({ name, outputs, inputs }: Node, layer: string): boolean =>
  name === layer || outputs.includes(layer) || inputs[1] === layer;

/** The kernels of a convolution over two axes; undefined where a node is none, or computes them as it runs. */
function weightsOf(graph: Graph, { op, domain, inputs }: Node) {
  if (op !== "Conv" || domain !== "") return undefined;
  const data = graph.facts.get(inputs[1] ?? "")?.data;
  return data?.dims.length === 4 ? data : undefined;
}

/**
 * Filters as a sheet. Those of three channels stand in colours, a filter to a picture, from its least weight to its greatest
 * (the first layer of a network for photographs); of others, every channel is a picture of its own, a filter to a row, in
 * "diverging" colours that have 0 in the middle and the filter's farthest weight at an end.
 *
 * @param filters - [filters, channels, height, width], as `filtersOf` gives them.
 */
export function filterSheet(filters: Tensor, options: FilterSheetOptions = {}): RgbaImage {
  floatDataOf("filterSheet: the filters", filters);
  const { dims } = filters;
  const { most = 256, colors, ...rest } = objectOf("filterSheet: the options", options);
  numberIn("filterSheet: most", most, COUNT);
  const [count, channels] = dims as [number, number];
  if (dims.length !== 4 || dims.includes(0))
    throw new UsageError(`filterSheet: expected filters [filters, channels, height, width], got [${dims}]`);
  const zoom = rest.zoom ?? Math.max(1, Math.floor(24 / Math.max(dims[2] as number, dims[3] as number)));
  const shown = Array.from({ length: Math.min(count, most) }, (_, filter) => filter);
  if (channels === 3 && colors === undefined)
    return tile(
      shown.map((filter) => inColors(filters, filter)),
      { ...rest, zoom },
    );
  const columns = channels === 1 ? undefined : channels;
  return tile(
    shown.flatMap((filter) => planesOf(filters, filter, { colors: colors ?? "diverging" })),
    { ...(columns !== undefined && { columns }), ...rest, zoom },
  );
}

/** Three planes as red, green and blue, from the least of all to the greatest. */
function inColors(filters: Tensor, filter: number): RgbaImage {
  const planes = [0, 1, 2].map((channel) => planeOf(filters, channel, filter));
  const { width, height } = planes[0] as (typeof planes)[number];
  const [low, high] = endsOf(...planes.map(({ data }) => data));
  const image = createImage(width, height);
  image.data.forEach((_, i) => {
    const value = planes[i % 4]?.data[Math.floor(i / 4)];
    image.data[i] = value === undefined ? 255 : high > low ? (255 * (value - low)) / (high - low) : 127.5;
  });
  return image;
}

/** A filter's planes, which share their colours. */
function planesOf(filters: Tensor, filter: number, options: PaintOptions): RgbaImage[] {
  const channels = filters.dims[1] as number;
  const planes = Array.from({ length: channels }, (_, channel) => planeOf(filters, channel, filter));
  const [low, high] = endsOf(...planes.map(({ data }) => data));
  const far = Math.max(-low, high);
  const [from, to] = options.colors === "diverging" ? [-far, far] : [low, high];
  return planes.map((plane) => paint(plane, { ...options, from, to }));
}
