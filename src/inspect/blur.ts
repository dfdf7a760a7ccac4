/** How `maximise` keeps high frequencies down. */
export interface BlurOptions {
  /** Standard deviation in pixels of the Gaussian that the picture is blurred by, 1000 at most; 0, the default, is none. */
  readonly blur?: number;
  /** Steps from one blur to the next; 4 by default. */
  readonly blurEvery?: number;
}

/** The widest blur: its taps are six times as many. */
export const MOST_BLUR = 1000;

interface Size {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Planes [C, H, W] shifted down and to the right; what leaves at one edge comes in at the other. */
export function shifted(
  planes: Float32Array,
  { channels, height, width }: Size,
  down: number,
  right: number,
): Float32Array<ArrayBuffer> {
  const moved = new Float32Array(planes.length);
  const around = (place: number, length: number): number => ((place % length) + length) % length;
  for (let row = 0; row < channels * height; row++) {
    const [plane, y] = [Math.floor(row / height), row % height];
    const to = (plane * height + around(y + down, height)) * width;
    for (let x = 0; x < width; x++) moved[to + around(x + right, width)] = planes[row * width + x] as number;
  }
  return moved;
}

/** Planes [C, H, W] convolved with a Gaussian, along rows and then along columns, edges held. */
export function blurred(planes: Float32Array, size: Size, deviation: number): Float32Array<ArrayBuffer> {
  const { channels, height, width } = size;
  const taps = gaussian(deviation);
  const lines = (count: number, length: number, stride: number, startOf: (line: number) => number) => {
    return (from: Float32Array): Float32Array<ArrayBuffer> => {
      const to = new Float32Array(from.length);
      for (let line = 0; line < count; line++) blurLine(from, to, startOf(line), stride, length, taps);
      return to;
    };
  };
  const alongRows = lines(channels * height, width, 1, (line) => line * width);
  const alongColumns = lines(
    channels * width,
    height,
    width,
    (line) => Math.floor(line / width) * height * width + (line % width),
  );
  return alongColumns(alongRows(planes));
}

function blurLine(
  from: Float32Array,
  to: Float32Array,
  start: number,
  stride: number,
  length: number,
  taps: readonly number[],
): void {
  const reach = (taps.length - 1) / 2;
  for (let place = 0; place < length; place++) {
    let sum = 0;
    for (let tap = -reach; tap <= reach; tap++) {
      const held = Math.min(Math.max(place + tap, 0), length - 1);
      sum += (taps[tap + reach] as number) * (from[start + held * stride] as number);
    }
    to[start + place * stride] = sum;
  }
}

/** A Gaussian's values at whole pixels up to three standard deviations, which sum to 1. */
function gaussian(deviation: number): readonly number[] {
  const reach = Math.ceil(3 * deviation);
  const taps = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}
