import { UsageError } from "../../errors.ts";
import type { ColorMapName } from "../../inspect/color-maps.ts";
import type { Explanation } from "../../inspect/explanation.ts";
import { type Heatmap, type HeatmapRange, overlay, peakOf, resizeHeatmap } from "../../inspect/heatmap.ts";
import { type Inspector, inspector } from "../../inspect/inspector.ts";
import type { Tensor } from "../../tensor.ts";
import { formatMs, print, printJson } from "../command.ts";
import { writePngFile } from "../image-file.ts";
import { readLabelsFile } from "../labels.ts";
import { classNamed } from "./class-names.ts";
import { type LookOptions, openWithPicture, valueNamed } from "./looked-at.ts";

export interface ExplainOptions extends LookOptions {
  readonly labels?: string;
  readonly target?: string;
  readonly scores?: string;
  readonly layer?: string;
  readonly method?: string;
  readonly patch?: number;
  readonly stride?: number;
  readonly samples?: number;
  readonly colors?: ColorMapName;
  readonly output?: string;
}

interface Asked extends ExplainOptions {
  readonly class: number | undefined;
}

type Answer = (inside: Inspector, picture: Tensor, asked: Asked) => Promise<Explanation>;

const classOf = (asked: Asked) => asked.class !== undefined && { target: asked.class };

/** What explains a class, by word and method; the first method is the default. */
const ANSWERS = {
  saliency: {
    gradient: (inside, x, asked) => inside.saliency(x, { ...classOf(asked) }),
    guided: (inside, x, asked) => inside.saliency(x, { ...classOf(asked), rules: "guidedBackprop" }),
    deconvnet: (inside, x, asked) => inside.saliency(x, { ...classOf(asked), rules: "deconvnet" }),
    smoothgrad: (inside, x, asked) =>
      inside.smoothGrad(x, { ...classOf(asked), ...(asked.samples && { samples: asked.samples }) }),
    integrated: async (inside, x, asked) =>
      inside.integratedGradients(x, { ...classOf(asked), ...(asked.samples && { steps: asked.samples }) }),
  },
  gradcam: {
    gradcam: (inside, x, asked) => inside.gradCam(x, { ...classOf(asked), ...layerOf(asked) }),
    "gradcam++": (inside, x, asked) =>
      inside.gradCam(x, { ...classOf(asked), ...layerOf(asked), method: "gradCamPlusPlus" }),
    cam: (inside, x, asked) => {
      if (asked.layer !== undefined) throw new UsageError("--method cam takes the last maps, no --layer");
      return inside.cam(x, { ...classOf(asked) });
    },
  },
  occlusion: {
    occlusion: (inside, x, { patch, stride, ...asked }) =>
      inside.occlusion(x, {
        ...classOf(asked),
        ...(patch !== undefined && { size: patch }),
        ...(stride !== undefined && { stride }),
      }),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Answer>>>>;

const layerOf = ({ layer }: Asked) => layer !== undefined && { layer };

/** A command that says, and shows, what speaks for a class in a picture. */
export const explain =
  (what: keyof typeof ANSWERS) =>
  async (model: string, options: ExplainOptions): Promise<void> => {
    const methods: Readonly<Record<string, Answer>> = ANSWERS[what];
    const { method = Object.keys(methods)[0] as string } = options;
    const answer = methods[method];
    if (answer === undefined)
      throw new UsageError(`${what} has no --method ${method}; it has ${Object.keys(methods).join(", ")}`);
    const labels = options.labels === undefined ? undefined : await readLabelsFile(options.labels);
    const { network, picture, seen } = await openWithPicture(model, options);
    const start = performance.now();
    const scores =
      options.scores === undefined ? {} : { scores: valueNamed(network.graph, options.scores, "--scores") };
    const inside = await inspector(network, scores);
    const layer = options.layer === undefined ? undefined : valueNamed(network.graph, options.layer);
    const asked = {
      ...options,
      ...(layer !== undefined && { layer }),
      class: options.target === undefined ? undefined : classNamed("--target", options.target, labels),
    };
    const { map, target, score } = await answer(inside, picture.tensor, asked);
    await inside.release();
    const ms = performance.now() - start;
    const [width, height] = [seen.width, seen.height];
    const peak = peakOf(resizeHeatmap(map, width, height));
    const { colors, output } = options;
    if (output !== undefined)
      await writePngFile(
        output,
        overlay(seen, map, { ...(colors !== undefined && { colors }), ...brightEnd(what, map) }),
      );
    const label = labels?.[target];
    const files = output === undefined ? [] : [output];
    if (options.json) {
      const shared = { model, what, method, image: options.image, preset: picture.preset, ms };
      const found = { target, ...(label !== undefined && { label }), score, peak, width, height };
      printJson({ ...shared, ...found, map: { width: map.width, height: map.height }, files });
      return;
    }
    const name = label === undefined ? `class ${target}` : `class ${target}, ${label}`;
    print(`${model}: ${method} in ${formatMs(ms)}, preset ${picture.preset}`);
    print(`${name}: score ${Number(score.toPrecision(5))}`);
    print(
      `most at column ${peak.x}, row ${peak.y} of ${width}×${height} (a map of ${map.width}×${map.height})`,
    );
    for (const file of files) print(`wrote ${file}`);
  };

/** Gradients have a few pixels that outshine all others: the colours end where one in a hundred is beyond them. */
function brightEnd(what: keyof typeof ANSWERS, { data }: Heatmap): HeatmapRange {
  const to = data.slice().sort()[Math.floor(data.length * 0.99)] ?? 0;
  return what === "saliency" && to > 0 ? { from: 0, to } : {};
}
