// Draws models/digits/0.png to 9.png, what `npm start` reads: handwritten digits by lanewise's own generator, ink 255
// on 0, as MNIST has them. Needs the built package (npm run build).
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";

// By address, so that type checks of what imports this script do not read the bundle.
const { digit } = await import(new URL("../dist/train.js", import.meta.url).href);

const SIZE = 28;
/** What the writing follows from: the year of LeNet-5. */
const KEY = 1998;

/** The PNG of a digit, grey, 28×28. */
export function drawDigit(value) {
  const png = new PNG({ width: SIZE, height: SIZE });
  digit(value, KEY + value, SIZE).forEach((ink, i) => {
    png.data.set([...Array(3).fill(Math.round(255 * ink)), 255], 4 * i);
  });
  return PNG.sync.write(png, { colorType: 0, inputColorType: 6, deflateLevel: 9 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = fileURLToPath(new URL("../models/digits", import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (let value = 0; value < 10; value++) writeFileSync(join(folder, `${value}.png`), drawDigit(value));
}
