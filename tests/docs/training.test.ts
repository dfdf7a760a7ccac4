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

test("boxes are learnt", { timeout: 60_000 }, () => {
  const given = `import { dense, flatten, relu, sequential } from "lanewise/nn";
    const locator = sequential({ input: [1, 28, 28], seed: 1 }, [
      ...[flatten(), dense({ units: 32 }), relu(), dense({ units: 4 })],
    ]);
    const pictureWithBox = (index) => {
      const [left, top] = [3 + (index % 5) * 3, 2 + (index % 7) * 2];
      const x = new Float32Array(784);
      for (let i = 0; i < 784; i++)
        if (i % 28 >= left && i % 28 < left + 8 && i / 28 >= top && i / 28 < top + 10) x[i] = 1;
      return { x, y: [left / 28, top / 28, (left + 8) / 28, (top + 10) / 28] };
    };`;
  const scores = run<Record<string, number>>(
    "Boxes",
    given,
    "(await trainer.fit(boxes, { epochs: 60, batchSize: 16 })).at(-1).training",
  );
  expect(Object.keys(scores)).toEqual(["loss", "box IoU", "box IoU of 0.5"]);
  expect(scores["box IoU"]).toBeGreaterThan(0.5);
});

test("soft labels are learnt", { timeout: 60_000 }, () => {
  const given = `${GIVEN}
    const pictures = new Float32Array(96 * 784);
    const probabilities = new Float32Array(96 * 10).fill(0.02);
    const batch = { x: pictures, y: new Int32Array(96), count: 0 };
    for (let i = 0; i < 96; i++) {
      train.read(i, batch, i, 0);
      probabilities[i * 10 + batch.y[i]] = 0.82;
    }`;
  const scores = run<Record<string, number>>(
    "Soft labels",
    given,
    "(await student.fit(taught, { epochs: 8, batchSize: 16 })).at(-1).training",
  );
  expect(Object.keys(scores)).toEqual(["loss", "accuracy", "precision@1"]);
  expect(scores.accuracy).toBeGreaterThan(0.8);
  // Every class has some of each label.
  expect(scores["precision@1"]).toBe(1);
});

test("policies change pictures", () => {
  const changed = run<boolean[]>(
    "Policies of augmentation",
    "",
    `[found, own, drawn].map((changed) => {
      const [a, b] = [set, changed].map((data) => {
        const batch = { x: new Float32Array(20 * 784), y: new Int32Array(20), count: 0 };
        for (let i = 0; i < 20; i++) data.read(i, batch, i, 0);
        return batch.x;
      });
      return a.some((value, i) => value !== b[i]);
    })`,
  );
  expect(changed).toEqual([true, true, true]);
});

test("a recurrent network reads pictures row by row", { timeout: 60_000 }, () => {
  const losses = run<number[]>(
    "Recurrent networks",
    `import { digits, fromGenerator } from "lanewise/train";
    const pictures = digits({ count: 96, seed: 1 });
    const rows = { ...pictures, inputDims: [28, 28] };`,
    "(await trainer.fit(rows, { epochs: 6, batchSize: 16 })).map(({ training }) => training.loss)",
  );
  expect(losses.at(-1)).toBeLessThan(0.8 * (losses[0] as number));
});
