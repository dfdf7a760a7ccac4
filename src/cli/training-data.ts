import { extname, join } from "node:path";
import { ResourceError, UsageError } from "../errors.ts";
import { elementCount } from "../tensor.ts";
import { type AugmentOptions, augment } from "../train/data/augment.ts";
import { inMemory } from "../train/data/cached.ts";
import { DataError } from "../train/data/data-error.ts";
import type { Dataset } from "../train/data/dataset.ts";
import { digits } from "../train/data/digits.ts";
import { BACKGROUND, INK, mnist } from "../train/data/mnist.ts";
import { shuffledIndices } from "../train/data/shuffle.ts";
import { pick, split } from "../train/data/subset.ts";
import type { PresetName } from "../vision/presets.ts";
import { readBytes } from "./files.ts";
import { findImages, imageFolder, listedImages, listFolder } from "./image-folder.ts";

/** Data sets to train with. */
export interface TrainingData {
  readonly train: Dataset;
  readonly validation: Dataset | undefined;
  readonly test: Dataset | undefined;
  /** Names of the classes, where the data has some. */
  readonly classNames: readonly string[] | undefined;
}

export interface TrainingDataOptions {
  /** Dims of one sample, as the network takes it. */
  readonly inputDims: readonly number[];
  /** How digits are scaled: 0 to 1, or as LeCun 1998 has it. */
  readonly scaling?: "unit" | "lenet";
  /** How pictures of folders become numbers. */
  readonly preset?: PresetName;
  /** The most samples of the training set. */
  readonly limit?: number | undefined;
  /** The share of the training set that is split off for validation. */
  readonly validation?: number | undefined;
  /** Of the split and of augmentation. */
  readonly seed: number;
  /** Distortions of the training set. */
  readonly augment?: AugmentOptions | undefined;
}

const DIGITS = 10_000;
/** Digits are the same whatever the training's seed. */
const DIGIT_SEEDS = { train: 1, test: 2 };

/**
 * What `--data` names: the word `digits` (written by a program; the test set is a fifth of the training set), a folder
 * with MNIST's four IDX files, or one with a folder of pictures for each class, in `train` and `test` (and `validation`)
 * where it has these. Throws ResourceErrors and DataErrors that name the file.
 */
export async function trainingData(address: string, options: TrainingDataOptions): Promise<TrainingData> {
  const { limit, validation: share, seed } = options;
  const found = address === "digits" ? await digitSets(options) : await folderSets(address, options);
  const whole =
    limit === undefined || limit >= found.train.length
      ? found.train
      : pick(found.train, shuffledIndices(found.train.length, 0, -2).subarray(0, limit));
  const [validation, train] = share ? split(whole, share, seed) : [found.validation, whole];
  if (train.length === 0 || validation?.length === 0)
    throw new UsageError(`${whole.length} samples cannot be split: ${share} of them for validation`);
  return {
    ...found,
    validation,
    train: options.augment === undefined ? train : augment(train, { seed, ...options.augment }),
  };
}

/** Samples to look at a network with, and their classes' names where they have some. */
export interface ShownData {
  readonly data: Dataset;
  readonly classNames: readonly string[] | undefined;
}

/** How many digits are shown where nobody says. */
const SHOWN_DIGITS = 1000;

/**
 * What `--data` names, to look at a network with: data as for training, of which the test set counts where there is one, or a
 * list of labelled pictures (`listedImages`). With a limit, so many of them, drawn by chance.
 */
export async function shownData(
  address: string,
  options: Pick<TrainingDataOptions, "inputDims" | "preset" | "limit">,
): Promise<ShownData> {
  const { limit } = options;
  if (address === "digits") {
    const [, size] = digitDims(options.inputDims);
    const data = digits({ count: limit ?? SHOWN_DIGITS, seed: DIGIT_SEEDS.test, size });
    return { data, classNames: undefined };
  }
  const { data, classNames } = await shownPictures(address, options);
  const some = limit !== undefined && limit < data.length;
  const chosen = some ? shuffledIndices(data.length, 0, -2).subarray(0, limit) : undefined;
  return { data: chosen === undefined ? data : pick(data, chosen), classNames };
}

async function shownPictures(
  address: string,
  { inputDims, preset }: Pick<TrainingDataOptions, "inputDims" | "preset">,
): Promise<ShownData> {
  const taken = { inputDims, ...(preset !== undefined && { preset }) };
  if (extname(address) === ".jsonl") {
    const list = await listedImages(address);
    return { data: imageFolder(list, taken), classNames: list.classes };
  }
  const { train, test, classNames } = await folderSets(address, { ...taken, seed: 0 });
  return { data: test ?? train, classNames };
}

function digitDims(inputDims: readonly number[]): readonly [channels: number, size: number] {
  const [channels, size, width] = inputDims;
  if (inputDims.length !== 3 || channels !== 1 || size === undefined || size !== width)
    throw new UsageError(`digits are [1, size, size], the network takes [${inputDims}]`);
  return [channels, size];
}

async function digitSets({ inputDims, limit, scaling }: TrainingDataOptions): Promise<TrainingData> {
  const [, size] = digitDims(inputDims);
  const make = (count: number, seed: number): Promise<Dataset> => {
    const plain = digits({ count, seed, size });
    return inMemory(scaling === "lenet" ? inLenetScale(plain) : plain);
  };
  const count = limit ?? DIGITS;
  return {
    train: await make(count, DIGIT_SEEDS.train),
    validation: undefined,
    test: await make(Math.ceil(count / 5), DIGIT_SEEDS.test),
    classNames: undefined,
  };
}

/** Pictures of 0 (paper) to 1 (ink) in the scaling of LeCun 1998. */
function inLenetScale(dataset: Dataset): Dataset {
  const size = elementCount(dataset.inputDims);
  return {
    ...dataset,
    read(index, into, slot, epoch) {
      void dataset.read(index, into, slot, epoch);
      for (let i = slot * size; i < (slot + 1) * size; i++)
        into.x[i] = BACKGROUND + (INK - BACKGROUND) * (into.x[i] as number);
    },
  };
}

async function folderSets(path: string, options: TrainingDataOptions): Promise<TrainingData> {
  const { files, folders } = await listFolder(path);
  if (files.some((name) => IDX_FILE.test(name))) return idxSets(path, files, options);
  if (!folders.includes("train")) return { ...NO_SETS, ...(await imageSet(path, options, undefined)) };
  const { train, classNames } = await imageSet(join(path, "train"), options, undefined);
  const other = async (...names: string[]): Promise<Dataset | undefined> => {
    const name = names.find((candidate) => folders.includes(candidate));
    return name === undefined ? undefined : (await imageSet(join(path, name), options, classNames)).train;
  };
  return { train, classNames, validation: await other("validation", "val"), test: await other("test") };
}

const NO_SETS = { validation: undefined, test: undefined };

/** The pictures of a folder; their classes must be those given. */
async function imageSet(
  path: string,
  options: TrainingDataOptions,
  classes: readonly string[] | undefined,
): Promise<{ train: Dataset; classNames: readonly string[] }> {
  const folder = await findImages(path);
  if (classes !== undefined && classes.join("/") !== folder.classes.join("/"))
    throw new DataError(path, `its classes are ${folder.classes.join(", ")}, not ${classes.join(", ")}`);
  return { train: imageFolder(folder, options), classNames: folder.classes };
}

/** MNIST's names, as its author and as Kaggle have them. */
const IDX_FILE = /^(train|t10k)-(images|labels)[-.]idx[13]-ubyte(\.gz)?$/;

async function idxSets(
  path: string,
  files: readonly string[],
  { scaling }: TrainingDataOptions,
): Promise<TrainingData> {
  const bytesOf = async (start: string): Promise<Uint8Array> => {
    const name = files.find((file) => file.startsWith(start) && IDX_FILE.test(file));
    if (name === undefined)
      throw new ResourceError(
        `${path}: there is no ${start}-idx${start.endsWith("images") ? 3 : 1}-ubyte, gzipped or not`,
      );
    return readBytes(join(path, name));
  };
  const sets = await mnist(
    {
      trainImages: await bytesOf("train-images"),
      trainLabels: await bytesOf("train-labels"),
      testImages: await bytesOf("t10k-images"),
      testLabels: await bytesOf("t10k-labels"),
    },
    scaling === undefined ? {} : { scaling },
  );
  return { ...sets, validation: undefined, classNames: undefined };
}
