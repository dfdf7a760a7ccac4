import { createWriteStream } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, Option } from "commander";
import type { ModelOptions, Published, ZooModel } from "../../models/options.ts";
import { zoo } from "../../models/zoo.ts";
import { ResourceError, UsageError } from "../errors.ts";
import { type MemoryNeed, networkMemory, summarizeNetwork } from "../inspect/index.ts";
import type { Network } from "../nn/network.ts";
import { exportNetwork, exportNetworkParts } from "../train/model-network.ts";
import {
  type CommonOptions,
  grouped,
  newCommand,
  notNegative,
  print,
  printJson,
  wholeNumber,
} from "./command.ts";
import { checkFolderOf, reasonOf, writeBytes } from "./files.ts";
import { table } from "./table.ts";

interface ModelsOptions extends CommonOptions, Omit<ModelOptions, "weights"> {
  readonly family?: string;
  readonly batch: number;
  readonly export?: string;
  readonly externalData?: boolean;
}

/** What is said of a network. */
interface Counted {
  readonly name: string;
  readonly family: string;
  readonly input: readonly (number | string)[];
  readonly parameters: number;
  readonly macs: number | undefined;
  readonly memory: MemoryNeed;
  readonly paper: string;
  readonly published: readonly Published[];
}

export const modelsCommand = (): Command =>
  newCommand(
    "models",
    "Lists the networks of the zoo with parameters, multiply-accumulates, arena and weights; writes one as an ONNX file.",
  )
    .argument("[names...]", "networks, such as resnet50 (default: all)")
    .option("--family <name>", "those of one family")
    .option("--classes <count>", "outputs of the classifier (default: as published)", wholeNumber(1))
    .option("--size <pixels>", "side of the picture (default: as published)", wholeNumber(1))
    .option("--width <share>", "share of the channels of every layer", notNegative)
    .option("--seed <number>", "weights follow from it", wholeNumber(0))
    .addOption(
      new Option("--batch <count>", "pictures at once, for MACs and arena")
        .default(1)
        .argParser(wholeNumber(1)),
    )
    .option("--export <file>", "write the one network as ONNX, with seeded weights")
    .option("--external-data", "weights in a file beside the model's, as those of 1.4 GB and more anyway")
    .action(async (names: readonly string[], options: ModelsOptions) => {
      const chosen = select(names, options.family);
      if (options.export === undefined) list(chosen, options, names.length > 0);
      else await write(chosen, options.export, options);
    });

/** The networks by these names, all of them where there are none, in the zoo's order. */
function select(names: readonly string[], family: string | undefined): readonly ZooModel[] {
  const known = zoo.map(({ name }) => name);
  for (const name of names)
    if (!known.includes(name))
      throw new UsageError(`there is no network ${JSON.stringify(name)}; there are ${known.join(", ")}`);
  const families = [...new Set(zoo.map((model) => model.family))];
  if (family !== undefined && !families.includes(family))
    throw new UsageError(`there is no family ${JSON.stringify(family)}; there are ${families.join(", ")}`);
  return zoo.filter(
    (model) =>
      (names.length === 0 || names.includes(model.name)) && (family === undefined || model.family === family),
  );
}

const optionsOf = ({ classes, size, width, seed }: ModelsOptions): ModelOptions => ({
  ...(classes !== undefined && { classes }),
  ...(size !== undefined && { size }),
  ...(width !== undefined && { width }),
  ...(seed !== undefined && { seed }),
});

function count({ name, family, paper, published, build }: ZooModel, options: ModelsOptions): Counted {
  const network = build({ ...optionsOf(options), weights: "counted" });
  const { trainable, macs } = summarizeNetwork(network, options.batch);
  const [x] = network.graph.inputs as [string];
  const input = network.graph.facts.get(x)?.dims?.slice(1) ?? [];
  const memory = networkMemory(network, options.batch);
  return { name, family, input, parameters: trainable, macs, memory, paper, published };
}

const COLUMNS = [
  { title: "network" },
  { title: "input" },
  { title: "parameters", align: "right" },
  { title: "MACs", align: "right" },
  { title: "arena", align: "right" },
  { title: "weights", align: "right" },
] as const;

function list(models: readonly ZooModel[], options: ModelsOptions, inFull: boolean): void {
  const counted = models.map((model) => count(model, options));
  if (options.json) {
    printJson(counted);
    return;
  }
  const rows = counted.map(({ name, input, parameters, macs, memory }) => [
    name,
    input.join("×"),
    grouped(parameters),
    macs === undefined ? "?" : inUnits(macs),
    `${inUnits(memory.arenaBytes)}B`,
    `${inUnits(memory.weightBytes)}B`,
  ]);
  print(table(COLUMNS, rows));
  const said = counted.flatMap(({ name, paper, published }) => {
    const shown = inFull ? published : published.filter(({ precision }) => precision === "otherwise");
    const lines = shown.map(
      ({ parameters, source, precision }) =>
        `  ${grouped(parameters)} by ${source}${precision === "otherwise" ? " (another count)" : ""}`,
    );
    return lines.length === 0 ? [] : [`${name}${inFull ? `: ${paper}` : ""}`, ...lines];
  });
  if (said.length > 0) print(`\n${inFull ? "published" : "counted otherwise elsewhere"}\n${said.join("\n")}`);
}

/** Three digits and a power of a thousand: 4.09 G. */
function inUnits(value: number): string {
  const power = value < 1 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${["", "k", "M", "G", "T"][power]}`;
}

/** From here on weights lie beside the model: two thirds of what protobuf allows. */
const ONE_FILE_BYTES = 1.4e9;

/** Writes a network as ONNX; where it is large, its weights go into a file beside it. */
async function write(models: readonly ZooModel[], path: string, options: ModelsOptions): Promise<void> {
  const [model, ...others] = models;
  if (model === undefined || others.length > 0)
    throw new UsageError(`--export writes one network, not ${models.length}: name it`);
  if (!path.endsWith(".onnx")) throw new UsageError(`--export ${path}: an ONNX file ends in .onnx`);
  await checkFolderOf(path);
  const network = model.build(optionsOf(options));
  const { parameters } = summarizeNetwork(network);
  const isBeside = options.externalData === true || 4 * parameters > ONE_FILE_BYTES;
  const files = await writeNetwork(network, path, isBeside);
  if (options.json) printJson({ network: model.name, parameters, files });
  else print(`${files.join(" and ")}: ${model.name}, ${grouped(parameters)} parameters and statistics`);
}

/** Gives the files written. */
async function writeNetwork(network: Network, path: string, isBeside: boolean): Promise<string[]> {
  if (!isBeside) {
    await writeBytes(path, exportNetwork(network));
    return [path];
  }
  const beside = `${path}.data`;
  const { model, data } = exportNetworkParts(network, basename(beside));
  try {
    await pipeline(Readable.from(data), createWriteStream(beside));
  } catch (cause) {
    throw new ResourceError(`${beside}: cannot write: ${reasonOf(cause)}`, { cause });
  }
  await writeBytes(path, model);
  return [path, beside];
}
