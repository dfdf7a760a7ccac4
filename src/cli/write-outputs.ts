import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ResourceError, UsageError } from "../errors.ts";
import { Tensor } from "../tensor.ts";
import { isTensor, type MapData, type RuntimeValue } from "../value.ts";
import type { PresetName } from "../vision/index.ts";
import { reasonOf, writeBytes } from "./files.ts";
import { writePngFile } from "./image-file.ts";
import { outputImage } from "./image-task.ts";
import { writeNpyFile } from "./npy.ts";

export interface NamedValue {
  readonly name: string;
  readonly value: RuntimeValue;
}

/**
 * Writes outputs and returns the paths written. `path` is a folder (made where there is none): every tensor goes to
 * NAME.npy, strings to NAME.json, and so do maps; elements of a sequence to NAME.0.npy …, and what looks like a picture also to
 * NAME.png. Or it ends in .png: the first picture goes there.
 */
export async function writeOutputs(
  path: string,
  values: readonly NamedValue[],
  preset: PresetName,
): Promise<string[]> {
  const tensors = values.flatMap(({ name, value }) => flat(fileName(name), value));
  if (/\.png$/i.test(path)) {
    for (const { tensor } of tensors) {
      const image = outputImage(tensor, preset);
      if (image === undefined) continue;
      await writePngFile(path, image);
      return [path];
    }
    throw new UsageError(`--output ${path}: no output is a picture ([1, 1|3, H, W] or [1, H, W, 1|3])`);
  }
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new ResourceError(`${path}: cannot make the folder: ${reasonOf(cause)}`, { cause });
  }
  const written: string[] = [];
  for (const { name, value } of values) {
    const maps = mapsIn(value);
    if (maps.length === 0) continue;
    const file = join(path, `${fileName(name)}.json`);
    const entries = maps.map((map) =>
      [...map.entries].map(([key, number]) => [String(key), number] as const),
    );
    await writeBytes(file, JSON.stringify(entries.map((map) => Object.fromEntries(map))));
    written.push(file);
  }
  for (const { name, tensor } of tensors) {
    const file = join(path, name);
    if (tensor.type === "string") {
      await writeBytes(`${file}.json`, JSON.stringify({ dims: tensor.dims, data: tensor.data }));
      written.push(`${file}.json`);
      continue;
    }
    await writeNpyFile(`${file}.npy`, tensor);
    written.push(`${file}.npy`);
    const image = outputImage(tensor, preset);
    if (image === undefined) continue;
    await writePngFile(`${file}.png`, image);
    written.push(`${file}.png`);
  }
  return written;
}

/** The name of a value with what file systems do not take replaced. */
const fileName = (name: string): string => name.replace(/[^\w.-]+/g, "_").replace(/^\.+/, "_") || "_";

function flat(name: string, value: RuntimeValue): { name: string; tensor: Tensor }[] {
  if (isTensor(value)) return [{ name, tensor: new Tensor(value.dtype, value.data, value.dims) }];
  if (value.container === "map") return [];
  if (value.container === "optional") return value.value === undefined ? [] : flat(name, value.value);
  return value.values.flatMap((element, i) => flat(`${name}.${i}`, element));
}

/** The maps that a value is or holds; none for what holds tensors. */
function mapsIn(value: RuntimeValue): MapData[] {
  if (isTensor(value)) return [];
  if (value.container === "map") return [value];
  return value.container === "sequence" ? value.values.flatMap(mapsIn) : [];
}
