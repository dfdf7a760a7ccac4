import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../../errors.ts";
import { presets } from "../../vision/presets.ts";
import { collect, newCommand, notNegative, wholeNumber } from "../command.ts";
import type { ConfusionOptions } from "./confusion.ts";
import type { EmbedOptions } from "./embed.ts";
import type { ExplainOptions } from "./explain.ts";
import type { HistogramOptions } from "./histograms.ts";
import type { MaximiseOptions } from "./maximise.ts";
import type { PictureOptions } from "./pictures.ts";
import type { SummaryOptions } from "./summary.ts";

interface InspectOptions
  extends SummaryOptions,
    ExplainOptions,
    PictureOptions,
    MaximiseOptions,
    HistogramOptions,
    EmbedOptions,
    ConfusionOptions {}

type View = (model: string, options: InspectOptions) => Promise<void>;

/** Something to look at: what shows it, loaded when it is needed, and whether its picture is of pixels or a drawing. */
interface Word {
  readonly view: () => Promise<View>;
  readonly picture: "png" | "svg";
}

const explained = (what: "saliency" | "gradcam" | "occlusion"): Word => ({
  view: async () => (await import("./explain.ts")).explain(what),
  picture: "png",
});

const WORDS: Readonly<Record<string, Word>> = {
  filters: { view: async () => (await import("./pictures.ts")).showFilters, picture: "png" },
  activations: { view: async () => (await import("./pictures.ts")).showActivations, picture: "png" },
  histograms: { view: async () => (await import("./histograms.ts")).showHistograms, picture: "svg" },
  "receptive-field": { view: async () => (await import("./pictures.ts")).showFields, picture: "png" },
  saliency: explained("saliency"),
  gradcam: explained("gradcam"),
  occlusion: explained("occlusion"),
  maximise: { view: async () => (await import("./maximise.ts")).showMaximised, picture: "png" },
  embed: { view: async () => (await import("./embed.ts")).showEmbedding, picture: "svg" },
  confusion: { view: async () => (await import("./confusion.ts")).showConfusion, picture: "svg" },
};

export const inspectCommand = (): Command =>
  newCommand(
    "inspect",
    "Shows layers, shapes, parameters, multiply-accumulates, memory and every unsupported node; or, by a word, what the network sees.",
  )
    .argument("<model>", "path or URL of an ONNX file")
    .addArgument(new Argument("[what]", "what to look at").choices(Object.keys(WORDS)))
    .option(
      "--dims <name=sizes>",
      "sizes of an input (x=1,3,224,224) or of a free dim (batch=4); repeatable",
      collect,
    )
    .option("--image <file>", "PNG or JPEG to look at it with, or to begin with")
    .option(
      "--data <what>",
      "for histograms, embed and confusion: a folder with a folder of pictures for each class, MNIST's folder, a list (.jsonl of image and label), or digits",
    )
    .option("--limit <count>", "the most samples of the data, drawn by chance", wholeNumber(1))
    .addOption(
      new Option(
        "--preset <name>",
        "how the picture becomes numbers (default: by what the model gives)",
      ).choices(Object.keys(presets)),
    )
    .option("--labels <file>", "class names: one a line, or JSON")
    .option(
      "--target <class>",
      "the class to explain, or to excite: its number, or its name among --labels (default: the best)",
    )
    .option(
      "--scores <name>",
      "the value that has the classes' scores, of a network of several outputs (default: the first)",
    )
    .option("--layer <name>", "a layer, or the value that it gives")
    .option("--channel <list>", "channels of the layer to excite: 7, 0-15, or 1,4,9", channelList)
    .option(
      "--method <name>",
      "of saliency: gradient, guided, deconvnet, smoothgrad, integrated; of gradcam: gradcam, gradcam++, cam; of embed: tsne, umap",
    )
    .option("--at <row,column>", "an element of the layer, for receptive-field (default: the middle one)")
    .option("--effective", "of receptive-field: how much each pixel counts, by gradients")
    .option("--patch <pixels>", "side of occlusion's patch", wholeNumber(1))
    .option("--stride <pixels>", "from one patch to the next", wholeNumber(1))
    .option("--samples <count>", "of smoothgrad and --effective, or steps of integrated", wholeNumber(1))
    .option("--steps <count>", "of maximise and embed", wholeNumber(1))
    .option("--step-size <amount>", "how far maximise goes at each step", notNegative)
    .option("--jitter <pixels>", "how far maximise shifts the picture for each step", wholeNumber(0))
    .option("--blur <pixels>", "deviation of maximise's blur; 0 for none", notNegative)
    .option("--blur-every <steps>", "from one blur to the next", wholeNumber(1))
    .option("--decay <share>", "of the picture that maximise takes off at each step", notNegative)
    .option(
      "--neighbors <count>",
      "that embed minds: t-SNE's perplexity, or UMAP's neighbours",
      wholeNumber(1),
    )
    .option("--bins <count>", "of a histogram", wholeNumber(1))
    .option("--seed <number>", "of what is drawn by chance", wholeNumber(0))
    .addOption(
      new Option("--colors <name>", "of the picture").choices(["viridis", "cividis", "diverging", "gray"]),
    )
    .option("--zoom <factor>", "pixels for each weight or place", wholeNumber(1))
    .option("--output <file>", "the picture: an SVG of histograms, embed and confusion, a PNG of all others")
    .action(async (model: string, what: string | undefined, options: InspectOptions) => {
      const word = what === undefined ? undefined : WORDS[what];
      checkOutput(what, word, options.output);
      const view = await (word?.view ?? (async () => (await import("./summary.ts")).showSummary))();
      await view(model, options);
    });

/** The extension must be that of what is made. */
function checkOutput(what: string | undefined, word: Word | undefined, output: string | undefined): void {
  if (output === undefined) return;
  if (word === undefined) throw new UsageError("--output: a picture is of a word after the model");
  if (!output.toLowerCase().endsWith(`.${word.picture}`))
    throw new UsageError(`--output ${output}: the picture of ${what} is a .${word.picture}`);
}

/** Whole numbers and ranges of them, with commas between. */
function channelList(text: string): number[] {
  const channels = text.split(",").flatMap((part) => {
    const [, first, last = first] = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    const count = first === undefined || to < from || to - from >= MOST_CHANNELS ? 0 : to - from + 1;
    return count === 0 ? [Number.NaN] : Array.from({ length: count }, (_, i) => from + i);
  });
  if (channels.some(Number.isNaN) || channels.length > MOST_CHANNELS)
    throw new InvalidArgumentError(`Expected at most ${MOST_CHANNELS} channels: 7, 0-15, or 1,4,9.`);
  return channels;
}

const MOST_CHANNELS = 256;
