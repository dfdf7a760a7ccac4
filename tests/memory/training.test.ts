import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  relu,
  sequential,
} from "../../src/nn/index.ts";
import type { TensorData } from "../../src/tensor.ts";
import {
  accuracy,
  type CompileOptions,
  compile,
  fromGenerator,
  sgd,
  softmaxCrossEntropy,
} from "../../src/train/index.ts";

const options: CompileOptions = {
  optimizer: sgd({ learningRate: 0.05 }),
  loss: softmaxCrossEntropy(),
  metrics: [accuracy()],
};

const network = (filters = 8, layers = 2) =>
  sequential({ input: [2, 32, 32], seed: 1 }, [
    ...Array.from({ length: layers }, () => [
      conv2d({ filters, kernelSize: 3, padding: "same" }),
      batchNorm(),
      relu(),
    ]).flat(),
    globalAveragePool2d(),
    flatten(),
    dense({ units: 2 }),
  ]);

const images = (length: number) =>
  fromGenerator({
    length,
    inputDims: [2, 32, 32],
    classes: 2,
    sample: (index) => ({
      x: Float32Array.from({ length: 2048 }, (_, i) => Math.sin(index * i)),
      y: index % 2,
    }),
  });

const batch: TensorData = { dtype: "float32", dims: [3, 2, 32, 32], data: new Float32Array(6144).fill(0.5) };

/** Every memory that has been made since the test began. */
let memories: WebAssembly.Memory[] = [];
const { Memory } = WebAssembly;
// The kernels are unpacked in memories of their own, once in the process.
beforeAll(async () => {
  const trainer = await compile(network(), options);
  await trainer.fit(images(8), { epochs: 1, batchSize: 8 });
});
beforeEach(() => {
  memories = [];
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
});
afterEach(() => {
  WebAssembly.Memory = Memory;
});
const heldBytes = (): number => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

test("updates, validation, evaluation and predictions share one memory, which the epochs do not grow", async () => {
  const trainer = await compile(network(), options);
  const held: number[] = [];
  const onEpoch = async (): Promise<void> => {
    await trainer.evaluate(images(10), { batchSize: 5 });
    trainer.predict(batch);
    held.push(heldBytes());
  };
  for (const limits of [{}, { timeoutMs: 1e6 }])
    await trainer.fit(images(20), {
      epochs: 3,
      batchSize: 8,
      validation: images(12),
      callbacks: [{ onEpoch }],
      ...limits,
    });
  expect(memories).toHaveLength(1);
  expect(held.slice(1)).toEqual(held.slice(1).fill(held[0] as number));
});

test("what is evaluated there is what is evaluated in a memory of its own", async () => {
  const trainer = await compile(network(), options);
  for (let round = 0; round < 3; round++) {
    await trainer.fit(images(20), { epochs: 1, batchSize: 10 });
    const shared = await trainer.evaluate(images(12), { batchSize: 5 });
    const before = memories.length;
    expect(await trainer.evaluate(images(12), { batchSize: 5, timeoutMs: 1e6 })).toEqual(shared);
    expect(memories).toHaveLength(before + 1);
  }
});

test("who looks while an update or a validation gives turns sees the weights that are", async () => {
  const trainer = await compile(network(32, 8), options);
  const start = trainer.predict(batch);
  const seen: { step: number; scores: Float32Array }[] = [];
  const timer = setInterval(
    () => seen.push({ step: trainer.step, scores: trainer.predict(batch).data as Float32Array }),
    5,
  );
  const few = images(16);
  await trainer.fit(few, { epochs: 1, batchSize: 16, validation: images(32), timeoutMs: 1e6 });
  clearInterval(timer);
  const end = trainer.predict(batch).data;
  expect(end).not.toEqual(start.data);
  expect(seen.some(({ step }) => step === 0)).toBe(true);
  expect(seen.some(({ step }) => step === 1)).toBe(true);
  for (const { step, scores } of seen) expect(scores).toEqual(step === 0 ? start.data : end);
  // The trainer's, and one each for who came in the update and in the validation, if anybody did.
  expect(memories.length).toBeLessThanOrEqual(3);
});

test("an evaluation goes on with the weights it began with, whatever becomes of the trainer", async () => {
  const trainer = await compile(network(), options);
  const expected = await trainer.evaluate(images(12), { batchSize: 3 });
  let told = 0;
  const slow = fromGenerator({
    length: 12,
    inputDims: [2, 32, 32],
    classes: 2,
    sample: async (index) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      told++;
      return { x: Float32Array.from({ length: 2048 }, (_, i) => Math.sin(index * i)), y: index % 2 };
    },
  });
  const evaluation = trainer.evaluate(slow, { batchSize: 3 });
  await trainer.fit(images(12), { epochs: 1, batchSize: 6 });
  expect(told).toBeLessThan(12);
  trainer.release();
  expect(await evaluation).toEqual(expected);
});
