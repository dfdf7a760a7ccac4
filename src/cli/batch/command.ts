import { type Command, Option } from "commander";
import { presets } from "../../vision/index.ts";
import { newCommand, notNegative, wholeNumber } from "../command.ts";
import type { BatchOptions } from "./batch.ts";

/** What does the work is loaded when it is needed. */
export const batchCommand = (): Command =>
  newCommand("batch", "Runs a classifier on many pictures on all cores; goes on where it was stopped.")
    .argument("<model>", "path or URL of an ONNX file")
    .requiredOption(
      "--images <what...>",
      'pictures: a pattern ("photos/**/*.jpg"), a folder, files, or one FILE.jsonl of {"image": path} lines',
    )
    .requiredOption("--out <file.jsonl>", "the results, a line of JSON a picture")
    .addOption(
      new Option(
        "--preset <name>",
        "how the pictures become numbers (default: by what the model gives)",
      ).choices(Object.keys(presets)),
    )
    .option("--labels <file>", "class names: one a line, or JSON")
    .option("--top <count>", "how many classes a line has", wholeNumber(1), 5)
    .option(
      "--workers <count>",
      "how many pictures are worked on at a time (default: one a core)",
      wholeNumber(1),
    )
    .option("--timeout <seconds>", "a picture that takes longer is given up", notNegative)
    .option("--retry-failed", "try again what failed in earlier runs")
    .action(async (model: string, options: BatchOptions) =>
      (await import("./batch.ts")).batch(model, options),
    );
