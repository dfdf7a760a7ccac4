import { type Command, Option } from "commander";
import { ResourceError, UsageError } from "../errors.ts";
import { decodeTensorFile } from "../onnx/decode-value.ts";
import { toNumbers } from "../ops/shared/elements.ts";
import { Tensor } from "../tensor.ts";
import { isTensor, type RuntimeValue } from "../value.ts";
import { type PresetName, presets } from "../vision/index.ts";
import {
  type CommonOptions,
  collect,
  formatMs,
  newCommand,
  print,
  printJson,
  wholeNumber,
} from "./command.ts";
import { readBytes } from "./files.ts";
import { readImageFile } from "./image-file.ts";
import { prepareImage } from "./image-task.ts";
import { readLabelsFile } from "./labels.ts";
import { readNpyFile } from "./npy.ts";
import { openSession } from "./open-model.ts";
import { randomFeeds } from "./random-tensor.ts";
import { resultValue } from "./result-value.ts";
import { runOnPictures } from "./run-pictures.ts";
import { table } from "./table.ts";
import { type TopEntry, topClasses } from "./top-classes.ts";
import { writeOutputs } from "./write-outputs.ts";

interface RunOptions extends CommonOptions {
  readonly image?: readonly string[];
  readonly preset?: PresetName;
  readonly labels?: string;
  readonly top: number;
  readonly input?: readonly string[];
  readonly random?: number;
  readonly dims?: readonly string[];
  readonly output?: string;
}

export const runCommand = (): Command =>
  newCommand("run", "Runs a model on a picture, on tensors from files, or on random numbers.")
    .argument("<model>", "path or URL of an ONNX file")
    .argument("[inputs...]", "further NAME=FILE after --input")
    .option("--image <file>", "PNG or JPEG for the model's picture input; repeatable", collect)
    .addOption(
      new Option(
        "--preset <name>",
        "how the picture becomes numbers (default: by what the model gives)",
      ).choices(Object.keys(presets)),
    )
    .option("--labels <file>", "class names: one a line, or JSON")
    .option("--top <count>", "how many classes to show", wholeNumber(1), 5)
    .option("--input <name=file>", "a tensor for an input: .npy, or .pb (TensorProto); repeatable", collect)
    .option("--random <seed>", "random numbers for all inputs not given", wholeNumber(0))
    .option(
      "--dims <name=sizes>",
      "sizes of an input (x=1,3,224,224) or of a free dim (batch=4) for --random; repeatable",
      collect,
    )
    .option("--output <path>", "a folder for the outputs as .npy (pictures also as .png), or one .png")
    .action(async (model: string, inputs: readonly string[], options: RunOptions) =>
      run(model, inputs, options),
    );

async function run(model: string, extra: readonly string[], options: RunOptions): Promise<void> {
  const files = inputFiles(options.input, extra);
  if (options.image === undefined && files.size === 0 && options.random === undefined) {
    throw new UsageError("nothing to run on: give --image FILE, --input NAME=FILE or --random SEED");
  }
  const [imagePath, ...furtherImages] = options.image ?? [];
  if (furtherImages.length > 0) {
    if (files.size > 0 || options.random !== undefined || options.output !== undefined)
      throw new UsageError("several --image go without --input, --random and --output");
    return runOnPictures(model, options.image ?? [], options);
  }
  const [image, labels] = await Promise.all([
    imagePath === undefined ? undefined : readImageFile(imagePath),
    options.labels === undefined ? undefined : readLabelsFile(options.labels),
  ]);
  const loadStart = performance.now();
  using session = await openSession(model);
  const loadMs = performance.now() - loadStart;
  const feeds: Record<string, Tensor> = {};
  const picture = image && prepareImage(session, image, options.preset);
  if (picture !== undefined) feeds[picture.input] = picture.tensor;
  for (const [name, path] of files) feeds[name] = await readTensorFile(path);
  if (options.random !== undefined) {
    const missing = session.inputMetadata.filter(({ name }) => feeds[name] === undefined);
    Object.assign(feeds, randomFeeds(missing, options.random, options.dims ?? []));
  }

  const start = performance.now();
  const results = await session.run(feeds);
  const ms = performance.now() - start;

  const values = session.outputNames.map((name) => ({
    name,
    value: resultValue(results[name]),
  }));
  const ranked = picture !== undefined || labels !== undefined;
  const top = ranked
    ? topClasses(
        values.map(({ value }) => value),
        options.top,
        labels,
      )
    : undefined;
  const written =
    options.output === undefined ? [] : await writeOutputs(options.output, values, picture?.preset ?? "unit");
  const outputs = values.map(({ name, value }) => ({ name, ...describe(value) }));
  if (options.json) {
    printJson({
      model,
      ms,
      load_ms: loadMs,
      simd: session.simd,
      ...(picture && { preset: picture.preset }),
      outputs,
      top: top ?? [],
      files: written,
    });
    return;
  }
  print(
    `${model}: ${formatMs(ms)} on one thread with ${session.simd} SIMD (and ${formatMs(loadMs)} to load it)`,
  );
  if (picture !== undefined) {
    const { tensor, preset, input } = picture;
    print(`${imagePath} as ${input} [${tensor.dims.join(", ")}], preset ${preset}`);
  }
  print("");
  if (top !== undefined) print(topTable(top));
  else print(outputTable(values));
  for (const path of written) print(`wrote ${path}`);
}

function inputFiles(given: readonly string[] | undefined, extra: readonly string[]): Map<string, string> {
  if (extra.length > 0 && given === undefined)
    throw new UsageError(`one model at a time: what is ${JSON.stringify(extra[0])}?`);
  const files = new Map<string, string>();
  for (const text of [...(given ?? []), ...extra]) {
    const at = text.indexOf("=");
    if (at < 1 || at === text.length - 1) throw new UsageError(`--input ${text}: expected NAME=FILE`);
    const name = text.slice(0, at);
    if (files.has(name)) throw new UsageError(`--input ${text}: ${JSON.stringify(name)} is given twice`);
    files.set(name, text.slice(at + 1));
  }
  return files;
}

async function readTensorFile(path: string): Promise<Tensor> {
  if (path.endsWith(".npy")) return readNpyFile(path);
  if (!path.endsWith(".pb")) throw new ResourceError(`${path}: expected a .npy or .pb file`);
  const { dtype, data, dims } = decodeTensorFile(await readBytes(path), path);
  return new Tensor(dtype, data, dims);
}

const describe = (value: RuntimeValue): { type: string; dims: readonly number[] | null } =>
  isTensor(value)
    ? { type: value.dtype, dims: value.dims }
    : { type: `${value.container}(${value.dtype})`, dims: null };

function topTable(top: readonly TopEntry[]): string {
  const named = top.some(({ label }) => label !== undefined);
  const columns = [
    { title: "", align: "right" },
    { title: "class", align: "right" },
    ...(named ? [{ title: "label" }] : []),
    { title: "score", align: "right" },
    { title: "probability", align: "right" },
  ] as const;
  const rows = top.map(({ index, label, score, probability }, at) => [
    at + 1,
    index,
    ...(named ? [label ?? ""] : []),
    formatNumber(score),
    `${(probability * 100).toFixed(1)} %`,
  ]);
  return table(columns, rows);
}

function outputTable(values: readonly { name: string; value: RuntimeValue }[]): string {
  const columns = [
    { title: "output" },
    { title: "type" },
    { title: "dims" },
    { title: "least", align: "right" },
    { title: "mean", align: "right" },
    { title: "greatest", align: "right" },
  ] as const;
  const rows = values.map(({ name, value }) => {
    const { type, dims } = describe(value);
    return [name, type, dims === null ? "" : `[${dims.join(", ")}]`, ...statistics(value)];
  });
  return table(columns, rows);
}

function statistics(value: RuntimeValue): string[] {
  if (!isTensor(value) || value.dtype === "string" || value.data.length === 0) return ["", "", ""];
  let [least, greatest, sum] = [Infinity, -Infinity, 0];
  for (const number of toNumbers(value)) {
    least = Math.min(number, least);
    greatest = Math.max(number, greatest);
    sum += number;
  }
  return [least, sum / value.data.length, greatest].map(formatNumber);
}

const formatNumber = (value: number): string => String(Number(value.toPrecision(5)));
