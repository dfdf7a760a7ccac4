import { UsageError } from "../../errors.ts";
import { scoresOf } from "../../inspect/class-values.ts";
import { type Maximised, maximiseEach } from "../../inspect/maximise.ts";
import { tile } from "../../inspect/sheet.ts";
import { sampleDims } from "../../train/forward.ts";
import { type Preset, type PresetName, presets, type RgbaImage } from "../../vision/index.ts";
import { formatMs, print, printJson } from "../command.ts";
import { readImageFile, writePngFile } from "../image-file.ts";
import { outputImage, pictureTask, prepareImage } from "../image-task.ts";
import { readLabelsFile } from "../labels.ts";
import { openModel } from "../open-model.ts";
import { progressLine } from "../progress.ts";
import { networkOfImport } from "../training-networks.ts";
import { classNamed } from "./class-names.ts";
import { type LookOptions, takerOf, valueNamed } from "./looked-at.ts";

export interface MaximiseOptions extends LookOptions {
  readonly labels?: string;
  readonly target?: string;
  readonly layer?: string;
  readonly channel?: readonly number[];
  readonly steps?: number;
  readonly stepSize?: number;
  readonly jitter?: number;
  readonly blur?: number;
  readonly blurEvery?: number;
  readonly decay?: number;
  readonly seed?: number;
  readonly zoom?: number;
  readonly output?: string;
}

/** What makes pictures of numbers: without these, they are noise that excites as much. */
const REGULARISED = { steps: 100, jitter: 4, blur: 0.6, decay: 0.005 };
/** Small pictures are enlarged to about as many pixels. */
const SHOWN_PIXELS = 224;

/** Pictures that excite a class, or channels of a layer, from noise or from a picture. */
export async function showMaximised(model: string, options: MaximiseOptions): Promise<void> {
  const labels = options.labels === undefined ? undefined : await readLabelsFile(options.labels);
  const { imported } = await openModel(model);
  const network = networkOfImport(imported);
  const { layer, output, image } = options;
  const value = layer === undefined ? scoresOf(network.graph) : valueNamed(network.graph, layer);
  const goals = channelsOf(options, labels).map((channel) => ({ channel }));
  const { preset } = pictureTask(takerOf(imported), options.preset);
  const start = performance.now();
  const from =
    image === undefined
      ? undefined
      : prepareImage(takerOf(imported), await readImageFile(image), preset).tensor;
  const settings = { ...REGULARISED, ...given(options) };
  const line = progressLine();
  const found = await maximiseEach(network, goals, {
    ...settings,
    of: value,
    inputDims: sampleDims(network),
    ...(from !== undefined && { from }),
    range: rangeOf(preset),
    onStep: ({ step, steps, goal }) =>
      line.update(`channel ${goal.channel}  step ${step}/${steps}`, step / steps),
  });
  line.done();
  const ms = performance.now() - start;
  if (output !== undefined) await writePngFile(output, sheetOf(found, preset, model, options.zoom));
  const files = output === undefined ? [] : [output];
  const reached = found.map(({ score, scores: [before] }, i) => {
    const channel = goals[i]?.channel as number;
    const label = layer === undefined ? labels?.[channel] : undefined;
    return { channel, ...(label !== undefined && { label }), before, score };
  });
  if (options.json) {
    printJson({ model, what: "maximise", value, preset, ...settings, ms, goals: reached, files });
    return;
  }
  print(`${model}: ${value} in ${formatMs(ms)}, ${settings.steps} steps, preset ${preset}`);
  for (const { channel, label, before, score } of reached) {
    const what = `${layer === undefined ? "class" : "channel"} ${channel}${label === undefined ? "" : `, ${label}`}`;
    print(`${what}: from ${short(before as number)} to ${short(score)}`);
  }
  for (const file of files) print(`wrote ${file}`);
}

const short = (value: number): number => Number(value.toPrecision(4));

/** The classes or channels asked for. */
function channelsOf(
  { layer, channel, target }: MaximiseOptions,
  labels: readonly string[] | undefined,
): readonly number[] {
  if (layer !== undefined && target !== undefined)
    throw new UsageError("--target is a class: of a --layer name a --channel");
  if (target !== undefined) return [classNamed("--target", target, labels)];
  if (channel === undefined)
    throw new UsageError("nothing to excite: give --target CLASS, or --layer NAME and --channel NUMBERS");
  return channel;
}

const STEPPING = ["steps", "stepSize", "jitter", "blur", "blurEvery", "decay", "seed"] as const;

/** Of the options, those that are there. */
const given = (options: MaximiseOptions): Partial<Pick<MaximiseOptions, (typeof STEPPING)[number]>> =>
  Object.fromEntries(STEPPING.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])));

/** The least and the greatest number that a picture's bytes become. */
function rangeOf(preset: PresetName): readonly [number, number] {
  const { scale = 1 / 255, mean = 0, std = 1 }: Preset = presets[preset];
  const each = (of: number | readonly number[]): readonly number[] =>
    typeof of === "number" ? [of, of, of] : of;
  const ends = each(mean).flatMap((middle, channel) =>
    [0, 255].map((byte) => (byte * scale - middle) / (each(std)[channel] as number)),
  );
  return [Math.min(...ends), Math.max(...ends)];
}

function sheetOf(
  found: readonly Maximised[],
  preset: PresetName,
  model: string,
  zoom: number | undefined,
): RgbaImage {
  const pictures = found.map(({ picture }) => {
    const image = outputImage(picture, preset);
    if (image === undefined) throw new UsageError(`${model} takes no picture, but [${picture.dims}]`);
    return image;
  });
  const { width, height } = pictures[0] as RgbaImage;
  const each =
    zoom ?? Math.max(1, Math.round(SHOWN_PIXELS / Math.max(width, height) / Math.sqrt(found.length)));
  return tile(pictures, { zoom: each, gap: found.length > 1 ? 2 : 0 });
}
