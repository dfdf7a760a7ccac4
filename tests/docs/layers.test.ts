import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumer, consumerOfBuild } from "../support/consumer.ts";
import { blockOf, blocksOf } from "./blocks.ts";

// The layers that docs/training.md puts together, run from the packed package.

let consumer: Consumer;

beforeAll(() => {
  consumer = consumerOfBuild();
});

afterAll(() => consumer?.remove());

const run = (begins: string, program: string): unknown => {
  const code = blockOf(blocksOf("training.md"), "Layers", "js", begins);
  return JSON.parse(consumer.runModule("block.mjs", `${code}\n${program}`));
};

test("a layer of one's own runs, says its name, and has a gradient", () => {
  const found = run(
    "import { conv2d, defineLayer",
    `import { exportNetwork, gradient } from "lanewise/train";
    import { InferenceSession, Tensor } from "lanewise";
    const x = new Tensor("float32", Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)), [1, 1, 8, 8]);
    const session = await gradient(network, { of: "swish", withRespectTo: "swish.beta", values: ["conv2d"] });
    const { gradients, values } = await session.run({ x });
    const [y] = Object.values(await (await InferenceSession.create(exportNetwork(network))).run({ x }));
    const sigmoid = (value) => 1 / (1 + Math.exp(-value));
    const maps = [...values.conv2d.data];
    const apart = maps.map((value, i) => Math.abs(y.data[i] - value * sigmoid(2 * value)));
    // d/dbeta of x·s(beta·x) is x²·s·(1 − s), summed over each map.
    const slopes = [0, 1, 2, 3].map((map) => maps.slice(36 * map, 36 * map + 36)
      .reduce((sum, value) => sum + value ** 2 * sigmoid(2 * value) * (1 - sigmoid(2 * value)), 0));
    const wrong = slopes.map((slope, map) => Math.abs(slope - gradients["swish.beta"].data[map]));
    let said = "";
    try { sequential({ input: [1, 8, 8] }, [learnedSwish({ initial: -1 })]); } catch (error) { said = error.message; }
    console.log(JSON.stringify({
      nodes: network.graph.nodes.map(({ name }) => name),
      beta: [...network.graph.facts.get("swish.beta").data.data],
      largest: Math.max(...apart, ...wrong),
      dims: gradients["swish.beta"].dims,
      said,
    }));`,
  ) as { largest: number };
  expect(found).toMatchObject({
    nodes: ["conv2d", "swish.scaled", "swish.gate", "swish"],
    beta: [2, 2, 2, 2],
    dims: [4, 1, 1],
    said: "learnedSwish: initial must be a finite number above 0, got -1",
  });
  expect(found.largest).toBeLessThan(1e-4);
});

test("two branches share their features", () => {
  const found = run(
    "import { concat, dense",
    `console.log(JSON.stringify([...siamese.trainable].map((name) => [name, siamese.graph.facts.get(name).dims])));`,
  );
  expect(found).toEqual([
    ["features.weight", [3, 4]],
    ["features.bias", [3]],
    ["compare.weight", [1, 6]],
    ["compare.bias", [1]],
  ]);
});
