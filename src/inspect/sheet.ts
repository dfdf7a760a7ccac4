import { arrayOf, COUNT, numberIn, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { checkImage, checkPixels, createImage, type ImageLike, type RgbaImage } from "../vision/pixels.ts";

/** How pictures lie on a sheet. */
export interface TileOptions {
  /** Pictures a row; by default as many as make a square. */
  readonly columns?: number;
  /** Pixels of the result for each of a picture's; 1 by default. */
  readonly zoom?: number;
  /** White pixels between pictures; 1 by default. */
  readonly gap?: number;
}

/** A sheet of pictures of one size, row by row, each enlarged by whole pixels. */
export function tile(pictures: readonly ImageLike[], options: TileOptions = {}): RgbaImage {
  for (const picture of arrayOf("tile: the pictures", pictures)) checkImage(picture);
  const [first] = pictures;
  if (first === undefined) throw new UsageError("tile: there is no picture");
  const side = Math.ceil(Math.sqrt(pictures.length));
  const { columns = side, zoom = 1, gap = 1 } = objectOf("tile: the options", options);
  numberIn("tile: columns", columns, COUNT);
  numberIn("tile: zoom", zoom, COUNT);
  numberIn("tile: gap", gap, { from: 0, whole: true });
  const [cellWidth, cellHeight] = [first.width * zoom + gap, first.height * zoom + gap];
  const width = columns * cellWidth + gap;
  const height = Math.ceil(pictures.length / columns) * cellHeight + gap;
  checkPixels(width, height);
  const sheet = createImage(width, height);
  sheet.data.fill(255);
  pictures.forEach((picture, i) => {
    if (picture.width !== first.width || picture.height !== first.height)
      throw new UsageError(
        `tile: picture ${i} is ${picture.width}×${picture.height}, the first ${first.width}×${first.height}`,
      );
    const left = (i % columns) * cellWidth + gap;
    const top = Math.floor(i / columns) * cellHeight + gap;
    for (let y = 0; y < first.height * zoom; y++)
      for (let x = 0; x < first.width * zoom; x++) {
        const from = (Math.floor(y / zoom) * first.width + Math.floor(x / zoom)) * 4;
        sheet.data.set(picture.data.subarray(from, from + 4), ((top + y) * width + left + x) * 4);
      }
  });
  return sheet;
}
