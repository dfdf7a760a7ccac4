import { lastMapsBefore, scoresOf, sizedGraph } from "../../inspect/class-values.ts";
import type { ColorMapName } from "../../inspect/color-maps.ts";
import { effectiveField } from "../../inspect/effective-field.ts";
import { effectiveFieldPicture } from "../../inspect/field-picture.ts";
import type { PixelBox } from "../../inspect/pixel-box.ts";
import { sampleDims } from "../../train/forward.ts";
import { print, printJson } from "../command.ts";
import { writePngFile } from "../image-file.ts";
import { openModel } from "../open-model.ts";
import { networkOfImport } from "../training-networks.ts";
import { type LookOptions, openWithPicture, valueNamed } from "./looked-at.ts";

export interface EffectiveFieldOptions extends LookOptions {
  readonly layer?: string;
  readonly samples?: number;
  readonly seed?: number;
  readonly colors?: ColorMapName;
  readonly zoom?: number;
  readonly output?: string;
}

/** How much the middle of a layer's maps, by default the last ones, depends on each pixel: of random pictures, or of one. */
export async function showEffectiveField(model: string, options: EffectiveFieldOptions): Promise<void> {
  const { layer, samples, seed, colors, zoom, output } = options;
  const looked = options.image === undefined ? undefined : await openWithPicture(model, options);
  const network = looked?.network ?? networkOfImport((await openModel(model)).imported);
  const { graph } = network;
  const dims = looked?.picture.tensor.dims ?? [1, ...sampleDims(network)];
  const of =
    layer === undefined ? lastMapsBefore(sizedGraph(graph, dims), scoresOf(graph)) : valueNamed(graph, layer);
  const field = await effectiveField(network, {
    of,
    ...(looked === undefined ? { inputDims: dims.slice(1) } : { pictures: [looked.picture.tensor] }),
    ...(samples !== undefined && { samples }),
    ...(seed !== undefined && { seed }),
  });
  if (output !== undefined) {
    const drawn = effectiveFieldPicture(field, {
      ...(colors !== undefined && { colors }),
      ...(looked !== undefined && { picture: looked.seen }),
      ...(zoom !== undefined && { zoom }),
    });
    await writePngFile(output, drawn);
  }
  const files = output === undefined ? [] : [output];
  const { place, theoretical, reached, side, map } = field;
  if (options.json) {
    const input = { width: map.width, height: map.height };
    printJson({ model, what: "receptive-field", value: of, place, theoretical, reached, side, input, files });
    return;
  }
  print(`${model}: ${of} at column ${place.x}, row ${place.y}, of ${map.width}×${map.height} pixels`);
  print(`can see    ${theoretical === undefined ? "all of them, or no regular part" : boxOf(theoretical)}`);
  print(`reaches    ${reached === undefined ? "none" : boxOf(reached)}`);
  print(`effective  as many as a square of ${side.toFixed(1)} pixels`);
  for (const file of files) print(`wrote ${file}`);
}

const boxOf = ({ x, y, width, height }: PixelBox): string =>
  `${width}×${height} pixels from column ${x}, row ${y}`;
