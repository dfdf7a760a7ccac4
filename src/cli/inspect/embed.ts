import { basename } from "node:path";
import { UsageError } from "../../errors.ts";
import { scoresOf, sizedGraph } from "../../inspect/class-values.ts";
import { scoringLayer } from "../../inspect/class-weights.ts";
import { embed, layerRows } from "../../inspect/embed.ts";
import { neighborhoodHit } from "../../inspect/neighborhood.ts";
import { scatterChart } from "../../inspect/scatter-chart.ts";
import type { Network } from "../../nn/network.ts";
import { sampleDims } from "../../train/forward.ts";
import { formatMs, print, printJson } from "../command.ts";
import { writeBytes } from "../files.ts";
import { progressLine } from "../progress.ts";
import { valueNamed } from "./looked-at.ts";
import { type DataOptions, openWithData } from "./looked-at-data.ts";

export interface EmbedOptions extends DataOptions {
  readonly layer?: string;
  readonly method?: string;
  readonly neighbors?: number;
  readonly steps?: number;
  readonly seed?: number;
  readonly output?: string;
}

/** Time and memory go by the square of their number. */
const SAMPLES = 500;
/** Of each sample, those that the neighbourhood hit looks at. */
const NEIGHBORS = 6;
/** The first is the default. */
const METHODS = { tsne: "t-SNE", umap: "UMAP" } as const;

const isMethod = (name: string): name is keyof typeof METHODS => Object.hasOwn(METHODS, name);

/** Features of samples in the plane, and how well their neighbours go with them, there and before. */
export async function showEmbedding(model: string, options: EmbedOptions): Promise<void> {
  const { method = "tsne", neighbors, steps, seed, output } = options;
  if (!isMethod(method))
    throw new UsageError(`embed has no --method ${method}; it has ${Object.keys(METHODS).join(", ")}`);
  const { network, data, classNames } = await openWithData(model, {
    ...options,
    limit: options.limit ?? SAMPLES,
  });
  const { graph } = network;
  const value = options.layer === undefined ? featuresOf(network) : valueNamed(graph, options.layer);
  const start = performance.now();
  const line = progressLine();
  const update = (what: string) => (done: number, whole: number) =>
    line.update(`${what}  ${done}/${whole}`, done / whole);
  const { rows, labels } = await layerRows(network, value, data, { onProgress: update("features") });
  const points = await embed(rows, {
    method,
    ...(neighbors !== undefined && { neighbors }),
    ...(steps !== undefined && { steps }),
    ...(seed !== undefined && { seed }),
    onStep: update(METHODS[method]),
  });
  line.done();
  const ms = performance.now() - start;
  const near = { neighbors: Math.min(NEIGHBORS, rows.length - 1) };
  const hit = { plane: neighborhoodHit(points, labels, near), features: neighborhoodHit(rows, labels, near) };
  const features = rows[0]?.length as number;
  if (output !== undefined) {
    const title = `${basename(model)}: ${value} by ${METHODS[method]}, neighbourhood hit ${percent(hit.plane)}`;
    await writeBytes(
      output,
      scatterChart(points, labels, { title, ...(classNames && { names: classNames }) }),
    );
  }
  const files = output === undefined ? [] : [output];
  if (options.json) {
    const places = points.map(([x, y], i) => ({ x, y, class: labels[i] }));
    const shared = { model, what: "embed", method, data: data.name, value, features, samples: rows.length };
    printJson({ ...shared, ms, ...near, hit, points: places, files });
    return;
  }
  print(`${model}: ${rows.length} samples of ${data.name} by ${features} features of ${value}`);
  print(`${METHODS[method]} in ${formatMs(ms)}`);
  print(
    `neighbourhood hit, ${near.neighbors} neighbours: ${percent(hit.plane)} in the plane, ${percent(hit.features)} in the features`,
  );
  for (const file of files) print(`wrote ${file}`);
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** What the dense layer reads that gives the scores. */
function featuresOf(network: Network): string {
  const { graph } = network;
  const scores = scoresOf(graph);
  const features = scoringLayer(sizedGraph(graph, [1, ...sampleDims(network)]), scores)?.features;
  if (features === undefined)
    throw new UsageError(`no dense layer gives ${JSON.stringify(scores)}: name a --layer`);
  return features;
}
