import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumer, consumerOfBuild } from "../support/consumer.ts";
import { blockOf, blocksOf } from "./blocks.ts";

// Blocks of docs/training.md, run from the built package: each between what it takes as given and a line that prints what it made.

const blocks = blocksOf("training.md");
let consumer: Consumer;

beforeAll(() => {
  consumer = consumerOfBuild();
});

afterAll(() => consumer?.remove());

/** Runs a block of JavaScript and prints the value of an expression behind it. */
function run<Found>(heading: string, given: string, found: string, begins = ""): Found {
  const code = `${given}\n${blockOf(blocks, heading, "js", begins)}\nconsole.log(JSON.stringify(${found}));`;
  return JSON.parse(consumer.runModule("block.mjs", code)) as Found;
}

/** The network of the page's first section, and digits. */
const GIVEN = `import { digits } from "lanewise/train";
${blockOf(blocks, "A network", "ts")}
const train = digits({ count: 96, seed: 1 });`;

test("more layers train, each at its rate", () => {
  const changed = run<Record<string, number>>(
    "Fine-tuning",
    GIVEN,
    `Object.fromEntries([...network.trainable].map((name) => {
      const [a, b] = [network, tuned].map(({ graph }) => graph.facts.get(name).data.data);
      return [name, Math.max(...a.map((value, i) => Math.abs(value - b[i])))];
    }))`,
    "import { compile, cutNetwork",
  );
  expect(Object.keys(changed)).toEqual(["conv2d.weight", "conv2d.bias", "dense.weight", "dense.bias"]);
  expect(changed["conv2d.weight"]).toBe(0);
  expect(changed["dense.weight"]).toBeGreaterThan(1e-3);
  expect(changed["dense.bias"]).toBeGreaterThan(0);
});

test("sharpness-aware minimisation learns", { timeout: 60_000 }, () => {
  const history = run<{ training: { loss: number } }[]>(
    "Sharpness-aware minimisation",
    GIVEN,
    "await trainer.fit(train, { epochs: 3, batchSize: 16 })",
  );
  expect(history[2]?.training.loss).toBeLessThan(0.7 * (history[0]?.training.loss as number));
});
