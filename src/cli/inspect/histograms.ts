import { basename } from "node:path";
import { histogramChart } from "../../inspect/histogram-chart.ts";
import { activationHistograms, type Histogram } from "../../inspect/histograms.ts";
import { print, printJson } from "../command.ts";
import { writeBytes } from "../files.ts";
import { table } from "../table.ts";
import { valueNamed } from "./looked-at.ts";
import { type DataOptions, openWithBatch } from "./looked-at-data.ts";

export interface HistogramOptions extends DataOptions {
  readonly layer?: string;
  readonly bins?: number;
  readonly output?: string;
}

/** Samples at once: what all layers give for them lies in memory together. */
const SAMPLES = 16;

/** How the numbers of each layer are distributed, over one picture or over samples of data. */
export async function showHistograms(model: string, options: HistogramOptions): Promise<void> {
  const { layer, bins, output } = options;
  const { network, batch } = await openWithBatch(model, { ...options, limit: options.limit ?? SAMPLES });
  const found = await activationHistograms(network, batch, {
    ...(layer !== undefined && { values: [valueNamed(network.graph, layer)] }),
    ...(bins !== undefined && { bins }),
  });
  const samples = batch.dims[0] as number;
  const over = samples === 1 ? "one picture" : `${samples} pictures`;
  if (output !== undefined)
    await writeBytes(
      output,
      histogramChart(found, {
        title: `${basename(model)}: activations over ${over}, counts by their logarithm`,
      }),
    );
  const files = output === undefined ? [] : [output];
  if (options.json) {
    printJson({ model, what: "histograms", samples, histograms: found, files });
    return;
  }
  print(`${model}: ${found.length === 1 ? "one value" : `${found.length} values`} over ${over}\n`);
  const titles = ["mean", "deviation", "least", "greatest", "zeros"];
  const columns = [
    { title: "value" },
    { title: "op" },
    ...titles.map((title) => ({ title, align: "right" as const })),
  ];
  print(table(columns, found.map(rowOf)));
  for (const file of files) print(`\nwrote ${file}`);
}

const rowOf = ({ name, op = "", mean, std, min, max, zeros }: Histogram): readonly string[] => [
  name,
  op,
  ...[mean, std, min, max].map((value) => String(Number(value.toPrecision(3)))),
  zeros === 0 ? "" : `${(100 * zeros).toFixed(1)} %`,
];
