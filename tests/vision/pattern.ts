import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ImageLike } from "../../src/vision/index.ts";

/** An opaque picture with all kinds of bytes, the same in the script that made the Pillow numbers of these tests. */
export function pattern(width: number, height: number): ImageLike {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      for (let c = 0; c < 3; c++) {
        data[at + c] = (x * x * 7 + y * y * 13 + x * y * 5 + c * 71) * (c + 3) + ((x * 31) ^ (y * 17));
      }
      data[at + 3] = 255;
    }
  }
  return { data, width, height };
}

/** A picture of grey pixels, row after row. */
export function greys(width: number, ...values: number[]): ImageLike {
  const data = Uint8Array.from(values.flatMap((value) => [value, value, value, 255]));
  return { data, width, height: values.length / width };
}

export const red = ({ data }: ImageLike): number[] => [...data.filter((_, at) => at % 4 === 0)];
export const rgb = ({ data }: ImageLike): number[] => [...data.filter((_, at) => at % 4 !== 3)];

/** FNV-1a over bytes. */
export function hash(bytes: Iterable<number>): number {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum;
}

/** Where the shared photos lie, or undefined. */
export function photos(): string | undefined {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const folder = resolve(root, process.env.LANEWISE_DATA ?? "../shared/data", "images");
  return existsSync(folder) ? folder : undefined;
}
