import { describe, expect, test } from "vitest";
import { type Detection, detections } from "../../models/detections.ts";
import { gridDetector } from "../../models/detector.ts";
import type { TensorData } from "../../src/tensor.ts";
import { layerParameters, parameterCount, run } from "../nn/run-network.ts";
import { random } from "../support/random.ts";

const CLASSES = 3;

/** An object as one would annotate it: centre and size in pixels. */
interface Annotated {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly label: number;
  readonly score: number;
}

const logit = (p: number): number => Math.log(p / (1 - p));

/** A grid of a 64×64 picture that says just these objects: the decoding's inverse, worked out from its definition. */
function gridSaying(objects: readonly Annotated[], cells: number): TensorData {
  const side = 64 / cells;
  const data = new Float32Array((5 + CLASSES) * cells * cells).fill(-20);
  for (const { x, y, width, height, label, score } of objects) {
    const [column, row] = [Math.floor(x / side), Math.floor(y / side)];
    const set = (channel: number, value: number): void => {
      data[channel * cells * cells + row * cells + column] = value;
    };
    set(0, logit(x / side - column));
    set(1, logit(y / side - row));
    set(2, Math.log(width / side));
    set(3, Math.log(height / side));
    // The class is certain: all of the score is the object's.
    set(4, logit(score));
    set(5 + label, 30);
  }
  return { dtype: "float32", dims: [1, 5 + CLASSES, cells, cells], data };
}

const corners = ({ x, y, width, height }: Annotated): number[] => [
  x - width / 2,
  y - height / 2,
  x + width / 2,
  y + height / 2,
];

const expectObjects = (found: readonly Detection[], wanted: readonly Annotated[]): void => {
  expect(found.map(({ label }) => label)).toEqual(wanted.map(({ label }) => label));
  found.forEach(({ box, score }, i) => {
    const object = wanted[i] as Annotated;
    expect(score).toBeCloseTo(object.score, 4);
    corners(object).forEach((side, k) => {
      expect(box[k]).toBeCloseTo(side, 3);
    });
  });
};

const cat = { x: 21, y: 45, width: 30, height: 12, label: 1, score: 0.9 };
const dog = { x: 50.5, y: 9.25, width: 7, height: 15, label: 2, score: 0.8 };

describe("detections", () => {
  test("finds what the cells say, best first, in pixels", () => {
    expectObjects(detections([gridSaying([dog], 2), gridSaying([cat], 4)], { size: 64 }), [cat, dog]);
  });

  test("drops the weaker of two boxes of a class, and leaves another class alone", () => {
    const doubled = { ...cat, x: 22, score: 0.6 };
    const other = { ...cat, label: 0, score: 0.5 };
    const grids = [gridSaying([doubled], 2), gridSaying([cat], 4), gridSaying([other], 8)];
    expectObjects(detections(grids, { size: 64 }), [cat, other]);
    expectObjects(detections(grids, { size: 64, iouThreshold: 1 }), [cat, doubled, other]);
  });

  test("leaves out what scores below the threshold", () => {
    const grid = gridSaying([cat, { ...dog, score: 0.2 }], 4);
    expectObjects(detections([grid], { size: 64 }), [cat]);
    expectObjects(detections([grid], { size: 64, scoreThreshold: 0.1 }), [cat, { ...dog, score: 0.2 }]);
  });

  test("reads the picture that is asked for", () => {
    const [first, second] = [gridSaying([cat], 4), gridSaying([dog], 4)];
    const both = {
      ...first,
      dims: [2, 5 + CLASSES, 4, 4],
      data: Float32Array.of(...(first.data as Float32Array), ...(second.data as Float32Array)),
    };
    expectObjects(detections([both], { size: 64, picture: 1 }), [dog]);
    expect(() => detections([both], { size: 64, picture: 2 })).toThrow(/picture/);
  });

  test("refuses what is no grid", () => {
    const row: TensorData = { dtype: "float32", dims: [1, 8], data: new Float32Array(8) };
    expect(() => detections([row])).toThrow(/a grid must be float32 of \[N, 5 \+ classes, rows, columns\]/);
  });
});

describe("the detector", () => {
  test("has the parameters that one counts by hand, with 20 classes", () => {
    const network = gridDetector({ weights: "counted" });
    /** A convolution without bias, and a gain and a bias for each map. */
    const conv = (from: number, to: number, side: number): number => from * to * side * side + 2 * to;
    const layers = {
      stem1: conv(3, 16, 3),
      stem2: conv(16, 32, 3),
      stem3: conv(32, 64, 3),
      stem4: conv(64, 128, 3),
      near: conv(128, 256, 3),
      far: conv(256, 256, 3) + conv(256, 128, 1) + conv(128, 64, 1),
      coarse: conv(128, 256, 3) + (256 + 1) * 25,
      // 64 enlarged channels beside the 256 of the finer image.
      fine: conv(64 + 256, 128, 3) + (128 + 1) * 25,
    };
    for (const [name, count] of Object.entries(layers)) expect(layerParameters(network, name)).toBe(count);
    expect(parameterCount(network)).toBe(1_698_754);
    expect(Object.values(layers).reduce((sum, count) => sum + count)).toBe(1_698_754);
  });

  test("gives grids that decode to boxes within reach of their cells", () => {
    const size = 64;
    const { graph } = gridDetector({ size, width: 1 / 8, classes: CLASSES, seed: 2 });
    const outputs = run(graph, random(4).tensor("float32", [1, 3, size, size]));
    const grids = graph.outputs.map((name) => outputs.get(name) as TensorData);
    expect(grids.map(({ dims }) => dims)).toEqual([
      [1, 5 + CLASSES, 2, 2],
      [1, 5 + CLASSES, 4, 4],
    ]);
    const found = detections(grids, { size, scoreThreshold: 0, iouThreshold: 1 });
    expect(found).toHaveLength(4 + 16);
    for (const { box } of found) {
      const centre = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
      for (const place of centre) expect(place > 0 && place < size).toBe(true);
    }
  });
});
