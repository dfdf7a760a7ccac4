import { arrayOf, COUNT, functionOf, numberIn, numbersIn, objectOf, oneOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Limits } from "../interruptible.ts";
import type { Network } from "../nn/network.ts";
import { normal, randomFrom } from "../ops/random/generator.ts";
import { elementCount } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { datasetOf } from "../train/data/check-dataset.ts";
import { batches, type Dataset } from "../train/data/dataset.ts";
import { cutNetwork, type FeatureOptions, featuresOf } from "../train/finetune.ts";
import { paceOf } from "../train/pace.ts";
import { tsneSlopes } from "./tsne-slopes.ts";

/** A place in the plane. */
export type Point = readonly [x: number, y: number];

/** How `embed` finds places. */
export interface EmbedOptions extends Limits {
  /**
   * "tsne", the default: t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008), or "umap" (McInnes, Healy
   * and Melville 2018, https://arxiv.org/abs/1802.03426).
   */
  readonly method?: "tsne" | "umap";
  /** How many neighbours a row minds: t-SNE's perplexity, 30 by default, or UMAP's neighbours, 15. */
  readonly neighbors?: number;
  /** Steps of descent; 500 by default for t-SNE, for UMAP what it chooses by the number of rows. */
  readonly steps?: number;
  /** Places follow from it; 0 by default. */
  readonly seed?: number;
  /**
   * Told how many steps are done.
   *
   * @param step - How many that is, from 1.
   * @param steps - How many there are.
   */
  onStep?(step: number, steps: number): void;
}

/** A method that is ready to go. */
interface Descent {
  readonly steps: number;
  readonly step: () => void;
  readonly points: () => readonly (readonly number[])[];
}

/**
 * Places in the plane for rows of numbers, such that what is near in the one is near in the other. What carries the methods is
 * loaded when they are asked for. Time and memory go by the square of the number of rows: some thousands are many.
 *
 * ```ts
 * const { rows, labels } = await rowsOf(await featuresOf(cutNetwork(network.graph, "dense1"), data));
 * const points = await embed(rows, { method: "umap" });
 * writeFileSync("classes.svg", scatterChart(points, labels));
 * ```
 *
 * @param rows - At least four, all of one length.
 */
export async function embed(
  rows: readonly ArrayLike<number>[],
  options: EmbedOptions = {},
): Promise<readonly Point[]> {
  const { method = "tsne", neighbors, steps, seed = 0, onStep } = objectOf("embed: the options", options);
  oneOf("embed: method", method, ["tsne", "umap"]);
  const most = checkedRows("embed", rows, 4).length - 1;
  const near = neighbors ?? Math.min(method === "tsne" ? 30 : 15, Math.max(2, most / 3));
  numberIn("embed: neighbors", near, { from: 1, to: most });
  if (steps !== undefined) numberIn("embed: steps", steps, COUNT);
  numberIn("embed: seed", seed);
  if (onStep !== undefined) functionOf("embed: onStep", onStep);
  const pace = paceOf("embed", options);
  pace.check();
  const vectors = rows.map((row) => Array.from(row));
  const descent = await (method === "tsne" ? tsne : umap)(vectors, near, steps, seed);
  for (let step = 1; step <= descent.steps; step++) {
    if (pace.due()) await pace.turn();
    pace.check();
    descent.step();
    onStep?.(step, descent.steps);
  }
  return descent.points().map(([x, y]): Point => [x as number, y as number]);
}

async function tsne(rows: number[][], perplexity: number, steps = 500, seed: number): Promise<Descent> {
  const { TSNE } = namesOf(await import("@keckelt/tsne"));
  const found = new TSNE({ dim: 2, perplexity });
  // Its only source of chance, which would be Math.random.
  found.gaussRandom = normal(randomFrom(seed));
  found.initDataRaw(rows);
  const inside = found as unknown as { readonly P: Float64Array; readonly iter: number };
  // Early on, the library exaggerates what is near.
  const slopes = (points: number[][]) => tsneSlopes(points, inside.P, inside.iter < 100 ? 4 : 1);
  found.costGrad = (points) => ({ cost: Number.NaN, grad: slopes(points) });
  return { steps, step: () => void found.step(), points: () => found.getSolution() };
}

async function umap(
  rows: number[][],
  neighbors: number,
  steps: number | undefined,
  seed: number,
): Promise<Descent> {
  const { UMAP } = namesOf(await import("umap-js"));
  const found = new UMAP({
    nComponents: 2,
    nNeighbors: Math.round(neighbors),
    random: randomFrom(seed),
    ...(steps !== undefined && { nEpochs: steps }),
  });
  const epochs = found.initializeFit(rows);
  return { steps: epochs, step: () => void found.step(), points: () => found.getEmbedding() };
}

/** What a CommonJS module exports, which the bundles of lanewise hand on as its default alone. */
const namesOf = <T extends object>(module: T & { readonly default?: T }): T => module.default ?? module;

/** Throws a UsageError for what are no rows of one length; gives their number and length. */
export function checkedRows(by: string, rows: readonly ArrayLike<number>[], least = 1) {
  const { length } = arrayOf(`${by}: the rows`, rows);
  if (length < least) throw new UsageError(`${by}: ${length} rows: expected at least ${least}`);
  const width = numbersIn(`${by}: row 0`, rows[0] as ArrayLike<number>).length;
  rows.forEach((row, i) => {
    if (numbersIn(`${by}: row ${i}`, row).length !== width || width === 0)
      throw new UsageError(`${by}: row ${i} has ${row.length} numbers, the first ${width}`);
    for (let at = 0; at < width; at++)
      if (!Number.isFinite(row[at])) throw new UsageError(`${by}: row ${i} holds ${row[at]}`);
  });
  return { length, width };
}

/** Samples as rows, with their classes. */
export interface Rows {
  /** One for each sample: all its numbers. */
  readonly rows: readonly Float32Array[];
  /** The class of each. */
  readonly labels: readonly number[];
}

/** The samples of a data set of classes as rows, in its order: of its inputs, or of what `featuresOf` has made of them. */
export async function rowsOf(data: Dataset): Promise<Rows> {
  const { name, inputDims, labelDims, classes } = datasetOf("rowsOf", data);
  if (classes === undefined || labelDims.length > 0)
    throw new UsageError(`rowsOf: ${name} must have a class for each sample`);
  const size = elementCount(inputDims);
  const [rows, labels]: [Float32Array[], number[]] = [[], []];
  for await (const { x, y, count } of batches(data, { batchSize: 64 }))
    for (let i = 0; i < count; i++) {
      rows.push(x.slice(i * size, (i + 1) * size));
      labels.push(y[i] as number);
    }
  return { rows, labels };
}

/**
 * What a layer gives for the samples of a data set, as rows.
 *
 * @param layer - Its output's name.
 */
export async function layerRows(
  network: Network,
  layer: string,
  data: Dataset,
  options: FeatureOptions = {},
): Promise<Rows> {
  const { graph } = networkOf("layerRows", network);
  return rowsOf(await featuresOf(cutNetwork(graph, layer), data, options));
}
