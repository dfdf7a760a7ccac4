import { Argument, type Command, Option } from "commander";
import { UsageError } from "../../errors.ts";
import { type PresetName, presets } from "../../vision/index.ts";
import { collect, newCommand, wholeNumber } from "../command.ts";
import { type ExplainOptions, explain, METHODS } from "./explain.ts";
import { type PictureOptions, showActivations, showFields, showFilters } from "./pictures.ts";
import { type SummaryOptions, showSummary } from "./summary.ts";

interface InspectOptions extends SummaryOptions, ExplainOptions, PictureOptions {
  readonly preset?: PresetName;
}

/** What can be looked at: each a function of the model's path and the options. */
const VIEWS = {
  filters: showFilters,
  activations: showActivations,
  "receptive-field": showFields,
  saliency: explain("saliency"),
  gradcam: explain("gradcam"),
  occlusion: explain("occlusion"),
} as const satisfies Readonly<Record<string, (model: string, options: InspectOptions) => Promise<void>>>;

export const inspectCommand = (): Command =>
  newCommand(
    "inspect",
    "Shows layers, shapes, parameters, multiply-accumulates, memory and every unsupported node; or, by a word, what the network sees.",
  )
    .argument("<model>", "path or URL of an ONNX file")
    .addArgument(new Argument("[what]", "what to look at").choices(Object.keys(VIEWS)))
    .option(
      "--dims <name=sizes>",
      "sizes of an input (x=1,3,224,224) or of a free dim (batch=4); repeatable",
      collect,
    )
    .option("--image <file>", "PNG or JPEG to look at it with")
    .addOption(
      new Option(
        "--preset <name>",
        "how the picture becomes numbers (default: by what the model gives)",
      ).choices(Object.keys(presets)),
    )
    .option("--labels <file>", "class names: one a line, or JSON")
    .option(
      "--target <class>",
      "the class to explain: its number, or its name among --labels (default: the best)",
    )
    .option("--layer <name>", "a layer, or the value that it gives")
    .addOption(new Option("--method <name>", "of saliency or gradcam").choices(METHODS))
    .option("--at <row,column>", "an element of the layer, for receptive-field (default: the middle one)")
    .option("--patch <pixels>", "side of occlusion's patch", wholeNumber(1))
    .option("--stride <pixels>", "from one patch to the next", wholeNumber(1))
    .option("--samples <count>", "of smoothgrad, or steps of integrated", wholeNumber(1))
    .addOption(
      new Option("--colors <name>", "of the picture").choices(["viridis", "cividis", "diverging", "gray"]),
    )
    .option("--zoom <factor>", "pixels for each weight or place", wholeNumber(1))
    .option("--output <file>", "a PNG for the picture")
    .action(async (model: string, what: keyof typeof VIEWS | undefined, options: InspectOptions) => {
      if (options.output !== undefined && !/\.png$/i.test(options.output))
        throw new UsageError(`--output ${options.output}: the picture is a .png`);
      await (what === undefined ? showSummary : VIEWS[what])(model, options);
    });
