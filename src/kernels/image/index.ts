import { needsRoi, type ResizeAttributes, resizeRequest } from "../../ops/image/resize.ts";
import {
  type ResizeAxis,
  type ResizeRule,
  type ResizeTable,
  resizeTable,
} from "../../ops/image/resize-tables.ts";
import { changes, type ResizeRequest, resizeAxes } from "../../ops/image/resizing.ts";
import { type UpsampleAttributes, upsampleRequest } from "../../ops/image/upsample.ts";
import { float32Images, IMAGE } from "../layouts.ts";
import type { Lowering, Lowerings } from "../lowering.ts";
import type { Site } from "../site.ts";
import { imageShape } from "../spatial-shape.ts";

/** Where each row and each column comes from, by how many taps. */
interface Tables {
  readonly taps: number;
  readonly rows: ResizeTable;
  readonly columns: ResizeTable;
}

/** The tables of an image that is resized along its height and width alone. */
function tablesOf(site: Site, request: ResizeRequest): Tables | undefined {
  const { rule } = request;
  const axes = resizeAxes(site, site.input(0).dims, request);
  if (axes.some((axis, i) => i < 2 && changes(axis, rule)) || axes.some(({ input }) => input === 0))
    return undefined;
  const taps = rule.mode === "nearest" ? 1 : rule.mode === "linear" ? 2 : 4;
  const spatial = axes
    .slice(2)
    .map((axis) => (changes(axis, rule) ? resizeTable(rule, axis) : keepTable(axis, taps)));
  if (spatial.some((table) => table.taps !== taps || table.outside.includes(1))) return undefined;
  if (spatial.length === 1) spatial.unshift(keepTable({ input: 1, output: 1, scale: 1, roi: [0, 1] }, taps));
  const [rows, columns] = spatial as [ResizeTable, ResizeTable];
  return { taps, rows, columns };
}

/** An identity table where an axis keeps its size. */
const keep: ResizeRule = {
  mode: "nearest",
  coordinateTransformationMode: "asymmetric",
  nearestMode: "floor",
  cubicCoeffA: 0,
  excludeOutside: false,
  antialias: false,
};

/** The table of an axis that stays as it is, with as many taps as its neighbour needs. */
function keepTable(axis: ResizeAxis, taps: number): ResizeTable {
  const { index, outside } = resizeTable(keep, { ...axis, scale: 1 });
  const weight = new Float64Array(index.length * taps);
  const repeated = new Int32Array(index.length * taps);
  index.forEach((at, i) => {
    repeated.fill(at, i * taps, (i + 1) * taps);
    weight[i * taps] = 1;
  });
  return { taps, index: repeated, weight, outside };
}

/** A float32 image through the table kernels; `read` gives what the node says, if it is constant. */
const resizing = <A>(read: (site: Site<A>) => ResizeRequest | undefined): Lowering<A, Tables> => ({
  name: "resize",
  resolve(site) {
    const request = float32Images(site.input(0), site.output()) ? read(site) : undefined;
    return request && tablesOf(site, request);
  },
  layouts: () => [IMAGE],
  apart: () => true,
  emit(context, { taps, rows, columns }) {
    const [x, y] = [context.input(0), context.output()];
    const shape = context.struct("SpatialShape", imageShape(x, y));
    const [from, to] = [context.at(x), context.at(y)];
    const rowIndex = context.table(rows.index);
    if (taps === 1) {
      context.call("f32_resize_nearest", shape, from, to, rowIndex, context.table(columns.index));
      return;
    }
    const rowWeight = context.table(Float32Array.from(rows.weight));
    const columnIndex = context.table(columns.index);
    const columnWeight = context.table(Float32Array.from(columns.weight));
    const kernel = taps === 2 ? "f32_resize_linear" : "f32_resize_cubic";
    context.call(kernel, shape, from, to, rowIndex, rowWeight, columnIndex, columnWeight);
  },
});

const resize = resizing<ResizeAttributes>((site) =>
  needsRoi(site) && site.inputs[1]?.fact.data === undefined
    ? undefined
    : resizeRequest(site, (i) => site.inputs[i]?.fact.data),
);

const upsample = resizing<UpsampleAttributes>((site) => upsampleRequest(site, site.inputs[1]?.fact.data));

export const IMAGES: Lowerings = { Resize: [resize], Upsample: [upsample] };
