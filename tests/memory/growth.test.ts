import { describe, expect, test } from "vitest";
import { InferenceSession, type Results } from "../../src/session.ts";
import { Tensor } from "../../src/tensor.ts";
import { float, model, node } from "../support/onnx-model.ts";
import { random } from "../support/random.ts";
import { randomFloats } from "../support/small-model.ts";

const image = { dtype: "float32", dims: [1, "c", "h", "w"] } as const;
const { tensor } = random(4);

/** A convolution, an upsampling, a convolution. */
const upscaling = model({
  inputs: { x: { ...image, dims: [1, 3, "h", "w"] } },
  outputs: ["y"],
  initializers: {
    wide: tensor("float32", [8, 3, 3, 3]),
    narrow: tensor("float32", [3, 8, 3, 3]),
    scales: { dtype: "float32", dims: [4], data: Float32Array.of(1, 1, 2, 2) },
  },
  nodes: [
    node("Conv", ["x", "wide"], ["a"], { pads: [1, 1, 1, 1] }),
    node("Relu", ["a"], ["b"]),
    node("Resize", ["b", "", "scales"], ["c"], { mode: "linear" }),
    node("Conv", ["c", "narrow"], ["y"], { pads: [1, 1, 1, 1] }),
  ],
});

/** The gradient's length, as Sobel's operator has it. */
const sobel = model({
  inputs: { x: { ...image, dims: [1, 1, "h", "w"] } },
  outputs: ["y"],
  initializers: {
    edges: {
      dtype: "float32",
      dims: [2, 1, 3, 3],
      data: Float32Array.of(-1, 0, 1, -2, 0, 2, -1, 0, 1, -1, -2, -1, 0, 0, 0, 1, 2, 1),
    },
  },
  nodes: [
    node("Conv", ["x", "edges"], ["d"], { pads: [1, 1, 1, 1] }),
    node("ReduceL2", ["d"], ["y"], { axes: [1] }),
  ],
  opset: 13,
});

/** What is larger than half of it is found first, and then scaled: the plan ends where that is known. */
const threshold = model({
  inputs: { x: { dtype: "float32", dims: ["n"] } },
  outputs: ["y"],
  initializers: {
    half: { dtype: "float32", dims: [], data: Float32Array.of(0.5) },
    column: { dtype: "int64", dims: [1], data: BigInt64Array.of(-1n) },
  },
  nodes: [
    node("Greater", ["x", "half"], ["g"]),
    node("NonZero", ["g"], ["places"]),
    node("Reshape", ["places", "column"], ["flat"]),
    node("Gather", ["x", "flat"], ["found"]),
    node("LeakyRelu", ["found"], ["y"], { alpha: float(0.5) }),
  ],
});

const feed = (channels: number, side: number) => ({
  x: new Tensor(randomFloats(channels * side * side, side), [1, channels, side, side]),
});

const steps = (first: number, last: number, by: number): number[] =>
  Array.from({ length: (last - first) / by + 1 }, (_, i) => first + i * by);

const bytesOf = ({ y }: Results): Buffer => {
  const { buffer } = (y as Tensor).data as Float32Array;
  return Buffer.from(buffer);
};

/** The bytes of a session that ran all sides beside those of one that ran the last alone; both say the same of it. */
async function afterGrowth(
  bytes: Uint8Array,
  channels: number,
  sides: readonly number[],
  { create }: Pick<typeof InferenceSession, "create"> = InferenceSession,
  threads = 1,
) {
  const grown = await create(bytes, { threads });
  let last: Results = {};
  for (const side of sides) last = await grown.run(feed(channels, side));
  const fresh = await create(bytes, { threads });
  const alone = await fresh.run(feed(channels, sides.at(-1) as number));
  expect(Buffer.compare(bytesOf(alone), bytesOf(last))).toBe(0);
  const usage = { grown: grown.memoryUsage(), fresh: fresh.memoryUsage() };
  await grown.release();
  await fresh.release();
  return usage;
}

describe("one session that is fed ever larger images holds little more than a fresh one", () => {
  const cases = [
    ["a convolution and a resize, by 8 from 64 to 640", upscaling, 3, steps(64, 640, 8)],
    ["Sobel's operator, 32² to 1024²", sobel, 1, [32, 64, 128, 256, 512, 1024]],
    ["one small size first", upscaling, 3, [8, 128]],
    ["up and down", upscaling, 3, [64, 160, 72, 168, 80, 176, 64, 184, 72, 192]],
  ] as const;
  for (const [what, bytes, channels, sides] of cases) {
    test(what, async () => {
      const { grown, fresh } = await afterGrowth(bytes, channels, sides);
      expect(grown.totalBytes).toBeLessThanOrEqual(1.3 * fresh.totalBytes);
    });
  }

  test("on two threads", async () => {
    // The built package, beside which its workers lie.
    const entry = new URL("../../dist/index.js", import.meta.url).href;
    const built = (await import(entry)) as typeof import("../../src/index.ts");
    const { grown, fresh } = await afterGrowth(upscaling, 3, steps(64, 208, 8), built.InferenceSession, 2);
    expect(grown.totalBytes).toBeLessThanOrEqual(1.3 * fresh.totalBytes);
  });
});

test("what only forgotten plans used is given back", async () => {
  using session = await InferenceSession.create(upscaling);
  const sides = steps(8, 8 + 39, 1);
  const held = new Set<number>();
  for (const side of [...sides, ...sides, ...sides]) await session.run(feed(3, side));
  for (const side of sides) {
    await session.run(feed(3, side));
    held.add(session.memoryUsage().totalBytes);
  }
  expect(held.size).toBe(1);
  const { weightBytes } = session.memoryUsage();
  await session.run(feed(3, 9));
  expect(session.memoryUsage().weightBytes).toBe(weightBytes);
});

test("the plans behind a shape that depends on data are forgotten with it", async () => {
  using session = await InferenceSession.create(threshold);
  const find = async (n: number, found: number): Promise<void> => {
    const x = Float32Array.from({ length: n }, (_, i) => (i < found ? 1 + i : -1));
    const { y } = await session.run({ x: new Tensor(x, [n]) });
    expect(y?.data).toEqual(x.slice(0, found));
  };
  const held: number[] = [];
  for (let round = 0; round < 4; round++) {
    for (let n = 20; n < 40; n++) for (let found = 1; found < 20; found += 2) await find(n, found);
    held.push(session.memoryUsage().totalBytes);
  }
  expect(held[3]).toBe(held[0]);
});

test("a size that is too large leaves the session as it was", async () => {
  using session = await InferenceSession.create(upscaling, { maxMemoryBytes: 4 * 2 ** 20 });
  const before = await session.run(feed(3, 32));
  const held = session.memoryUsage();
  for (const side of [200, 240, 280]) await expect(session.run(feed(3, side))).rejects.toThrow("bytes");
  expect(await session.run(feed(3, 32))).toEqual(before);
  expect(session.memoryUsage()).toEqual(held);
});
