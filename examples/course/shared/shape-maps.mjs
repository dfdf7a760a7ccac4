// Pictures of shapes with a class for every pixel: what networks learn to segment.
import { fromGenerator } from "lanewise/train";
import { randomFrom } from "./pictures.mjs";

/** What a pixel may be of. */
export const CLASSES = ["background", "disc", "square", "triangle", "cross"];

/** Where a place relative to a shape's middle, in units of its size, belongs to the shape. */
const INSIDE = {
  disc: (x, y) => Math.hypot(x, y) < 0.95,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.8,
  triangle: (x, y) => y < 0.75 && Math.abs(x) * 1.75 < y + 0.95,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.3 && Math.max(Math.abs(x), Math.abs(y)) < 1,
};

/** Two or three shapes of any classes, one over another where they meet, turned a little, each of a grey of its own. */
function shapesUnder(draw, size) {
  const between = (low, high) => low + (high - low) * draw();
  const darkest = Math.floor(3 * draw());
  return Array.from({ length: 2 + Math.floor(2 * draw()) }, (_, i) => {
    const kind = 1 + Math.floor((CLASSES.length - 1) * draw());
    const angle = between(-0.25, 0.25);
    return {
      kind,
      inside: INSIDE[CLASSES[kind]],
      radius: size * between(0.15, 0.25),
      middle: [between(0.15, 0.85) * size, between(0.15, 0.85) * size],
      turn: [Math.cos(angle), Math.sin(angle)],
      light: 0.5 + 0.25 * ((i + darkest) % 3) + between(-0.03, 0.03),
    };
  });
}

/** A picture [size, size] of shapes on a ground that is uneven, under noise, and the class of each of its pixels. */
export function shapeMap(seed, size, noise = 0.1) {
  const draw = drawsFrom(seed);
  const shapes = shapesUnder(draw, size);
  const [ground, slope] = [0.05 + 0.2 * draw(), 0.2 * (draw() - 0.5)];
  const x = new Float32Array(size * size);
  const y = new Int32Array(size * size);
  for (let i = 0; i < x.length; i++) {
    const [column, row] = [(i % size) + 0.5, Math.floor(i / size) + 0.5];
    const top = shapes.findLast(({ inside, radius, middle, turn: [cos, sin] }) => {
      const [u, v] = [(column - middle[0]) / radius, (row - middle[1]) / radius];
      return inside(u * cos + v * sin, v * cos - u * sin);
    });
    y[i] = top?.kind ?? 0;
    x[i] = (top?.light ?? ground + (slope * column) / size) + noise * gaussian(draw);
  }
  return { x, y };
}

/** Draws that neighbouring seeds do not share. */
function drawsFrom(seed) {
  const draw = randomFrom(Math.imul(seed + 1, 0x9e3779b1));
  for (let i = 0; i < 4; i++) draw();
  return draw;
}

const gaussian = (draw) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());

/** Such pictures as a data set: numbers `first` to `first + length − 1` of all that there are. */
export const shapeMaps = ({ first, length, size, noise }) =>
  fromGenerator({
    name: "shapes",
    length,
    inputDims: [1, size, size],
    labelDims: [size, size],
    classes: CLASSES.length,
    sample: (index) => shapeMap(first + index, size, noise),
  });
