import { type PixelMap, resample } from "./resample.ts";

/** An operation of a policy, by its name. */
export type PixelOperation =
  | "shearX"
  | "shearY"
  | "translateX"
  | "translateY"
  | "rotate"
  | "brightness"
  | "color"
  | "contrast"
  | "sharpness"
  | "posterize"
  | "solarize"
  | "invert"
  | "autoContrast"
  | "equalize"
  | "cutout";

/** A picture [C, height, width] with values from 0 to 1, which operations change in its place. */
export interface Picture {
  readonly data: Float32Array;
  /** Of the same length: room to work in. */
  readonly room: Float32Array;
  readonly dims: readonly [channels: number, height: number, width: number];
  /** What comes in from outside the picture, and what is cut out of it. */
  readonly fill: number;
}

/** Changes a picture by `share`, 0 to 1, of the most that the operation does; where it has two ways, a negative one is the other. */
export type PixelChange = (picture: Picture, share: number, draw: () => number) => void;

const LEVELS = 256;
/** The most of each operation, as AutoAugment's paper has it (table 6; its pictures are 331 pixels wide). */
const MOST = { shear: 0.3, translate: 150 / 331, degrees: 30, blend: 0.9, bits: 4, cutout: 60 / 331 };
/** Of red, green and blue, as grey is made of them (ITU-R BT.601). */
const LUMA = [0.299, 0.587, 0.114];

/** The same as the paper's operations; `cutout` is DeVries and Taylor's (arXiv:1708.04552). */
export const PIXEL_OPERATIONS: Readonly<Record<PixelOperation, PixelChange>> = {
  shearX: moved((share) => ({ xy: share * MOST.shear })),
  shearY: moved((share) => ({ yx: share * MOST.shear })),
  translateX: moved((share, [, , width]) => ({ moveX: share * MOST.translate * width })),
  translateY: moved((share, [, height]) => ({ moveY: share * MOST.translate * height })),
  rotate: moved((share) => {
    const angle = (share * MOST.degrees * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return { xx: cos, xy: sin, yx: -sin, yy: cos };
  }),
  brightness: blended(({ room }) => room.fill(0)),
  color: blended(grey),
  contrast: blended((picture) => {
    grey(picture);
    const { room } = picture;
    room.fill(room.reduce((sum, value) => sum + value, 0) / room.length);
  }),
  sharpness: blended(smooth),
  posterize: levels((share) => {
    const step = 2 ** Math.round(Math.abs(share) * MOST.bits);
    return (level) => level - (level % step);
  }),
  solarize: levels((share) => {
    const threshold = (LEVELS - 1) * (1 - Math.abs(share));
    return (level) => (level < threshold ? level : LEVELS - 1 - level);
  }),
  invert: levels(() => (level) => LEVELS - 1 - level),
  autoContrast: eachMap((map) => {
    const [least, most] = [Math.min(...map), Math.max(...map)];
    if (most > least)
      for (let i = 0; i < map.length; i++) map[i] = ((map[i] as number) - least) / (most - least);
  }),
  equalize: eachMap(equalize),
  cutout({ data, dims: [, height, width], fill }, share, draw) {
    const half = (Math.abs(share) * MOST.cutout * Math.min(height, width)) / 2;
    const [x, y] = [draw() * width, draw() * height];
    for (let i = 0; i < data.length; i++) {
      const [row, column] = [Math.floor(i / width) % height, i % width];
      if (Math.abs(row + 0.5 - y) < half && Math.abs(column + 0.5 - x) < half) data[i] = fill;
    }
  },
};

const IDENTITY: PixelMap = { xx: 1, xy: 0, yx: 0, yy: 1, moveX: 0, moveY: 0 };

function moved(map: (share: number, dims: Picture["dims"]) => Partial<PixelMap>): PixelChange {
  return ({ data, room, dims, fill }, share) => {
    room.set(data);
    resample(room, data, dims, { ...IDENTITY, ...map(share, dims) }, fill);
  };
}

/** Away from what `base` leaves in the picture's room, or towards it: 0.1 to 1.9 of the difference stay. */
function blended(base: (picture: Picture) => void): PixelChange {
  return (picture, share) => {
    base(picture);
    const { data, room } = picture;
    const kept = 1 + share * MOST.blend;
    for (let i = 0; i < data.length; i++) {
      const from = room[i] as number;
      data[i] = Math.min(1, Math.max(0, from + ((data[i] as number) - from) * kept));
    }
  };
}

/** What becomes of the 256 levels of a picture of bytes. */
function levels(of: (share: number) => (level: number) => number): PixelChange {
  return ({ data }, share) => {
    const become = of(share);
    for (let i = 0; i < data.length; i++)
      data[i] = become(Math.round((data[i] as number) * (LEVELS - 1))) / (LEVELS - 1);
  };
}

function eachMap(change: (map: Float32Array) => void): PixelChange {
  return ({ data, dims: [channels, height, width] }) => {
    const size = height * width;
    for (let c = 0; c < channels; c++) change(data.subarray(c * size, (c + 1) * size));
  };
}

/** The room becomes the picture without colour: three maps are red, green and blue, any others weigh the same. */
function grey({ data, room, dims: [channels, height, width] }: Picture): void {
  const size = height * width;
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++)
      sum += (channels === 3 ? (LUMA[c] as number) : 1 / channels) * (data[c * size + i] as number);
    for (let c = 0; c < channels; c++) room[c * size + i] = sum;
  }
}

/** The room becomes the picture under 3×3 weights of 1 with 5 in their middle; its edge stays. */
function smooth({ data, room, dims: [channels, height, width] }: Picture): void {
  room.set(data);
  for (let c = 0; c < channels; c++)
    for (let y = 1; y + 1 < height; y++)
      for (let x = 1; x + 1 < width; x++) {
        const at = (c * height + y) * width + x;
        let sum = 4 * (data[at] as number);
        for (let dy = -width; dy <= width; dy += width)
          for (let dx = -1; dx <= 1; dx++) sum += data[at + dy + dx] as number;
        room[at] = sum / 13;
      }
}

/** Levels spread so that about as many pixels have each, as PIL does it; a map of one level stays. */
function equalize(map: Float32Array): void {
  const levelOf = (value: number): number => Math.round(value * (LEVELS - 1));
  const counts = new Int32Array(LEVELS);
  for (const value of map) counts[levelOf(value)] = (counts[levelOf(value)] as number) + 1;
  const last = counts.findLast((count) => count > 0) as number;
  const step = Math.floor((map.length - last) / (LEVELS - 1));
  if (step === 0) return;
  let below = Math.floor(step / 2);
  const become = Array.from(counts, (count) => {
    const level = Math.min(LEVELS - 1, Math.floor(below / step));
    below += count;
    return level;
  });
  for (let i = 0; i < map.length; i++) map[i] = (become[levelOf(map[i] as number)] as number) / (LEVELS - 1);
}
