import { describe, expect, test } from "vitest";
import { TimeoutError, UsageError } from "../../src/errors.ts";
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
import { decodeCheckpoint } from "../../src/train/checkpoint.ts";
import {
  accuracy,
  binaryAccuracy,
  type Callback,
  CheckpointError,
  type CompileOptions,
  compile,
  DataError,
  type Dataset,
  digits,
  type FitOptions,
  featuresOf,
  fromArrays,
  fromGenerator,
  inMemory,
  type Loss,
  meanSquaredError,
  sgd,
  softmaxCrossEntropy,
  type Trainer,
} from "../../src/train/index.ts";

const small = () =>
  sequential({ input: [3], seed: 5 }, [dense({ units: 4 }), batchNorm(), relu(), dense({ units: 2 })]);
const options: CompileOptions = {
  optimizer: sgd({ learningRate: 0.1, momentum: 0.5 }),
  loss: softmaxCrossEntropy(),
  metrics: [accuracy()],
};
const data = fromArrays({
  x: Float32Array.from({ length: 60 }, (_, i) => Math.sin(3 * i)),
  y: Array.from({ length: 20 }, (_, i) => i % 2),
  inputDims: [3],
  classes: 2,
});

/** Samples whose reading takes some time: of the processor, or of a timer. */
const slow = (ms: number, wait: "busy" | "timer" | "never"): Dataset =>
  fromGenerator({
    length: 20,
    inputDims: [3],
    classes: 2,
    sample(index) {
      const made = { x: [index, 1, 0], y: index % 2 };
      if (wait === "timer") return new Promise((resolve) => setTimeout(() => resolve(made), ms));
      if (wait === "never") return new Promise(() => {});
      for (const end = performance.now() + ms; performance.now() < end; );
      return made;
    },
  });

/** A fit of a new trainer. */
async function fitted(set: Dataset, how: FitOptions): Promise<unknown> {
  const trainer = await compile(small(), options);
  return trainer.fit(set, how);
}

/** Milliseconds that a rejection took, and what it was. */
async function ended(
  work: () => Promise<unknown>,
): Promise<{ readonly error: unknown; readonly ms: number }> {
  const began = performance.now();
  const error = await work().then(
    () => undefined,
    (reason) => reason,
  );
  return { error, ms: performance.now() - began };
}

const abortAfter = (ms: number): AbortSignal => {
  const control = new AbortController();
  setTimeout(() => control.abort(new Error("enough")), ms);
  return control.signal;
};

/** The checkpoint at each number of updates. */
async function course(trainer: Trainer, updates: number): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [trainer.checkpoint()];
  const onBatch: Callback["onBatch"] = (_, control) => {
    all.push(control.trainer.checkpoint());
    if (all.length > updates) control.stop();
  };
  await trainer.fit(data, { epochs: 1e6, batchSize: 8, callbacks: [{ onBatch }] });
  return all;
}

describe("a signal or a time ends", () => {
  /** 200 ms where nothing else runs; tests share the machine. */
  const SOON = 2000;
  const works: readonly [
    string,
    (limits: { signal?: AbortSignal; timeoutMs?: number }) => Promise<unknown>,
  ][] = [
    ["training", async (limits) => fitted(data, { epochs: 1e9, ...limits })],
    [
      "training on samples that take long",
      async (limits) => fitted(slow(40, "busy"), { epochs: 1e3, ...limits }),
    ],
    [
      "training on samples that are waited for",
      async (limits) => fitted(slow(5000, "timer"), { epochs: 2, ...limits }),
    ],
    [
      "training on samples that never come",
      async (limits) => fitted(slow(0, "never"), { epochs: 2, ...limits }),
    ],
    ["validation", async (limits) => fitted(data, { epochs: 1, validation: slow(40, "busy"), ...limits })],
    [
      "a callback",
      async (limits) =>
        fitted(data, {
          epochs: 1,
          callbacks: [{ onEpoch: () => new Promise(() => {}) }],
          ...limits,
        }),
    ],
    ["evaluation", async (limits) => (await compile(small(), options)).evaluate(slow(40, "busy"), limits)],
    ["reading into memory", (limits) => inMemory(slow(40, "busy"), limits)],
    ["features", (limits) => featuresOf(small(), slow(40, "busy"), { batchSize: 4, ...limits })],
  ];

  test.each(works)("%s", async (_, work) => {
    const aborted = await ended(() => work({ signal: abortAfter(60) }));
    expect((aborted.error as Error).message).toBe("enough");
    expect(aborted.ms).toBeLessThan(60 + SOON);
    const late = await ended(() => work({ timeoutMs: 60 }));
    expect(late.error).toBeInstanceOf(TimeoutError);
    expect(late.error).toMatchObject({ code: "ERR_TIMEOUT", timeoutMs: 60 });
    expect(late.ms).toBeLessThan(60 + SOON);
    const before = await ended(() => work({ signal: AbortSignal.abort("no") }));
    expect(before.error).toBe("no");
  });

  test("no work that is done in time", async () => {
    const trainer = await compile(small(), options);
    const limits = { timeoutMs: 1e12, signal: new AbortController().signal };
    expect(await trainer.fit(data, { epochs: 2, validation: slow(1, "timer"), ...limits })).toHaveLength(2);
    expect(await trainer.evaluate(data, limits)).toHaveProperty("accuracy");
  });

  test("training at the last whole update, from which it can go on", async () => {
    const whole = await course(await compile(small(), options), 40);
    const trainer = await compile(small(), options);
    const signal = abortAfter(400);
    const { error } = await ended(() => trainer.fit(data, { epochs: 1e6, batchSize: 8, signal }));
    expect((error as Error).message).toBe("enough");
    expect(trainer.step).toBeGreaterThan(0);
    const rest = await compile(small(), options);
    rest.restore(trainer.checkpoint());
    if (trainer.step <= 40) expect(trainer.checkpoint()).toEqual(whole[trainer.step]);
    const history = await trainer.fit(data, { epochs: 1, batchSize: 8 });
    expect(history).toHaveLength(1);
  });

  test("a long update in its middle, whose states are then those before it", async () => {
    const dims = [16, 40, 40];
    const wide = () =>
      sequential({ input: [16, 40, 40], seed: 2 }, [
        conv2d({ filters: 48, kernelSize: 3 }),
        batchNorm(),
        relu(),
        conv2d({ filters: 48, kernelSize: 3 }),
        batchNorm(),
        flatten(),
        dense({ units: 2 }),
      ]);
    const images = fromGenerator({
      length: 64,
      inputDims: dims,
      classes: 2,
      sample: (index) => ({ x: new Float32Array(16 * 40 * 40).fill(Math.sin(index)), y: index % 2 }),
    });
    const trainer = await compile(wide(), options);
    const limits = { timeoutMs: 350 };
    const { error } = await ended(() => trainer.fit(images, { epochs: 1e6, ...limits }));
    expect(error).toBeInstanceOf(TimeoutError);
    const again = await compile(wide(), options);
    if (trainer.step > 0) {
      const onBatch: Callback["onBatch"] = ({ step }, control) => {
        if (step === trainer.step) control.stop();
      };
      await again.fit(images, { epochs: 1e6, callbacks: [{ onBatch }] });
    }
    const states = (bytes: Uint8Array) => decodeCheckpoint(bytes).states;
    expect(states(trainer.checkpoint())).toEqual(states(again.checkpoint()));
  });
});

describe("an update or a forward pass that takes long", () => {
  const slowNetwork = () =>
    sequential({ input: [8, 64, 64], seed: 1 }, [
      ...Array.from({ length: 12 }, () => [
        conv2d({ filters: 24, kernelSize: 3, padding: "same" }),
        batchNorm(),
        relu(),
      ]).flat(),
      globalAveragePool2d(),
      flatten(),
      dense({ units: 2 }),
    ]);
  const images = fromGenerator({
    length: 64,
    inputDims: [8, 64, 64],
    classes: 2,
    sample: (index) => ({ x: new Float32Array(8 * 64 * 64).fill(index / 64), y: index % 2 }),
  });

  test("is broken off, and leaves what was before it", async () => {
    const trainer = await compile(slowNetwork(), options);
    const seen: Uint8Array[] = [];
    const timer = setInterval(() => seen.push(trainer.checkpoint()), 10);
    const start = trainer.checkpoint();
    for (const timeoutMs of [100, 400]) {
      const { error, ms } = await ended(() => trainer.fit(images, { epochs: 1, batchSize: 16, timeoutMs }));
      expect(error).toBeInstanceOf(TimeoutError);
      expect(ms).toBeLessThan(timeoutMs + 300);
    }
    clearInterval(timer);
    expect(trainer.step).toBe(0);
    expect(trainer.checkpoint()).toEqual(start);
    // Whoever looks in between sees the same.
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.every((one) => Buffer.compare(one, start) === 0)).toBe(true);
    const { error, ms } = await ended(() =>
      trainer.evaluate(images, { batchSize: 16, signal: abortAfter(60) }),
    );
    expect((error as Error).message).toBe("enough");
    expect(ms).toBeLessThan(60 + 300);
  });

  test("is the same update in turns as at one stretch", async () => {
    const whole = await compile(slowNetwork(), options);
    const few = { ...images, length: 6 };
    await whole.fit(few, { epochs: 1, batchSize: 3 });
    const inTurns = await compile(slowNetwork(), options);
    await inTurns.fit(few, { epochs: 1, batchSize: 3, timeoutMs: 1e6 });
    expect(inTurns.checkpoint()).toEqual(whole.checkpoint());
  });

  test("lets a release wait for it", async () => {
    const trainer = await compile(slowNetwork(), options);
    setTimeout(() => trainer.release(), 50);
    await expect(trainer.fit(images, { epochs: 1, batchSize: 4, timeoutMs: 1e6 })).rejects.toThrow(
      "released",
    );
  });
});

describe("while a fit goes on", () => {
  test("others may look, but not change", async () => {
    const trainer = await compile(small(), options);
    const saved = trainer.checkpoint();
    const refused: unknown[] = [];
    const batch = {
      x: { dtype: "float32", dims: [1, 3], data: new Float32Array(3) } satisfies TensorData,
      labels: { dtype: "int32", dims: [1], data: new Int32Array(1) } satisfies TensorData,
    };
    const attempt = async (change: () => unknown): Promise<void> => {
      refused.push(
        await (async () => change())().then(
          () => undefined,
          (error) => error,
        ),
      );
    };
    const onBatch: Callback["onBatch"] = async () => {
      await attempt(() => trainer.fit(data, { epochs: 1 }));
      await attempt(() => trainer.trainStep(batch, { stepsPerEpoch: 1, epochs: 1 }));
      await attempt(() => trainer.restore(saved));
      expect(await trainer.evaluate(data)).toHaveProperty("accuracy");
      expect(trainer.predict(batch.x).dims).toEqual([1, 2]);
      expect(trainer.network().trainable.size).toBe(6);
      expect(trainer.checkpoint()).toBeInstanceOf(Uint8Array);
    };
    const first = trainer.fit(data, {
      epochs: 1,
      callbacks: [{ onBatch, onEnd: () => trainer.restore(saved) as never }],
    });
    await attempt(() => trainer.fit(data, { epochs: 1 }));
    await first;
    expect(refused).toHaveLength(4);
    for (const error of refused) expect(error).toBeInstanceOf(UsageError);
    expect((refused[0] as Error).message).toMatch(/fit: the trainer is in a fit/);
    expect(trainer.checkpoint()).toEqual(saved);
    await trainer.fit(data, { epochs: 1 });
  });

  test("what throws ends it, and the trainer is free again", async () => {
    const trainer = await compile(small(), options);
    for (const hook of ["onStart", "onBatch", "onEpoch", "onEnd"] as const) {
      const callback: Callback = {
        [hook]: () => {
          throw new Error(hook);
        },
      };
      await expect(trainer.fit(data, { epochs: 1, callbacks: [callback] })).rejects.toThrow(hook);
      await trainer.fit(data, { epochs: 1 });
    }
    const broken = fromGenerator({
      length: 4,
      inputDims: [3],
      classes: 2,
      sample: () => Promise.reject(new Error("no disk")),
    });
    await expect(trainer.fit(broken, { epochs: 1 })).rejects.toThrow("no disk");
    trainer.release();
    await expect(trainer.fit(data, { epochs: 1 })).rejects.toThrow("released");
  });

  test("the same weights come of it whether the event loop has its turns or not", async () => {
    const weights = async (set: Dataset): Promise<Uint8Array> => {
      const trainer = await compile(small(), options);
      await trainer.fit(set, { epochs: 2, batchSize: 8 });
      return trainer.checkpoint();
    };
    const late = (index: number) => ({
      x: [0, 1, 2].map((k) => Math.fround(Math.sin(3 * (index * 3 + k)))),
      y: index % 2,
    });
    const common = { length: 20, inputDims: [3], classes: 2 };
    const busy = (index: number) => {
      for (const end = performance.now() + 7; performance.now() < end; );
      return late(index);
    };
    const quick = await weights(fromGenerator({ ...common, sample: late }));
    expect(await weights(fromGenerator({ ...common, sample: busy }))).toEqual(quick);
    expect(await weights(fromGenerator({ ...common, sample: async (index) => late(index) }))).toEqual(quick);
  });
});

describe("one update", () => {
  const progress = { stepsPerEpoch: 1, epochs: 1 };
  const tensor = (dims: readonly number[], value = 0.5): TensorData => ({
    dtype: "float32",
    dims,
    data: new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(value),
  });
  const labels = (...values: number[]): TensorData => ({
    dtype: "int32",
    dims: [values.length],
    data: Int32Array.from(values),
  });

  test("refuses batches that do not suit, and changes nothing", async () => {
    const trainer = await compile(small(), options);
    const before = trainer.checkpoint();
    const step =
      (x: TensorData, y: TensorData, more: object = {}) =>
      () =>
        trainer.trainStep({ x, labels: y }, { ...progress, ...more });
    expect(step(tensor([2, 3]), labels(0, 2))).toThrow(DataError);
    expect(step(tensor([2, 3]), labels(0, 2))).toThrow("number 1 is 2, expected 0 to 1");
    expect(step(tensor([2, 3]), labels(-1, 0))).toThrow(DataError);
    for (const wrong of [
      step(tensor([2, 4]), labels(0, 1)),
      step(tensor([0, 3]), labels()),
      step(tensor([2, 3]), labels(0)),
      step(tensor([2, 3]), tensor([2])),
      step({ ...tensor([2, 3]), data: new Float32Array(5) }, labels(0, 1)),
      step({ ...tensor([2, 3]), data: new Float64Array(6) as never }, labels(0, 1)),
      step(tensor([2, 3]), labels(0, 1), { stepsPerEpoch: 0 }),
      step(undefined as never, labels(0)),
    ])
      expect(wrong).toThrow(UsageError);
    expect(trainer.checkpoint()).toEqual(before);
  });

  test("refuses a learning rate that is none", async () => {
    for (const learningRate of [() => Number.NaN, () => -1, () => "0.1" as never]) {
      const trainer = await compile(small(), { ...options, optimizer: sgd({ learningRate }) });
      await expect(trainer.fit(data, { epochs: 1 })).rejects.toThrow(
        "the learning rate of update 1 must be a finite number of at least 0",
      );
    }
  });

  test("goes on to its end when what is told of its steps throws", async () => {
    const trainer = await compile(small(), options);
    const plain = await compile(small(), options);
    const batch = { x: tensor([2, 3]), labels: labels(0, 1) };
    plain.trainStep(batch, progress);
    let calls = 0;
    const tell = (): never => {
      calls++;
      trainer.trainStep(batch, progress);
      throw new Error("not reached");
    };
    expect(() => trainer.trainStep(batch, progress, tell)).toThrow("update 1 is under way");
    expect(calls).toBe(1);
    expect(trainer.step).toBe(1);
    expect(trainer.checkpoint()).toEqual(plain.checkpoint());
  });

  test("leaves running statistics too as they were when the loss is no number", async () => {
    const trainer = await compile(small(), options);
    trainer.trainStep({ x: tensor([2, 3]), labels: labels(0, 1) }, progress);
    const before = trainer.checkpoint();
    const wild = { x: tensor([2, 3], Number.NaN), labels: labels(0, 1) };
    expect(() => trainer.trainStep(wild, progress)).toThrow(
      /the loss is NaN at update 2 \(first in the input\)/,
    );
    expect(trainer.checkpoint()).toEqual(before);
  });
});

describe("data", () => {
  test("may come in batches larger than it is", async () => {
    const trainer = await compile(small(), options);
    const same = await compile(small(), options);
    await trainer.fit(data, { epochs: 1, batchSize: 1e9, validation: data });
    await same.fit(data, { epochs: 1, batchSize: 20, validation: data });
    expect(trainer.checkpoint()).toEqual(same.checkpoint());
    expect(await trainer.evaluate(data, { batchSize: 2 ** 53 - 1 })).toHaveProperty("loss");
  });

  test("beyond memory is a MemoryError", async () => {
    const endless = fromGenerator({
      length: 2 ** 32 - 1,
      inputDims: [3],
      classes: 2,
      sample: () => ({ x: [], y: 0 }),
    });
    const trainer = await compile(small(), options);
    const memory = { code: "ERR_MEMORY" };
    await expect(trainer.fit(endless, { epochs: 1, batchSize: 1e9 })).rejects.toMatchObject(memory);
    await expect(trainer.evaluate(endless, { batchSize: 1e9 })).rejects.toMatchObject(memory);
    await expect(inMemory(endless)).rejects.toMatchObject(memory);
  });

  test("without samples is refused, and so is what does not suit", async () => {
    const trainer = await compile(small(), options);
    const empty = fromArrays({ x: new Float32Array(0), y: [], inputDims: [3], classes: 2 });
    expect((await inMemory(empty)).length).toBe(0);
    expect((await featuresOf(small(), empty)).length).toBe(0);
    await expect(trainer.fit(empty, { epochs: 1 })).rejects.toThrow("arrays has no samples");
    await expect(trainer.evaluate(empty)).rejects.toThrow(UsageError);
    await expect(trainer.fit(data, { epochs: 1, validation: empty })).rejects.toThrow(UsageError);
    await expect(trainer.fit({ ...data, classes: 3 }, { epochs: 1 })).rejects.toThrow(
      "3 classes, the network tells 2",
    );
  });

  test("of label maps trains with a loss that takes them, and is a UsageError for one that does not", async () => {
    const mapLoss: Loss = {
      name: "per pixel",
      labels: ([n = 0, classes = 0, ...places]) => ({ dtype: "int32", dims: [n, ...places], classes }),
      build: (builder, output, labels) => builder.node("SoftmaxCrossEntropyLoss", [output, labels]),
    };
    const segmenter = sequential({ input: [1, 4, 4], seed: 2 }, [
      conv2d({ filters: 3, kernelSize: 3, padding: "same" }),
    ]);
    const sample = (index: number) => {
      const x = Float32Array.from({ length: 16 }, (_, i) => (i * 7 + index) % 3);
      return { x, y: x };
    };
    const common = { length: 12, inputDims: [1, 4, 4], labelDims: [4, 4], classes: 3 };
    const maps = fromGenerator({ ...common, sample });
    const optimizer = sgd({ learningRate: 0.3, momentum: 0.9 });
    const trainer = await compile(segmenter, { optimizer, loss: mapLoss });
    const history = await trainer.fit(maps, { epochs: 40, batchSize: 5, validation: await inMemory(maps) });
    expect(history[0]?.training.loss).toBeGreaterThan(0.5);
    expect(history.at(-1)?.validation?.loss).toBeLessThan(0.1);
    const wrong = fromGenerator({ ...common, sample: (i) => ({ ...sample(i), y: new Array(16).fill(3) }) });
    await expect(trainer.fit(wrong, { epochs: 1 })).rejects.toThrow(DataError);
    const measured = await compile(segmenter, { optimizer, loss: mapLoss, metrics: [binaryAccuracy()] });
    await expect(measured.fit(maps, { epochs: 1 })).rejects.toThrow("accuracy: an output of [");
    const flat = await compile(sequential({ input: [1, 4, 4] }, [flatten(), dense({ units: 3 })]), {
      optimizer,
      loss: softmaxCrossEntropy(),
    });
    await expect(flat.fit(maps, { epochs: 1 })).rejects.toThrow(
      "the loss takes classes as labels, generator has classes [4,4]",
    );
    const numbers = await compile(segmenter, { optimizer, loss: meanSquaredError() });
    await expect(numbers.fit(maps, { epochs: 1 })).rejects.toThrow(UsageError);
  });
});

describe("a fit goes on from a checkpoint", () => {
  test("but not from one of epochs with more batches", async () => {
    const trainer = await compile(small(), options);
    const saved: Uint8Array[] = [];
    const onBatch: Callback["onBatch"] = (_, control) => {
      saved.push(control.checkpoint());
    };
    await trainer.fit(data, { epochs: 1, batchSize: 4, callbacks: [{ onBatch }] });
    const other = await compile(small(), options);
    const start = other.checkpoint();
    await expect(
      other.fit(data, { epochs: 1, batchSize: 10, resume: saved[3] as Uint8Array }),
    ).rejects.toThrow(CheckpointError);
    expect(other.checkpoint()).toEqual(start);
    await other.fit(data, { epochs: 1, batchSize: 4, resume: saved[3] as Uint8Array });
    expect(other.checkpoint()).toEqual(trainer.checkpoint());
  });
});

test("timers get their turns at intervals, not at every batch", async () => {
  const network = sequential({ input: [1, 28, 28] }, [flatten(), dense({ units: 10 })]);
  const trainer = await compile(network, options);
  const set = await inMemory(digits({ count: 400 }));
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const began = performance.now();
  await trainer.fit(set, { epochs: 10, batchSize: 4 });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
  expect(turns).toBeLessThan((performance.now() - began) / 6);
});
