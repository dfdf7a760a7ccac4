import { type Command, InvalidArgumentError, Option } from "commander";
import type { AugmentOptions } from "../train/data/augment.ts";
import { type CommonOptions, notNegative, wholeNumber } from "./command.ts";

const OPTIMIZERS = ["sgd", "adam", "adamw", "rmsprop"] as const;
const SCHEDULES = ["constant", "cosine", "one-cycle", "step"] as const;

/** What `train` and `finetune` share. */
export interface TrainingCommandOptions extends CommonOptions {
  readonly data: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: (typeof OPTIMIZERS)[number];
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
  readonly schedule: (typeof SCHEDULES)[number];
  readonly warmUp?: number;
  readonly labelSmoothing: number;
  readonly clipNorm?: number;
  readonly rates?: Readonly<Record<string, number>>;
  readonly sam?: number;
  readonly validation?: number;
  readonly limit?: number;
  readonly seed: number;
  readonly threads: number;
  readonly out?: string;
  readonly checkpoint?: string;
  readonly resume?: string;
  readonly curves?: string;
  readonly log?: string;
}

export function addTrainingOptions(command: Command): Command {
  return command
    .requiredOption(
      "--data <where>",
      "a folder (MNIST's IDX files, or a folder of pictures a class), or digits",
    )
    .option("--epochs <count>", "passes over the training set", wholeNumber(1), 10)
    .option("--batch-size <count>", "samples an update", wholeNumber(1), 64)
    .addOption(new Option("--optimizer <name>", "how weights change").choices(OPTIMIZERS).default("sgd"))
    .option("--learning-rate <rate>", "default: 0.05 for sgd (finetune: 0.01), else 0.001", notNegative)
    .option("--momentum <share>", "for sgd (default: 0.9) and rmsprop (default: 0)", share)
    .option("--weight-decay <factor>", "default: 0, for adamw 0.01", notNegative)
    .addOption(
      new Option("--schedule <name>", "how the learning rate goes on").choices(SCHEDULES).default("constant"),
    )
    .option("--warm-up <steps>", "updates in which the learning rate rises from 0", wholeNumber(0))
    .option("--label-smoothing <share>", "what goes from the right class to all", share, 0)
    .option("--clip-norm <norm>", "the most that the gradients' norm may be", notNegative)
    .option("--rates <list>", "factors of the learning rate by weights: head.*=1,*=0.1", parseRates)
    .option("--sam <radius>", "sharpness-aware: gradients at weights that far uphill, 0.05", notNegative)
    .option(
      "--validation <share>",
      "split off the training set; the best epoch by its accuracy is kept",
      share,
    )
    .option("--limit <samples>", "of the training set", wholeNumber(1))
    .option("--seed <number>", "of weights, order, augmentation and split", wholeNumber(0), 0)
    .option("--threads <count>", "how many threads share each kernel call", wholeNumber(1), 1)
    .option("--out <file>", "the trained model, as ONNX")
    .option("--checkpoint <file>", "written after every epoch and when stopped by Ctrl-C")
    .option("--resume <file>", "a checkpoint to go on from")
    .option("--curves <file>", "loss and accuracy over the epochs, as SVG")
    .option("--log <file>", "a line of JSON an epoch");
}

function share(text: string): number {
  const value = notNegative(text);
  if (value >= 1) throw new InvalidArgumentError("Expected a number of at least 0 and below 1.");
  return value;
}

/** Parses `head.*=1,*=0.1`. */
export function parseRates(text: string): Record<string, number> {
  const rates: Record<string, number> = {};
  for (const part of text.split(",")) {
    const at = part.lastIndexOf("=");
    const pattern = part.slice(0, Math.max(at, 0)).trim();
    if (pattern === "" || pattern in rates)
      throw new InvalidArgumentError(
        `${JSON.stringify(part)}: expected NAME=FACTOR, with commas between; * in a name stands for any letters.`,
      );
    rates[pattern] = notNegative(part.slice(at + 1));
  }
  return rates;
}

const NUMBERS = ["shift", "rotate", "scale", "shear"] as const;

/** Parses `shift=2,rotate=15,scale=0.15,shear=0.2,elastic=34:4,flip`; elastic is alpha:sigma. */
export function parseAugment(text: string): AugmentOptions {
  const fail = (part: string): never => {
    throw new InvalidArgumentError(
      `${JSON.stringify(part)}: expected shift=PIXELS, rotate=DEGREES, scale=SHARE, shear=FACTOR, elastic=ALPHA:SIGMA or flip, with commas between.`,
    );
  };
  const options: Record<string, number | boolean | { alpha: number; sigma: number }> = {};
  for (const part of text.split(",")) {
    const [name = "", value, ...others] = part.trim().split("=");
    const numbers = (value ?? "")
      .split(":")
      .map((number) => (number.trim() === "" ? Number.NaN : Number(number)));
    const known = numbers.every((number) => Number.isFinite(number) && number >= 0);
    if (name === "flip" && value === undefined) options.flip = true;
    else if (others.length > 0 || !known || name in options) fail(part);
    else if (name === "elastic" && numbers.length === 2)
      options.elastic = { alpha: numbers[0] as number, sigma: numbers[1] as number };
    else if (NUMBERS.some((number) => number === name) && numbers.length === 1)
      options[name] = numbers[0] as number;
    else fail(part);
  }
  return options as AugmentOptions;
}
