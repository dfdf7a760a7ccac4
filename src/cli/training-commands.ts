import { type Command, InvalidArgumentError, Option } from "commander";
import { presets } from "../vision/presets.ts";
import { newCommand, wholeNumber } from "./command.ts";
import type { FinetuneOptions } from "./finetune.ts";
import type { TrainOptions } from "./train.ts";
import { addTrainingOptions, parseAugment } from "./training-flags.ts";

const presetOption = (fallback: string): Option =>
  new Option("--preset <name>", `how pictures of folders become numbers (default: ${fallback})`).choices(
    Object.keys(presets),
  );

/** The modules that train are loaded when they are needed. */
export const trainCommand = (): Command =>
  addTrainingOptions(
    newCommand(
      "train",
      "Trains a network on MNIST, on folders of pictures, or on digits made by a program.",
    ).argument("<network>", "lenet5, lenet5-1998, resnet20, or an ONNX file"),
  )
    .addOption(presetOption("unit"))
    .option(
      "--augment <list>",
      "distortions: shift=2,rotate=15,scale=0.15,shear=0.2,elastic=34:4,flip",
      parseAugment,
    )
    .action(async (network: string, options: TrainOptions) =>
      (await import("./train.ts")).train(network, options),
    );

export const finetuneCommand = (): Command =>
  addTrainingOptions(
    newCommand("finetune", "Trains a new head on an ONNX model that is frozen up to a value.").argument(
      "<model>",
      "path or URL of an ONNX file",
    ),
  )
    .requiredOption(
      "--cut <value>",
      "the value that the new head reads; what it needs is frozen, but for --train-from",
    )
    .option(
      "--train-from <value>",
      "layers behind this value train as well; the input's name: all (default: the cut)",
    )
    .option(
      "--input-size <pixels>",
      "height and width of pictures, where not the model's own",
      wholeNumber(1),
    )
    .option("--hidden <units>", "dense layers between features and classes: 128 or 256,64", unitCounts)
    .addOption(presetOption("imagenet for colour, unit for grey"))
    .option("--memory <megabytes>", "the most that cached features of one set may take", wholeNumber(1), 2048)
    .action(async (model: string, options: FinetuneOptions) =>
      (await import("./finetune.ts")).finetune(model, options),
    );

function unitCounts(text: string): number[] {
  const counts = text.split(",").map(Number);
  if (counts.some((count) => !Number.isSafeInteger(count) || count < 1))
    throw new InvalidArgumentError("Expected whole numbers of at least 1, with commas between.");
  return counts;
}
