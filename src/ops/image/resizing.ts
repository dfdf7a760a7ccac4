import { showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { forEachStrided } from "../movement/strided.ts";
import { fromNumbers, like, toNumbers } from "../shared/elements.ts";
import { type ResizeAxis, type ResizeRule, type ResizeTable, resizeTable } from "./resize-tables.ts";

/** What a node says of its resizing; of `scales` and `sizes` one is given, for `axes` (all when absent). */
export interface ResizeRequest {
  readonly rule: ResizeRule;
  readonly scales: readonly number[] | undefined;
  readonly sizes: readonly number[] | undefined;
  readonly axes: readonly number[] | undefined;
  readonly roi: readonly number[] | undefined;
  readonly keepAspectRatioPolicy: string;
  readonly extrapolationValue: number;
}

interface Failing {
  fail(message: string): never;
}

/** Every axis settled for an input of known sizes. */
export function resizeAxes(context: Failing, dims: readonly number[], request: ResizeRequest): ResizeAxis[] {
  const { scales, sizes, roi, keepAspectRatioPolicy } = request;
  const axes = (request.axes ?? dims.map((_, axis) => axis)).map((axis) =>
    axis < 0 ? axis + dims.length : axis,
  );
  const given = scales ?? sizes ?? [];
  if (axes.some((axis) => axis < 0 || axis >= dims.length)) {
    context.fail(`axes [${request.axes}] are outside an input of rank ${dims.length}`);
  }
  if (given.length !== axes.length) {
    context.fail(
      `${axes.length} axes of ${showDims(dims)} need as many ${scales ? "scales" : "sizes"}, got [${given}]`,
    );
  }
  if (scales?.some((scale) => !(scale > 0))) context.fail(`scales must be above 0, got [${scales}]`);
  if (sizes?.some((size) => size < 0)) context.fail(`sizes must not be negative, got [${sizes}]`);
  const settled: ResizeAxis[] = dims.map((size) => ({ input: size, output: size, scale: 1, roi: [0, 1] }));
  const ratios = axes.map(
    (axis, i) => scales?.[i] ?? Math.fround((sizes?.[i] as number) / (dims[axis] as number)),
  );
  const common =
    scales !== undefined || keepAspectRatioPolicy === "stretch"
      ? undefined
      : keepAspectRatioPolicy === "not_larger"
        ? Math.min(...ratios)
        : Math.max(...ratios);
  axes.forEach((axis, i) => {
    const input = dims[axis] as number;
    const scale = common ?? (ratios[i] as number);
    const grown = Math.fround(scale * input);
    const output =
      common !== undefined
        ? Math.floor(grown + 0.5)
        : scales !== undefined
          ? Math.floor(grown)
          : (sizes?.[i] as number);
    const ends: [number, number] =
      roi !== undefined && roi.length === 2 * axes.length
        ? [roi[i] as number, roi[i + axes.length] as number]
        : [0, 1];
    settled[axis] = { input, output, scale, roi: ends };
  });
  // What keeps all its sizes is left alone whatever the scales, as onnxruntime does.
  if (settled.every(({ input, output }) => input === output)) {
    return settled.map((axis) => ({ ...axis, scale: 1 }));
  }
  return settled;
}

/** Output dims where input sizes may be symbols: an axis that is not resized keeps its symbol. */
export function inferResize(
  context: Failing,
  dims: readonly Dim[],
  request: ResizeRequest | undefined,
): Dim[] {
  if (request === undefined) return dims.map((): Dim => "?");
  const { scales, sizes, keepAspectRatioPolicy } = request;
  const known = dims.map((dim) => (typeof dim === "number" ? dim : 1));
  const settled = resizeAxes(context, known, request);
  const free = sizes !== undefined && keepAspectRatioPolicy === "stretch";
  const coupled = sizes !== undefined && !free && dims.some((dim) => typeof dim === "string");
  const axes = (request.axes ?? dims.map((_, axis) => axis)).map((axis) =>
    axis < 0 ? axis + dims.length : axis,
  );
  return dims.map((dim, axis) => {
    const i = axes.indexOf(axis);
    if (i < 0 || scales?.[i] === 1) return dim;
    if (coupled || (typeof dim === "string" && !free)) return "?";
    return settled[axis]?.output as number;
  });
}

/** What is left alone whatever the coordinates, as onnxruntime does: an axis of scale 1 or, with antialias, of one size. */
export const changes = ({ input, output, scale }: ResizeAxis, { antialias }: ResizeRule): boolean =>
  input !== output || (scale !== 1 && !antialias);

/** What each axis is made of; undefined where an axis stays as it is. */
export const tablesOf = (
  axes: readonly ResizeAxis[],
  rule: ResizeRule,
): readonly (ResizeTable | undefined)[] =>
  axes.map((axis) => (changes(axis, rule) ? resizeTable(rule, axis) : undefined));

/** The definition: one axis after the other, as the weights of all modes are products. */
export function evaluateResize(context: Failing, x: TensorData, request: ResizeRequest): TensorData {
  const { rule, extrapolationValue } = request;
  const axes = resizeAxes(context, x.dims, request);
  const dims = axes.map((axis) => axis.output);
  if (elementCount(dims) === 0) return fromNumbers(x.dtype, dims, []);
  if (elementCount(x.dims) === 0)
    context.fail(`cannot resize an empty ${showDims(x.dims)} to ${showDims(dims)}`);
  const tables = tablesOf(axes, rule);
  const outside = outsideMask(dims, tables);
  if (rule.mode === "nearest" && outside === undefined) {
    return like(
      x,
      dims,
      resample(x.data as unknown as Float64Array, x.dims, tables, true) as unknown as TensorData["data"],
    );
  }
  const result = resample(toNumbers(x), x.dims, tables, rule.mode === "nearest");
  const values = result instanceof Float64Array ? result : Float64Array.from(result);
  outside?.forEach((out, i) => {
    if (out !== 0) values[i] = extrapolationValue;
  });
  return fromNumbers(x.dtype, dims, values);
}

type Values = ArrayLike<number> & { slice?(start: number, end: number): unknown };

/** All axes in turn, weights of 0 too (0·∞ is NaN, as in onnxruntime); `copying` picks elements of any type instead of weighing numbers. */
function resample(
  source: Values,
  sourceDims: readonly number[],
  tables: readonly (ResizeTable | undefined)[],
  copying: boolean,
): ArrayLike<number> {
  const dims = [...sourceDims];
  let values: ArrayLike<number> = source;
  tables.forEach((table, axis) => {
    if (table === undefined) return;
    const { taps, index, weight } = table;
    const outer = elementCount(dims.slice(0, axis));
    const inner = elementCount(dims.slice(axis + 1));
    const input = dims[axis] as number;
    const output = table.outside.length;
    const count = outer * output * inner;
    const next = copying
      ? new (source.constructor as new (count: number) => number[])(count)
      : (new Float64Array(count) as unknown as number[]);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < output; i++) {
        const to = (o * output + i) * inner;
        for (let tap = 0; tap < taps; tap++) {
          const from = (o * input + (index[i * taps + tap] as number)) * inner;
          const w = weight[i * taps + tap] as number;
          if (copying) for (let k = 0; k < inner; k++) next[to + k] = values[from + k] as number;
          else
            for (let k = 0; k < inner; k++)
              next[to + k] = (next[to + k] as number) + w * (values[from + k] as number);
        }
      }
    }
    dims[axis] = output;
    values = next;
  });
  return values;
}

/** Which output elements lie outside the input on some axis; undefined where none does. */
function outsideMask(
  dims: readonly number[],
  tables: readonly (ResizeTable | undefined)[],
): Uint8Array | undefined {
  if (!tables.some((table) => table?.outside.includes(1))) return undefined;
  const mask = new Uint8Array(elementCount(dims));
  tables.forEach((table, axis) => {
    if (table === undefined) return;
    const along = dims.map((_, other) => (other === axis ? 1 : 0));
    forEachStrided(dims, along, along, (i, at) => {
      if (table.outside[at] === 1) mask[i] = 1;
    });
  });
  return mask;
}
