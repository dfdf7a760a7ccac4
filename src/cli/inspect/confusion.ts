import { basename } from "node:path";
import { UsageError } from "../../errors.ts";
import { confusionChart } from "../../inspect/confusion-chart.ts";
import { type ConfusionMatrix, classScores, confusionOver } from "../../inspect/scores.ts";
import type { Dataset } from "../../train/data/dataset.ts";
import { outputDims } from "../../train/finetune.ts";
import { print, printJson } from "../command.ts";
import { writeBytes } from "../files.ts";
import { readLabelsFile } from "../labels.ts";
import { table } from "../table.ts";
import { networkClasses } from "./class-names.ts";
import { type DataOptions, openWithData } from "./looked-at-data.ts";

export interface ConfusionOptions extends DataOptions {
  readonly output?: string;
}

/** What a classifier takes labelled samples for: scores of each class, and the matrix of those that occur. */
export async function showConfusion(model: string, options: ConfusionOptions): Promise<void> {
  const labels = options.labels === undefined ? undefined : await readLabelsFile(options.labels);
  const { network, data, classNames } = await openWithData(model, options);
  const count = outputDims(network)[0] ?? 1;
  if (labels !== undefined && labels.length < count)
    throw new UsageError(`${options.labels}: ${labels.length} labels, the network gives ${count} scores`);
  const known = classNames === undefined ? undefined : networkClasses(classNames, labels, count);
  const matrix = await confusionOver(network, known === undefined ? data : relabelled(data, known, count));
  const nameOf = (one: number): string =>
    labels?.[one] ?? classNames?.[known?.indexOf(one) ?? -1] ?? String(one);
  const occurring = matrix.counts.flatMap((row, i) =>
    row.some((n) => n > 0) || matrix.counts.some((other) => (other[i] as number) > 0) ? [i] : [],
  );
  const { accuracy, macro, classes } = classScores(matrix);
  const { output } = options;
  if (output !== undefined) {
    const title = `${basename(model)}: ${percent(accuracy)} of ${data.length} right`;
    const shown = { title, names: occurring.map(nameOf) };
    await writeBytes(output, confusionChart(among(matrix, occurring), shown));
  }
  const files = output === undefined ? [] : [output];
  const found = occurring.map((one) => ({ class: one, name: nameOf(one), ...classes[one] }));
  if (options.json) {
    const confusions = confusionsIn(matrix);
    const whole = { samples: data.length, accuracy, macro };
    printJson({ model, what: "confusion", data: data.name, ...whole, classes: found, confusions, files });
    return;
  }
  print(`${model}: ${percent(accuracy)} of ${data.length} samples of ${data.name} right\n`);
  const numbers = ["class", "precision", "recall", "F1", "samples"];
  const columns = [{ title: "" }, ...numbers.map((title) => ({ title, align: "right" as const }))];
  const rows = classes.flatMap(({ precision, recall, f1, support }, i) =>
    occurring.includes(i) ? [[nameOf(i), i, percent(precision), percent(recall), percent(f1), support]] : [],
  );
  const mean = [
    "mean of the classes",
    "",
    percent(macro.precision),
    percent(macro.recall),
    percent(macro.f1),
    "",
  ];
  print(table(columns, [...rows, mean]));
  for (const file of files) print(`\nwrote ${file}`);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The data with the network's classes for its own. */
function relabelled(data: Dataset, known: readonly number[], classes: number): Dataset {
  const relabel = (into: Parameters<Dataset["read"]>[1], slot: number): void => {
    into.y[slot] = known[into.y[slot] as number] as number;
  };
  return {
    ...data,
    classes,
    read(index, into, slot, epoch) {
      const reading = data.read(index, into, slot, epoch);
      if (reading === undefined) return relabel(into, slot);
      return reading.then(() => relabel(into, slot));
    },
  };
}

/** The rows and columns of some classes. */
const among = ({ counts }: ConfusionMatrix, classes: readonly number[]): ConfusionMatrix => ({
  classes: classes.length,
  counts: classes.map((label) => classes.map((prediction) => counts[label]?.[prediction] as number)),
});

/** What is not 0 in the matrix, by label and prediction. */
const confusionsIn = ({ counts }: ConfusionMatrix) =>
  counts.flatMap((row, label) =>
    row.flatMap((count, prediction) => (count === 0 ? [] : [{ label, prediction, count }])),
  );
