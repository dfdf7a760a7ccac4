import { describe, expect, test } from "vitest";
import { TimeoutError, UsageError } from "../../src/errors.ts";
import { InferenceSession, Tensor } from "../../src/index.ts";
import { effectiveField } from "../../src/inspect/effective-field.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import {
  add,
  averagePool2d,
  chain,
  conv2d,
  flatten,
  globalAveragePool2d,
  maxPool2d,
  network,
  relu,
  sequential,
} from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import { tensorData } from "../../src/tensor.ts";
import { exportNetwork } from "../../src/train/index.ts";
import { random } from "../support/random.ts";

/** So many convolutions 3×3 of one plane, all weights 1. */
function boxes(layers: number, size: number): Network {
  const b = graphBuilder({ name: "boxes" });
  let value = b.input("x", "float32", ["N", 1, size, size]);
  b.constant("w", tensorData("float32", [1, 1, 3, 3], new Float32Array(9).fill(1)));
  for (let i = 1; i <= layers; i++)
    value = b.node("Conv", [value, "w"], { kernelShape: [3, 3], pads: [1, 1, 1, 1] }, { outputs: [`y${i}`] });
  b.output(value);
  return { graph: b.finish(), trainable: new Set() };
}

/** (1 + z + z²)ⁿ: how many ways lead from a place to each of those that n convolutions of width 3 see. */
function trinomials(n: number): number[] {
  let row = [1];
  for (let i = 0; i < n; i++)
    row = Array.from({ length: row.length + 2 }, (_, at) =>
      [at, at - 1, at - 2].reduce((sum, k) => sum + (row[k] ?? 0), 0),
    );
  return row;
}

const deep = (): Network =>
  sequential({ input: [2, 33, 29], seed: 4 }, [
    conv2d({ filters: 6, kernelSize: 3, padding: "same" }),
    relu({ name: "near" }),
    maxPool2d({ kernelSize: 2 }),
    conv2d({ filters: 6, kernelSize: [3, 5], padding: "same" }),
    relu(),
    averagePool2d({ kernelSize: 2 }),
    conv2d({ name: "far", filters: 4, kernelSize: 3 }),
  ]);

describe("the effective receptive field", () => {
  test.each([1, 2, 5])("of %i equal convolutions 3×3 is the box convolved with itself", async (layers) => {
    const size = 2 * layers + 7;
    const { map, place, theoretical, reached, side } = await effectiveField(boxes(layers, size), {
      of: `y${layers}`,
      samples: 2,
    });
    const row = trinomials(layers);
    const at = (place: number): number => row[place - 3] ?? 0;
    const expected = Array.from({ length: size * size }, (_, i) => at(i % size) * at(Math.floor(i / size)));
    expect([map.width, map.height, place]).toEqual([size, size, { x: layers + 3, y: layers + 3 }]);
    expect(Array.from(map.data)).toEqual(expected);
    const box = { x: 3, y: 3, width: 2 * layers + 1, height: 2 * layers + 1 };
    expect([theoretical, reached]).toEqual([box, box]);
    const greatest = Math.max(...expected);
    expect(side ** 2).toBeCloseTo(expected.filter((value) => value > 0.0455 * greatest).length, 6);
  });

  test("grows by the square root of the depth, the theoretical one by the depth", async () => {
    const sides = await Promise.all(
      [4, 16].map(
        async (layers) => (await effectiveField(boxes(layers, 45), { of: `y${layers}`, samples: 1 })).side,
      ),
    );
    const [shallow, deeper] = sides as [number, number];
    expect(deeper / shallow).toBeGreaterThan(1.8);
    expect(deeper / shallow).toBeLessThan(2.2);
  });

  test.each(["near", "far"])("of %s lies in the theoretical one, and reaches its edges", async (of) => {
    const { theoretical, reached } = await effectiveField(deep(), { of, samples: 40 });
    expect(reached).toEqual(theoretical);
    // By hand, width and height: 3, 3; pooled 4, 4; 4 + 4·2, 4 + 2·2; pooled 14, 10; 14 + 2·4, 10 + 2·4.
    expect(theoretical).toMatchObject(of === "near" ? { width: 3, height: 3 } : { width: 22, height: 18 });
  });

  test("at a picture's edge is cut to the picture", async () => {
    const { theoretical, reached } = await effectiveField(boxes(5, 6), { of: "y5", samples: 1 });
    expect(theoretical).toEqual({ x: 0, y: 0, width: 6, height: 6 });
    expect(reached).toEqual(theoretical);
  });

  test("at a picture is what changing each pixel a little does", async () => {
    const net = deep();
    const dims = [1, 2, 33, 29];
    const pixels = random(9).tensor("float32", dims).data as Float32Array;
    const found = await effectiveField(net, { of: "far", pictures: [new Tensor("float32", pixels, dims)] });
    const session = await InferenceSession.create(exportNetwork(net));
    const middle = async (i: number, change: number): Promise<number> => {
      const changed = pixels.slice();
      changed[i] = (changed[i] as number) + change;
      const { far } = await session.run({ x: new Tensor("float32", changed, dims) }, ["far"]);
      const [, channels, height, width] = (far as Tensor).dims as [number, number, number, number];
      const at = found.place.y * width + found.place.x;
      const values = (far as Tensor).data as Float32Array;
      return Array.from({ length: channels }, (_, c) => values[c * height * width + at] as number).reduce(
        (a, b) => a + b,
      );
    };
    // Every thirteenth pixel; a step so small that next to no rectifier turns.
    const step = 2 ** -9;
    for (let pixel = 0; pixel < 33 * 29; pixel += 13) {
      const slopes = await Promise.all(
        [pixel, pixel + 33 * 29].map(
          async (i) => Math.abs((await middle(i, step)) - (await middle(i, -step))) / (2 * step),
        ),
      );
      const mean = ((slopes[0] as number) + (slopes[1] as number)) / 2;
      expect(Math.abs((found.map.data[pixel] as number) - mean), `pixel ${pixel}`).toBeLessThan(0.01);
    }
    expect(Math.max(...found.map.data)).toBeGreaterThan(0.1);
  });

  test("of branches is that of all of them; where all of the picture is seen, there is no theoretical one", async () => {
    const two = network({ input: [1, 15, 15] }, (x) => {
      const wide = conv2d({ filters: 2, kernelSize: 7, padding: "same" })(x);
      return add([chain([conv2d({ filters: 2, kernelSize: 1 })])(x), wide], { name: "both" });
    });
    const { theoretical, reached } = await effectiveField(two, { of: "both" });
    expect(theoretical).toEqual({ x: 4, y: 4, width: 7, height: 7 });
    expect(reached).toEqual(theoretical);
    const pooled = sequential({ input: [1, 6, 5] }, [globalAveragePool2d({ name: "pool" })]);
    const all = await effectiveField(pooled, { of: "pool", samples: 1 });
    expect(all).toMatchObject({ theoretical: undefined, reached: { x: 0, y: 0, width: 5, height: 6 } });
    for (const value of all.map.data) expect(value).toBeCloseTo(1 / 30, 6);
  });

  test("follows from the seed", async () => {
    const map = async (seed: number) =>
      Array.from((await effectiveField(deep(), { of: "far", seed, samples: 2 })).map.data);
    expect(await map(1)).toEqual(await map(1));
    expect(await map(1)).not.toEqual(await map(2));
  });

  test("ends when its time is up", async () => {
    const endless = effectiveField(deep(), { of: "far", samples: 1e9, timeoutMs: 30 });
    await expect(endless).rejects.toThrow(TimeoutError);
  });

  test.each([
    ["a value that is not there", { of: "no" }, /"no" must be feature maps .* nothing/],
    ["a row", { of: "row" }, /"row" must be feature maps .* \[1,36\]/],
    ["no pictures", { of: "x", pictures: [] }, /no pictures/],
    ["what is no picture", { of: "x", pictures: [7 as never] }, /a picture/],
    ["no samples", { of: "x", samples: 0 }, /samples/],
    ["open dims", { of: "x", inputDims: [6, 6] }, /expected \[1, C, H, W\]/],
  ])("%s is refused", async (_, options, message) => {
    const net = sequential({ input: [1, 6, 6] }, [flatten({ name: "row" })]);
    const asked = effectiveField(net, options);
    await expect(asked).rejects.toThrow(UsageError);
    await expect(asked).rejects.toThrow(message);
  });
});
