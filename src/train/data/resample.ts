import type { Field } from "./elastic.ts";

/** From a pixel of the result, less the move, to where it comes from, both as seen from the middle of the picture. */
export interface PixelMap {
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
  readonly moveX: number;
  readonly moveY: number;
}

/** A picture [C, height, width] under a map, by bilinear sampling; a field moves each place once more. */
export function resample(
  source: Float32Array,
  target: Float32Array,
  [, height, width]: readonly number[],
  { xx, xy, yx, yy, moveX, moveY }: PixelMap,
  fill: number,
  field?: Field,
): void {
  const [rows, columns] = [height as number, width as number];
  const [midX, midY] = [(columns - 1) / 2, (rows - 1) / 2];
  const plane = rows * columns;
  for (let y = 0; y < rows; y++) {
    const dy = y - midY - moveY;
    for (let x = 0; x < columns; x++) {
      const at = y * columns + x;
      const dx = x - midX - moveX;
      let fromX = xx * dx + xy * dy + midX;
      let fromY = yx * dx + yy * dy + midY;
      if (field !== undefined) {
        fromX += field.x[at] as number;
        fromY += field.y[at] as number;
      }
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const right = fromX - left;
      const bottom = fromY - top;
      const inside = left >= 0 && top >= 0 && left + 1 < columns && top + 1 < rows;
      for (let first = 0; first < source.length; first += plane) {
        const corner = first + top * columns + left;
        let a = fill;
        let b = fill;
        let d = fill;
        let e = fill;
        if (inside) {
          a = source[corner] as number;
          b = source[corner + 1] as number;
          d = source[corner + columns] as number;
          e = source[corner + columns + 1] as number;
        } else if (left >= -1 && top >= -1 && left < columns && top < rows) {
          if (left >= 0 && top >= 0) a = source[corner] as number;
          if (left + 1 < columns && top >= 0) b = source[corner + 1] as number;
          if (left >= 0 && top + 1 < rows) d = source[corner + columns] as number;
          if (left + 1 < columns && top + 1 < rows) e = source[corner + columns + 1] as number;
        }
        const upper = a + (b - a) * right;
        const lower = d + (e - d) * right;
        target[first + at] = upper + (lower - upper) * bottom;
      }
    }
  }
}
