import { UsageError } from "../../errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { activationSheet, activationsOf } from "../../inspect/activations.ts";
import type { ColorMapName } from "../../inspect/color-maps.ts";
import { receptiveFieldPicture } from "../../inspect/field-picture.ts";
import { filterSheet, filtersOf } from "../../inspect/filters.ts";
import { endsOf, floatsOf } from "../../inspect/float-tensor.ts";
import { receptiveFieldsOf } from "../../inspect/network-summary.ts";
import { boxWithin, type FieldPlace, fieldAt } from "../../inspect/pixel-box.ts";
import type { FieldAxis, ReceptiveField } from "../../inspect/receptive-field.ts";
import { propagateFacts } from "../../passes/propagate-facts.ts";
import { print, printJson } from "../command.ts";
import { writePngFile } from "../image-file.ts";
import { table } from "../table.ts";
import { type EffectiveFieldOptions, showEffectiveField } from "./effective-field.ts";
import { type LookOptions, openNetwork, openWithPicture, valueNamed } from "./looked-at.ts";

export interface PictureOptions extends LookOptions {
  readonly layer?: string;
  readonly at?: string;
  readonly effective?: boolean;
  readonly colors?: ColorMapName;
  readonly zoom?: number;
  readonly output?: string;
}

const look = ({ colors, zoom }: PictureOptions) => ({
  ...(colors !== undefined && { colors }),
  ...(zoom !== undefined && { zoom }),
});

/** The filters of a convolution: their dims and weights' ends, and a sheet of them. */
export async function showFilters(model: string, options: PictureOptions): Promise<void> {
  const { network } = await openNetwork(model);
  const filters = filtersOf(network, options.layer);
  const [least, greatest] = endsOf(floatsOf(filters));
  const { output } = options;
  if (output !== undefined) await writePngFile(output, filterSheet(filters, look(options)));
  const files = output === undefined ? [] : [output];
  if (options.json) {
    printJson({ model, what: "filters", dims: filters.dims, least, greatest, files });
    return;
  }
  const [count, channels, height, width] = filters.dims;
  print(`${model}: ${count} filters of ${channels}×${height}×${width}, ${ends(least, greatest)}`);
  for (const file of files) print(`wrote ${file}`);
}

/** The feature maps of a layer for a picture, by default of the first convolution. */
export async function showActivations(model: string, options: PictureOptions): Promise<void> {
  const { network, picture } = await openWithPicture(model, options);
  const { graph } = network;
  const value = options.layer === undefined ? firstMaps(graph) : valueNamed(graph, options.layer);
  const maps = (await activationsOf(network, picture.tensor, value))[value];
  if (maps === undefined || maps.dims.length !== 4)
    throw new UsageError(`${value} is [${maps?.dims}], no feature maps [1, C, H, W]`);
  const [least, greatest] = endsOf(floatsOf(maps));
  const { output } = options;
  if (output !== undefined) await writePngFile(output, activationSheet(maps, look(options)));
  const files = output === undefined ? [] : [output];
  if (options.json) {
    printJson({ model, what: "activations", value, dims: maps.dims, least, greatest, files });
    return;
  }
  print(`${model}: ${value} is ${maps.dims.slice(1).join("×")}, ${ends(least, greatest)}`);
  for (const file of files) print(`wrote ${file}`);
}

function firstMaps(graph: Graph): string {
  const value = propagateFacts(graph).nodes.find(({ op }) => op === "Conv")?.outputs[0];
  if (value === undefined) throw new UsageError("there is no convolution: name a --layer");
  return value;
}

const ends = (least: number, greatest: number): string =>
  `from ${Number(least.toPrecision(4))} to ${Number(greatest.toPrecision(4))}`;

/** What part of the input every value sees; with a layer and a picture, that of one element as a frame on it. */
export async function showFields(
  model: string,
  options: PictureOptions & EffectiveFieldOptions,
): Promise<void> {
  if (options.effective) return showEffectiveField(model, options);
  const { network } = await openNetwork(model);
  const fields = receptiveFieldsOf(network);
  const wanted = options.layer === undefined ? undefined : valueNamed(network.graph, options.layer);
  const shown = [...fields].filter(([value]) => value === (wanted ?? value));
  const [last] = shown.slice(-1);
  if (last === undefined)
    throw new UsageError(`${options.layer ?? model}: sees all of the picture, or no regular part of it`);
  const files = options.image === undefined ? [] : await writeField(model, last[1], options);
  if (options.json) {
    const values = shown.map(([value, field]) => ({ value, field }));
    printJson({ model, what: "receptive-field", values, files });
    return;
  }
  const columns = [{ title: "value" }, ...["sees", "stride", "from"].map((title) => ({ title }))];
  const by = (field: ReceptiveField, key: keyof FieldAxis) => field.map((axis) => axis[key]).join("×");
  const rows = shown.map(([value, field]) => [
    value,
    by(field, "size"),
    by(field, "stride"),
    field.map(({ start }) => start).join(", "),
  ]);
  print(table(columns, rows));
  for (const file of files) print(`wrote ${file}`);
}

async function writeField(
  model: string,
  field: ReceptiveField,
  options: PictureOptions,
): Promise<readonly string[]> {
  const { output } = options;
  if (output === undefined) throw new UsageError("the picture goes to --output FILE.png");
  const { seen } = await openWithPicture(model, options);
  const place = options.at === undefined ? middleOf(field, seen.height, seen.width) : placeOf(options.at);
  if (boxWithin(fieldAt(field, place), seen) === undefined)
    throw new UsageError(`--at ${options.at}: the layer has no such element`);
  await writePngFile(output, receptiveFieldPicture(seen, field, place));
  return [output];
}

/** The element whose field's middle lies closest to the picture's. */
function middleOf(field: ReceptiveField, height: number, width: number): FieldPlace {
  const along = ({ size, stride, start }: FieldAxis, length: number): number =>
    Math.max(0, Math.round((length / 2 - size / 2 - start) / stride));
  const [rows, columns] = field as readonly [FieldAxis, FieldAxis];
  return { y: along(rows, height), x: along(columns, width) };
}

function placeOf(text: string): FieldPlace {
  const [, y, x] = /^(\d+)\s*,\s*(\d+)$/.exec(text) ?? [];
  if (y === undefined || x === undefined) throw new UsageError(`--at ${text}: expected ROW,COLUMN`);
  return { y: Number(y), x: Number(x) };
}
