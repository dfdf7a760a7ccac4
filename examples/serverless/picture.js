import { convertIndexedToRgb, decode as decodePng } from "fast-png";
import jpeg from "jpeg-js";

/** Decoding one holds about 25 bytes a pixel for a while: with the model, 2 million fit into 128 MB. */
const MAX_MEGAPIXELS = 2;

/** RGBA pixels of a JPEG or PNG; throws for anything else and for what is too large. */
export function decodePicture(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8)
    return jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: true,
      maxResolutionInMP: MAX_MEGAPIXELS,
      maxMemoryUsageInMB: 64,
    });
  if (bytes[0] === 0x89 && bytes[1] === 0x50) {
    // Width and height stand in the first chunk, before anything is decoded.
    const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (header.getUint32(16) * header.getUint32(20) > MAX_MEGAPIXELS * 1e6)
      throw new Error(`the picture has more than ${MAX_MEGAPIXELS} million pixels`);
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
