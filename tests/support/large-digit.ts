import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeImage, encodePng } from "../../src/cli/image-file.ts";
import { root } from "./consumer.ts";

/** A digit of models/digits as a PNG of so many pixels a side: a picture that takes a while to decode. */
export function largeDigit(digit: number, side: number): Uint8Array {
  const name = join(root, `models/digits/${digit}.png`);
  const { data, width, height } = decodeImage(readFileSync(name), name);
  const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const large = new Uint32Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      large[y * side + x] = pixels[
        Math.floor((y * height) / side) * width + Math.floor((x * width) / side)
      ] as number;
  return encodePng({ data: new Uint8ClampedArray(large.buffer), width: side, height: side });
}
