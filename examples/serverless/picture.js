import { convertIndexedToRgb, decode as decodePng } from "fast-png";
import jpeg from "jpeg-js";

/**
 * What is decoded lies around until the engine collects it, a hundred bytes a pixel and more: with the model, half a million
 * pixels hold inside 128 MB picture after picture (docs/serverless.md). Where there is more memory, take more.
 */
const MAX_PIXELS = 500_000;

/** RGBA pixels of a JPEG or PNG; throws for anything else and for what is too large. */
export function decodePicture(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8)
    return jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: true,
      maxResolutionInMP: MAX_PIXELS / 1e6,
      maxMemoryUsageInMB: 64,
    });
  if (bytes[0] === 0x89 && bytes[1] === 0x50) {
    // Width and height stand in the first chunk, before anything is decoded.
    const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (header.getUint32(16) * header.getUint32(20) > MAX_PIXELS)
      throw new Error(`the picture has more than ${MAX_PIXELS} pixels`);
    return toRgba(decodePng(bytes));
  }
  throw new Error("expected a JPEG or a PNG");
}

function toRgba(png) {
  const { width, height, palette } = png;
  const samples = palette === undefined ? png.data : convertIndexedToRgb(png);
  const channels = palette === undefined ? png.channels : palette[0].length;
  const top = 2 ** (palette === undefined ? png.depth : 8) - 1;
  const data = new Uint8ClampedArray(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * channels;
    const isGray = channels < 3;
    for (let c = 0; c < 3; c++) data[pixel * 4 + c] = (samples[from + (isGray ? 0 : c)] * 255) / top;
    data[pixel * 4 + 3] = channels % 2 === 1 ? 255 : (samples[from + channels - 1] * 255) / top;
  }
  return { width, height, data };
}
