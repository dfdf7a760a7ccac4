// Pictures { data, width, height } of RGBA bytes to PNG and back.
import { readFileSync } from "node:fs";
import { PNG } from "pngjs";

const [GREY, RGB] = [0, 2];

/** The bytes of a PNG: grey where all of it is, and without alpha, which pictures of the course do not have. */
export function encodePng({ data, width, height }) {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const isGrey = data.every((value, i) => i % 4 === 3 || value === data[i - (i % 4)]);
  return PNG.sync.write(png, { colorType: isGrey ? GREY : RGB, deflateLevel: 9 });
}

/** A PNG file's picture. */
export function readPng(path) {
  const { data, width, height } = PNG.sync.read(readFileSync(path));
  return { data: new Uint8ClampedArray(data), width, height };
}
