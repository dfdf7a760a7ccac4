import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ResourceError, UsageError } from "../errors.ts";
import { elementCount } from "../tensor.ts";
import { DataError } from "../train/data/data-error.ts";
import { type Dataset, fromGenerator } from "../train/data/dataset.ts";
import { type PresetName, preprocessFor } from "../vision/presets.ts";
import { listPictures } from "./batch/picture-list.ts";
import { reasonOf } from "./files.ts";
import { readImageFile } from "./image-file.ts";

/** A folder of folders of pictures, or a list: which file is of which class. */
export interface ImageFolder {
  readonly path: string;
  /** Names of the folders, or of the list's labels, sorted. */
  readonly classes: readonly string[];
  readonly files: readonly { readonly path: string; readonly label: number }[];
}

export interface ImageFolderOptions {
  /** Dims of a sample, [C, height, width] or [height, width, C]; one channel is grey, three are colour. */
  readonly inputDims: readonly number[];
  /** How a picture becomes numbers; `unit` (the whole picture, stretched, 0 to 1) by default. */
  readonly preset?: PresetName;
}

/** Files read at the same time. */
const MAX_OPEN = 16;
/** Decoded pictures kept from one pass to the next, over all data sets. */
const CACHE_BYTES = 2 ** 30;
const IMAGE = /\.(png|jpe?g)$/i;

let cachedBytes = 0;

/** The folder's names, sorted by code unit, or a ResourceError with path and reason. */
export async function listFolder(path: string): Promise<{ files: string[]; folders: string[] }> {
  try {
    const entries = (await readdir(path, { withFileTypes: true })).filter(
      ({ name }) => !name.startsWith("."),
    );
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    return { files: files.sort(), folders: folders.sort() };
  } catch (cause) {
    throw new ResourceError(`${path}: cannot read: ${reasonOf(cause)}`, { cause });
  }
}

/** Finds the pictures of a folder that has a folder for each class. Throws a DataError where there are fewer than two. */
export async function findImages(path: string): Promise<ImageFolder> {
  const { folders } = await listFolder(path);
  const files: { path: string; label: number }[] = [];
  for (const [label, name] of folders.entries()) {
    const images = (await listFolder(join(path, name))).files.filter((file) => IMAGE.test(file));
    if (images.length === 0)
      throw new DataError(join(path, name), "no PNG or JPEG file: every folder is a class of pictures");
    for (const file of images) files.push({ path: join(path, name, file), label });
  }
  if (folders.length < 2)
    throw new DataError(
      path,
      `${folders.length === 0 ? "no class" : "one class"}: expected a folder of PNG or JPEG files for each class, or MNIST's four IDX files`,
    );
  return { path, classes: folders, files };
}

/**
 * The pictures that a `.jsonl` file names, a line of `{"image": path, "label": class}` each; paths are relative to the list's
 * folder. Throws a DataError that names the first picture without a label, and where there are fewer than two classes.
 */
export async function listedImages(list: string): Promise<ImageFolder> {
  const { pictures } = await listPictures([list]);
  const labelled = pictures.map(({ image, path, fields: { label } }) => {
    if (typeof label !== "string" && !Number.isSafeInteger(label))
      throw new DataError(list, `${image} has no "label": expected the name or number of its class`);
    return { path, label: String(label) };
  });
  const classes = [...new Set(labelled.map(({ label }) => label))].sort(inOrder);
  if (classes.length < 2) throw new DataError(list, "its pictures are all of one class");
  const files = labelled.map(({ path, label }) => ({ path, label: classes.indexOf(label) }));
  return { path: list, classes, files };
}

/** Numbers by their size, names by code unit. */
const inOrder = (a: string, b: string): number => Number(a) - Number(b) || (a < b ? -1 : 1);

/**
 * The pictures as a data set, read when they are needed, a few at a time, and kept as far as memory is set aside for
 * them. A file that cannot be read throws a ResourceError that names it.
 */
export function imageFolder({ path, classes, files }: ImageFolder, options: ImageFolderOptions): Dataset {
  const { inputDims, preset = "unit" } = options;
  if (inputDims.length !== 3 || ![inputDims[0], inputDims[2]].some((size) => size === 1 || size === 3))
    throw new UsageError(
      `${path} has pictures; the network takes [${inputDims}], not [1 or 3, height, width]`,
    );
  const bytes = elementCount(inputDims) * Float32Array.BYTES_PER_ELEMENT;
  const kept = new Map<number, Float32Array>();
  const gate = limiter(MAX_OPEN);
  return fromGenerator({
    name: path,
    length: files.length,
    inputDims,
    classes: classes.length,
    async sample(index) {
      const file = files[index] as ImageFolder["files"][number];
      const known = kept.get(index);
      if (known !== undefined) return { x: known, y: file.label };
      const image = await gate(() => readImageFile(file.path));
      const { tensor } = preprocessFor(image, [1, ...inputDims], preset, { dtype: "float32" });
      const x = tensor.data as Float32Array;
      if (cachedBytes + bytes <= CACHE_BYTES) {
        cachedBytes += bytes;
        kept.set(index, x);
      }
      return { x, y: file.label };
    },
  });
}

/** Lets so many tasks run at once; the others wait in line. */
function limiter(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
