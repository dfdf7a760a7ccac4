import { UsageError } from "../errors.ts";
import type { PresetName } from "../vision/index.ts";
import { formatMs, print, printJson } from "./command.ts";
import { readImageFile } from "./image-file.ts";
import { prepareImage } from "./image-task.ts";
import { readLabelsFile } from "./labels.ts";
import { openSession } from "./open-model.ts";
import { resultValue } from "./result-value.ts";
import { table } from "./table.ts";
import { type TopEntry, topClasses } from "./top-classes.ts";

interface PicturesOptions {
  readonly preset?: PresetName;
  readonly labels?: string;
  readonly top: number;
  readonly json?: boolean;
}

/** Runs a classifier on one picture after another and prints a line for each: the best classes and the time. */
export async function runOnPictures(
  model: string,
  paths: readonly string[],
  options: PicturesOptions,
): Promise<void> {
  const [images, labels] = await Promise.all([
    Promise.all(paths.map(readImageFile)),
    options.labels === undefined ? undefined : readLabelsFile(options.labels),
  ]);
  const loadStart = performance.now();
  using session = await openSession(model);
  const loadMs = performance.now() - loadStart;
  const pictures: { image: string; ms: number; preset: PresetName; top: readonly TopEntry[] }[] = [];
  for (const [i, image] of images.entries()) {
    const { input, tensor, preset } = prepareImage(session, image, options.preset);
    const start = performance.now();
    const results = await session.run({ [input]: tensor });
    const ms = performance.now() - start;
    const values = session.outputNames.map((name) => resultValue(results[name]));
    const top = topClasses(values, options.top, labels);
    if (top === undefined)
      throw new UsageError(`${model} gives no class scores: run it on one --image at a time`);
    pictures.push({ image: paths[i] as string, ms, preset, top });
  }
  if (options.json) {
    printJson({ model, load_ms: loadMs, simd: session.simd, pictures });
    return;
  }
  print(`${model}: on one thread with ${session.simd} SIMD (${formatMs(loadMs)} to load it)\n`);
  const places = Array.from({ length: pictures[0]?.top.length ?? 0 }, (_, i) => ({ title: `${i + 1}` }));
  const rows = pictures.map(({ image, ms, top }) => [image, formatMs(ms), ...top.map(shown)]);
  print(table([{ title: "picture" }, { title: "time", align: "right" }, ...places], rows));
}

const shown = ({ index, label, probability }: TopEntry): string =>
  `${label ?? index} (${(probability * 100).toFixed(1)} %)`;
