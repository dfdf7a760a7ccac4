// Planes of numbers, { data: Float32Array, width, height }, row after row: what lanewise/inspect paints.

/** A plane of a function of column and row. */
export function planeFrom(width, height, numberAt) {
  const data = Float32Array.from({ length: width * height }, (_, i) =>
    numberAt(i % width, Math.floor(i / width)),
  );
  return { data, width, height };
}

/** A plane of its rows. */
export const planeOfRows = (rows) => planeFrom(rows[0].length, rows.length, (x, y) => rows[y][x]);

/** A plane's rows. */
export const rowsOf = ({ data, width, height }) =>
  Array.from({ length: height }, (_, y) => [...data.subarray(y * width, (y + 1) * width)]);

/** The number at a place; beyond the edge, `outside`. */
export const at = ({ data, width, height }, x, y, outside = 0) =>
  x < 0 || y < 0 || x >= width || y >= height ? outside : data[y * width + x];

/** Turned by half a circle: what distinguishes a convolution from a cross-correlation. */
export const flipped = ({ data, width, height }) => ({ data: data.slice().reverse(), width, height });

/** Moved to the right and down; what comes in is `outside`, what goes out is lost. */
export const shifted = (plane, right, down, outside = 0) =>
  planeFrom(plane.width, plane.height, (x, y) => at(plane, x - right, y - down, outside));

/** Number by number. */
export const mapped = (plane, change) => ({ ...plane, data: plane.data.map(change) });

/** Two planes of one size, number by number. */
export const combined = (a, b, combine) => mapped(a, (value, i) => combine(value, b.data[i]));

/** A plane's sum. */
export const sumOf = ({ data }) => data.reduce((sum, value) => sum + value, 0);

/** The farthest that two rows of numbers are apart anywhere. */
export const farthest = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** The cosine of the angle between two rows of numbers. */
export function cosine(a, b) {
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += value * b[i];
    aa += value * value;
    bb += b[i] * b[i];
  });
  return ab / Math.sqrt(aa * bb || 1);
}

/** Red, green and blue of a picture as three planes, 0 to 1. */
export const channelsOf = ({ data, width, height }) =>
  [0, 1, 2].map((channel) => planeFrom(width, height, (x, y) => data[(y * width + x) * 4 + channel] / 255));

/** A picture of three planes, 0 to 1. */
export function pictureOf([red, green, blue]) {
  const { width, height } = red;
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  [red, green, blue].forEach((plane, channel) => {
    plane.data.forEach((value, i) => {
      data[i * 4 + channel] = Math.round(255 * value);
    });
  });
  return { data, width, height };
}

/** How light a picture is to the eye: the luma of ITU-R BT.601. */
export function lumaOf(picture) {
  const [red, green, blue] = channelsOf(picture);
  return mapped(red, (value, i) => 0.299 * value + 0.587 * green.data[i] + 0.114 * blue.data[i]);
}
