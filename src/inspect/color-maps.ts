/**
 * Colours for numbers: "viridis" and "cividis" grow evenly in lightness, "diverging" is white in the middle, "gray" goes from
 * black to white.
 */
export type ColorMapName = "viridis" | "cividis" | "diverging" | "gray";

/** Red, green and blue, 0 to 255. */
type Color = readonly [red: number, green: number, blue: number];

/**
 * Colours by even steps from the least to the greatest. Viridis and cividis grow evenly in lightness, so that they print in
 * grey and the colour-blind read them (ten steps each, as R's viridisLite gives them; cividis: Nuñez, Anderton and Renslow 2018); the
 * diverging one is ColorBrewer's RdBu, blue below and red above white, which the colour-blind tell apart.
 */
export const COLOR_MAPS: Readonly<Record<ColorMapName, readonly Color[]>> = {
  viridis: [
    [68, 1, 84],
    [72, 40, 120],
    [62, 74, 137],
    [49, 104, 142],
    [38, 130, 142],
    [31, 158, 137],
    [53, 183, 121],
    [109, 205, 89],
    [180, 222, 44],
    [253, 231, 37],
  ],
  cividis: [
    [0, 32, 77],
    [0, 51, 111],
    [57, 72, 107],
    [87, 92, 109],
    [112, 113, 115],
    [138, 135, 121],
    [166, 157, 117],
    [196, 181, 108],
    [228, 207, 91],
    [255, 234, 70],
  ],
  diverging: [
    [5, 48, 97],
    [33, 102, 172],
    [67, 147, 195],
    [146, 197, 222],
    [209, 229, 240],
    [247, 247, 247],
    [253, 219, 199],
    [244, 165, 130],
    [214, 96, 77],
    [178, 24, 43],
    [103, 0, 31],
  ],
  gray: [
    [0, 0, 0],
    [255, 255, 255],
  ],
};

/**
 * Writes the colour at a place from 0 to 1, opaque, to a pixel's four bytes; beyond its ends, theirs.
 *
 * @param at - Where the pixel begins.
 */
export function writeColor(data: Uint8ClampedArray, at: number, name: ColorMapName, place: number): void {
  const colors = COLOR_MAPS[name];
  const along = Math.min(Math.max(place, 0), 1) * (colors.length - 1);
  const first = Math.min(Math.floor(along), colors.length - 2);
  const [a, b] = [colors[first] as Color, colors[first + 1] as Color];
  const share = along - first;
  data[at] = a[0] + (b[0] - a[0]) * share;
  data[at + 1] = a[1] + (b[1] - a[1]) * share;
  data[at + 2] = a[2] + (b[2] - a[2]) * share;
  data[at + 3] = 255;
}
