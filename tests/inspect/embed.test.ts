import { TSNE } from "@keckelt/tsne";
import { describe, expect, test } from "vitest";
import { TimeoutError, UsageError } from "../../src/errors.ts";
import { InferenceSession, Tensor } from "../../src/index.ts";
import { embed, layerRows, type Point, rowsOf } from "../../src/inspect/embed.ts";
import { classEllipses, type Ellipse, neighborhoodHit } from "../../src/inspect/neighborhood.ts";
import { scatterChart } from "../../src/inspect/scatter-chart.ts";
import { tsneSlopes } from "../../src/inspect/tsne-slopes.ts";
import { conv2d, dense, flatten, relu, sequential } from "../../src/nn/index.ts";
import { normal, randomFrom } from "../../src/ops/random/generator.ts";
import { exportNetwork, fromArrays } from "../../src/train/index.ts";
import { random } from "../support/random.ts";
import { elementsOf } from "../support/well-formed.ts";

/** Gaussian clusters of deviation 1 about places of twelve dimensions that lie 10 apart, in turns. */
function clusters(count: number, classes: number, seed: number) {
  const draw = normal(randomFrom(seed));
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const rows = labels.map((label) =>
    Float32Array.from({ length: 12 }, (_, at) => draw() + (at === label ? 10 / Math.SQRT2 : 0)),
  );
  return { rows, labels };
}

const METHODS = ["tsne", "umap"] as const;

describe.each(METHODS)("%s", (method) => {
  const { rows, labels } = clusters(90, 3, 1);
  const options = { method, steps: 200 };

  test("keeps three clusters apart that lie apart", async () => {
    // Labels dealt out anew tell what chance gives.
    const points = await embed(rows, options);
    expect(points).toHaveLength(90);
    expect(neighborhoodHit(points, labels)).toBeGreaterThan(0.95);
    expect(neighborhoodHit(points, random(2).shuffle(labels))).toBeLessThan(0.5);
    const centers = classEllipses(points, labels).map(({ center }) => center);
    const radii = classEllipses(points, labels, { deviations: 1 }).map(({ radii: [longer] }) => longer);
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const [p, q] = [centers[a] as Point, centers[b] as Point];
      expect(Math.hypot(p[0] - q[0], p[1] - q[1])).toBeGreaterThan(2 * Math.max(...radii));
    }
  });

  test("follows from the seed", async () => {
    const short = { ...options, steps: 40 };
    const [first, again, other] = await Promise.all([3, 3, 4].map((seed) => embed(rows, { ...short, seed })));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test("tells its steps, and ends when its time is up or its signal says so", async () => {
    const told: number[] = [];
    await embed(rows, { method, steps: 5, onStep: (step, steps) => void told.push(step, steps) });
    expect(told).toEqual([1, 5, 2, 5, 3, 5, 4, 5, 5, 5]);
    await expect(embed(rows, { method, steps: 1e6, timeoutMs: 50 })).rejects.toThrow(TimeoutError);
    const stop = new AbortController();
    const onStep = () => stop.abort(new Error("enough"));
    await expect(embed(rows, { method, onStep, signal: stop.signal })).rejects.toThrow("enough");
  });

  test("takes as few as four rows, and equal ones", async () => {
    const few = [
      [0, 0],
      [0, 0],
      [5, 5],
      [5, 5],
    ];
    for (const [x, y] of await embed(few, { method, steps: 20 }))
      expect([x, y].every(Number.isFinite)).toBe(true);
  });
});

test("t-SNE's slopes are those of the library, before and after it exaggerates", () => {
  const tsne = new TSNE({ dim: 2, perplexity: 10 });
  tsne.gaussRandom = normal(randomFrom(5));
  tsne.initDataRaw(clusters(40, 3, 6).rows.map((row) => Array.from(row)));
  const inside = tsne as unknown as { P: Float64Array; iter: number };
  const draw = normal(randomFrom(7));
  const points = Array.from({ length: 40 }, () => [draw(), draw()]);
  for (const [iter, exaggeration] of [
    [99, 4],
    [100, 1],
  ] as const) {
    inside.iter = iter;
    const expected: number[][] = tsne.costGrad(points).grad;
    tsneSlopes(points, inside.P, exaggeration).forEach((slope, i) => {
      expect(slope[0]).toBeCloseTo(expected[i]?.[0] as number, 12);
      expect(slope[1]).toBeCloseTo(expected[i]?.[1] as number, 12);
    });
    expect(Math.max(...expected.flat())).toBeGreaterThan(1e-3);
  }
});

describe("what cannot be embedded", () => {
  const rows = [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ];
  test.each([
    ["three rows", rows.slice(1), {}, /3 rows: expected at least 4/],
    ["rows of two lengths", [...rows, [1]], {}, /row 4 has 1 numbers, the first 2/],
    ["rows without numbers", [[], [], [], []], {}, /row 0 has 0/],
    ["what is not finite", [...rows, [1, Number.NaN]], {}, /row 4 holds NaN/],
    ["more neighbours than there are", rows, { neighbors: 4 }, /at most 3/],
    ["another method", rows, { method: "pca" as never }, /one of "tsne", "umap"/],
  ])("%s", async (_, given, options, message) => {
    const embedding = embed(given, options);
    await expect(embedding).rejects.toThrow(UsageError);
    await expect(embedding).rejects.toThrow(message);
  });
});

describe("the neighbourhood hit", () => {
  test("is what counting with each distance apart gives", () => {
    const draws = random(4);
    const rows = Array.from({ length: 40 }, () => [draws.next(), draws.next(), draws.next()]);
    const labels = rows.map(([x]) => ((x as number) + draws.next() / 2 > 0.7 ? 2 : 0));
    for (const neighbors of [1, 3, 39]) {
      let hits = 0;
      for (let i = 0; i < 40; i++)
        for (let j = 0; j < 40; j++) {
          if (i === j || labels[i] !== labels[j]) continue;
          const distance = (k: number) =>
            Math.hypot(...[0, 1, 2].map((at) => (rows[i]?.[at] as number) - (rows[k]?.[at] as number)));
          const nearer = rows.filter((_, k) => k !== i && k !== j && distance(k) < distance(j)).length;
          if (nearer < neighbors) hits++;
        }
      expect(neighborhoodHit(rows, labels, { neighbors })).toBeCloseTo(hits / (40 * neighbors), 12);
    }
  });

  test("by hand", () => {
    // On a line, each with its nearest: 0→1, 1→0, 3→4, 4→3, 9→4.
    const rows = [[0], [1], [3], [4], [9]];
    expect(neighborhoodHit(rows, [0, 0, 0, 1, 1], { neighbors: 1 })).toBe(3 / 5);
    expect(neighborhoodHit(rows, [0, 0, 0, 0, 0], { neighbors: 4 })).toBe(1);
    // Of equal distances the earlier row: 1 lies beside 0, not 2.
    expect(neighborhoodHit([[0], [1], [2]], [0, 0, 1], { neighbors: 1 })).toBe(2 / 3);
  });

  test("needs a class for each row, and neighbours that are there", () => {
    expect(() => neighborhoodHit([[0], [1]], [0], { neighbors: 1 })).toThrow(/1 labels for 2 rows/);
    expect(() => neighborhoodHit([[0], [1]], [0, 0])).toThrow(/at most 1/);
    expect(() => neighborhoodHit([[0], [1]], [0, -1], { neighbors: 1 })).toThrow(UsageError);
  });
});

describe("a class's ellipse", () => {
  // Ends of a cross of half axes a and b: variances 2a²/3 and 2b²/3 along them.
  const cross = (a: number, b: number, angle: number, [x, y]: Point): Point[] => {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return [
      [x + a * c, y + a * s],
      [x - a * c, y - a * s],
      [x - b * s, y + b * c],
      [x + b * s, y - b * c],
    ];
  };

  test.each([0, 0.4, 1.2, -0.9])("at an angle of %d", (angle) => {
    const points = [...cross(3, 1, angle, [5, -2]), [7, 7] as Point];
    const found = classEllipses(points, [4, 4, 4, 4, 1], { deviations: 1.5 });
    expect(found).toHaveLength(1);
    expect(found[0]?.label).toBe(4);
    expect(found[0]?.center[0]).toBeCloseTo(5, 10);
    expect(found[0]?.center[1]).toBeCloseTo(-2, 10);
    expect(found[0]?.radii[0]).toBeCloseTo(1.5 * Math.sqrt((2 * 9) / 3), 10);
    expect(found[0]?.radii[1]).toBeCloseTo(1.5 * Math.sqrt(2 / 3), 10);
    expect(found[0]?.angle).toBeCloseTo(angle, 10);
  });

  test("of a normal distribution has 86 % of it within two deviations", () => {
    const draw = normal(randomFrom(6));
    const points = Array.from({ length: 4000 }, (): Point => {
      const [u, v] = [draw(), draw()];
      return [3 * u, 2 * u + 0.5 * v];
    });
    const [found] = classEllipses(points, new Array<number>(4000).fill(0));
    const { center, angle, radii } = found as Ellipse;
    const [[cx, cy], [rx, ry]] = [center, radii];
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const inside = points.filter(([x, y]) => {
      const [along, across] = [(x - cx) * c + (y - cy) * s, (y - cy) * c - (x - cx) * s];
      return (along / rx) ** 2 + (across / ry) ** 2 <= 1;
    });
    expect(inside.length / 4000).toBeCloseTo(1 - Math.exp(-2), 1);
  });
});

describe("rows", () => {
  const network = sequential({ input: [1, 4, 4], seed: 8 }, [
    conv2d({ name: "maps", filters: 2, kernelSize: 3 }),
    relu(),
    flatten(),
    dense({ name: "hidden", units: 5 }),
    relu(),
    dense({ units: 2 }),
  ]);
  const x = random(9).tensor("float32", [70, 16]).data as Float32Array;
  const y = Array.from({ length: 70 }, (_, i) => (i * i) % 2);
  const data = fromArrays({ x, y, inputDims: [1, 4, 4], classes: 2 });

  test("of a data set are its samples", async () => {
    const { rows, labels } = await rowsOf(data);
    expect(labels).toEqual(y);
    expect(rows.flatMap((row) => Array.from(row))).toEqual(Array.from(x));
    expect(rows[69]).toHaveLength(16);
  });

  test.each(["maps", "hidden"])("of %s are what a session gives for it", async (layer) => {
    const { rows, labels } = await layerRows(network, layer, data);
    const session = await InferenceSession.create(exportNetwork(network));
    const found = await session.run({ x: new Tensor("float32", x, [70, 1, 4, 4]) }, [layer]);
    const expected = Array.from(found[layer]?.data as Float32Array);
    expect(labels).toEqual(y);
    rows
      .flatMap((row) => Array.from(row))
      .forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i] as number, 5);
      });
    expect(rows.length * (rows[0] as Float32Array).length).toBe(expected.length);
  });

  test("need classes and a layer that is there", async () => {
    await expect(rowsOf(fromArrays({ x, y, inputDims: [16] }))).rejects.toThrow(/a class for each/);
    await expect(layerRows(network, "no", data)).rejects.toThrow(/"no" is not there/);
  });
});

describe("a scatter chart", () => {
  const points: Point[] = [
    [0, 0],
    [4, 0],
    [0, 2],
    [4, 2],
    [10, 10],
    [12, 8],
  ];
  const labels = [0, 0, 0, 0, 3, 3];

  test("has a mark for each point, and an ellipse and a name for each class", () => {
    const elements = elementsOf(scatterChart(points, labels, { names: ["a", "", "", "<b>"], title: "t" }));
    const groups = elements.filter(({ name, attributes }) => name === "path" && attributes["fill-opacity"]);
    expect(groups.map(({ attributes }) => attributes.d?.split("M").length)).toEqual([5, 3]);
    expect(new Set(groups.map(({ attributes }) => attributes.fill)).size).toBe(2);
    const ellipses = elements.filter(({ name }) => name === "ellipse").map(({ attributes }) => attributes);
    // One scale on both axes: the first class's variances are 16/3 and 4/3.
    expect(Number(ellipses[0]?.rx) / Number(ellipses[0]?.ry)).toBeCloseTo(2, 2);
    expect(ellipses.map(({ stroke }) => stroke)).toEqual(groups.map(({ attributes }) => attributes.fill));
    const texts = elements.filter(({ name }) => name === "text").map(({ text }) => text);
    expect(texts).toEqual(["t", "a", "<b>", "a", "<b>"]);
  });

  test("has all of it in the picture, the second axis upwards", () => {
    const places = (svg: string) =>
      elementsOf(svg)
        .filter(({ attributes }) => attributes["fill-opacity"])
        .flatMap(({ attributes }) => [...(attributes.d as string).matchAll(/M([\d.-]+) ([\d.-]+)/g)])
        .map(([, px, py]) => [Number(px), Number(py)] as const);
    const found = places(scatterChart(points, labels, { ellipses: false }));
    const [first, right, up] = found as [Point, Point, Point];
    expect(right[0] - first[0]).toBeCloseTo(2 * (first[1] - up[1]), 1);
    expect(right[1]).toBe(first[1]);
    for (const [px, py] of places(scatterChart(points, labels))) {
      expect(px).toBeGreaterThan(16);
      expect(px).toBeLessThan(536);
      expect(py).toBeGreaterThan(16);
      expect(py).toBeLessThan(536);
    }
  });

  test("marks classes apart that share a colour, and names no more than there is room for", () => {
    const many = Array.from({ length: 30 }, (_, i): Point => [i, i % 7]);
    const elements = elementsOf(
      scatterChart(
        many,
        many.map((_, i) => i),
      ),
    );
    const groups = elements.filter(({ attributes }) => attributes["fill-opacity"]);
    const looks = groups.map(
      ({ attributes }) => `${attributes.fill} ${attributes.d?.replace(/^M[^ ]+ [\d.]+/, "")}`,
    );
    expect(new Set(looks).size).toBe(30);
    expect(elements.filter(({ name }) => name === "text").map(({ text }) => text)).toContain("and 6 more");
  });

  test("needs names for its classes", () => {
    expect(() => scatterChart(points, labels, { names: ["a"] })).toThrow(/there is a class 3/);
    expect(() => scatterChart([], [])).toThrow(UsageError);
  });
});
