import { COUNT, numberIn, objectOf } from "../arguments.ts";
import { checkImage, type ImageLike, type RgbaImage } from "../vision/pixels.ts";
import type { EffectiveField } from "./effective-field.ts";
import { overlay, type PaintOptions, paint } from "./heatmap.ts";
import { type FieldPlace, fieldAt, type PixelBox, sideOf } from "./pixel-box.ts";
import type { ReceptiveField } from "./receptive-field.ts";
import { tile } from "./sheet.ts";

const RED = [228, 26, 28] as const;
const WHITE = [255, 255, 255] as const;

/**
 * The picture as the network takes it, with a red frame around the pixels that an element of a value depends on; all others are
 * paler. What the field sees beyond the picture's edge is padding.
 *
 * @param field - Of `receptiveFieldsOf`.
 */
export function receptiveFieldPicture(picture: ImageLike, field: ReceptiveField, at: FieldPlace): RgbaImage {
  checkImage(picture);
  const box = fieldAt(field, at);
  const { width, height } = picture;
  const drawn = Uint8ClampedArray.from(picture.data, (value, i) => {
    const side = sideOf(box, Math.floor(i / 4) % width, Math.floor(i / 4 / width));
    if (i % 4 === 3) return 255;
    if (side === "out") return value * 0.4 + 255 * 0.6;
    return side === "edge" ? (RED[i % 4] as number) : value;
  });
  return { data: drawn, width, height };
}

/** How `effectiveFieldPicture` draws. */
export interface EffectiveFieldPictureOptions extends Pick<PaintOptions, "colors"> {
  /** Lies below, where it is as large as the input; by default the colours stand alone. */
  readonly picture?: ImageLike;
  /** Pixels of the result for each of the input's; by default as many as make some 256. */
  readonly zoom?: number;
}

/**
 * How much each pixel of the input counts, in colours, with a frame around all that could count: white, or red on "diverging",
 * whose 0 is white itself.
 */
export function effectiveFieldPicture(
  field: EffectiveField,
  options: EffectiveFieldPictureOptions = {},
): RgbaImage {
  const { map, theoretical } = objectOf("effectiveFieldPicture: the field", field);
  const { colors = "viridis", picture, zoom } = objectOf("effectiveFieldPicture: the options", options);
  const heat = picture === undefined ? paint(map, { colors }) : overlay(picture, map, { colors });
  const each = zoom ?? Math.max(1, Math.round(256 / Math.max(heat.width, heat.height)));
  numberIn("effectiveFieldPicture: zoom", each, COUNT);
  const large = tile([heat], { zoom: each, gap: 0 });
  if (theoretical === undefined) return large;
  const { x, y, width, height } = objectOf("effectiveFieldPicture: the theoretical field", theoretical);
  for (const length of [x, y, width, height])
    numberIn("effectiveFieldPicture: the theoretical field", length);
  const box = { x: x * each, y: y * each, width: width * each, height: height * each };
  return framed(large, box, colors === "diverging" ? RED : WHITE);
}

function framed(picture: RgbaImage, box: PixelBox, color: readonly [number, number, number]): RgbaImage {
  const { data, width } = picture;
  for (let i = 0; i < data.length; i += 4)
    if (sideOf(box, (i / 4) % width, Math.floor(i / 4 / width)) === "edge") data.set(color, i);
  return picture;
}
