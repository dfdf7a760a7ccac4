import { describe, expect, test } from "vitest";
import { dense, sequential } from "../../src/nn/index.ts";
import * as callbackModule from "../../src/train/callbacks.ts";
import type { Loss, Metric, Optimizer, Schedule } from "../../src/train/index.ts";
import * as train from "../../src/train/index.ts";
import * as lossModule from "../../src/train/losses.ts";
import * as metricModule from "../../src/train/metrics.ts";
import * as optimizerModule from "../../src/train/optimizers.ts";
import * as scheduleModule from "../../src/train/schedules.ts";

/** The entry's functions that a module of it makes. */
const exported = (module: object): string[] =>
  Object.keys(module)
    .filter((name) => name in train)
    .sort();

const { compile, fromArrays, meanSquaredError, sgd } = train;

// A linear map from 3 features to 2 numbers, on 8 samples at once: its gradients are written down below in float64.
const SAMPLES = 8;
const x = Float32Array.from({ length: SAMPLES * 3 }, (_, i) => Math.sin(1.7 * i + 0.4));
const numbers = Float32Array.from({ length: SAMPLES * 2 }, (_, i) => Math.cos(2.3 * i));
const bits = Float32Array.from(numbers, (value) => (value > 0 ? 1 : 0));
const signs = Float32Array.from(numbers, (value) => (value > 0 ? 1 : -1));
const classes = Float32Array.from({ length: SAMPLES }, (_, i) => (i * i) % 2);

const network = sequential({ input: [3], seed: 3 }, [dense({ name: "d", units: 2 })]);
const dataOf = (y: Float32Array) =>
  fromArrays({
    x,
    y,
    inputDims: [3],
    ...(y.length === SAMPLES ? { classes: 2 } : { labelDims: [2] }),
  });

/** Weights [2, 3] and biases [2], one behind the other. */
const START = ["d.weight", "d.bias"].flatMap((name) =>
  Array.from(network.graph.facts.get(name)?.data?.data as Float32Array),
);
const weightsOf = (trainer: train.Trainer): number[] =>
  ["d.weight", "d.bias"].flatMap((name) =>
    Array.from(trainer.network().graph.facts.get(name)?.data?.data as Float32Array),
  );

const outputs = (weights: readonly number[]): number[] =>
  Array.from({ length: SAMPLES * 2 }, (_, i) => {
    const [n, unit] = [Math.floor(i / 2), i % 2];
    let sum = weights[6 + unit] as number;
    for (let k = 0; k < 3; k++) sum += (weights[unit * 3 + k] as number) * (x[n * 3 + k] as number);
    return sum;
  });

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const squaredError = (weights: readonly number[]): number =>
  mean(outputs(weights).map((value, i) => (value - (numbers[i] as number)) ** 2));

/** Central differences in float64. */
function gradientOf(loss: (weights: readonly number[]) => number, weights: readonly number[]): number[] {
  const step = 1e-5;
  const moved = (i: number, by: number): number => loss(weights.map((w, k) => (k === i ? w + by : w)));
  return weights.map((_, i) => (moved(i, step) - moved(i, -step)) / (2 * step));
}

function expectClose(found: readonly number[], expected: readonly number[], digits = 5): void {
  expect(found.length).toBe(expected.length);
  found.forEach((value, i) => {
    expect(value, `number ${i}`).toBeCloseTo(expected[i] as number, digits);
  });
}

const UPDATES = 6;

/** Weights after some updates on all samples at once, through `compile` and `fit`. */
async function trained(optimizer: Optimizer): Promise<number[]> {
  const trainer = await compile(network, { optimizer, loss: meanSquaredError() });
  await trainer.fit(dataOf(numbers), { epochs: UPDATES, batchSize: SAMPLES });
  const weights = weightsOf(trainer);
  trainer.release();
  return weights;
}

/** A weight, its moments, its gradient, and the number of the update from 1. */
type Step = (w: number, slots: number[], g: number, t: number) => number;

function byHand(step: Step): number[] {
  const slots = START.map(() => [0, 0]);
  let weights = START;
  for (let t = 1; t <= UPDATES; t++) {
    const gradient = gradientOf(squaredError, weights);
    weights = weights.map((w, i) => step(w, slots[i] as number[], gradient[i] as number, t));
  }
  return weights;
}

interface OptimizerCase {
  readonly make: (options: { readonly learningRate: number }) => Optimizer;
  readonly options: object;
  readonly step: Step;
}

const rate = 0.1;

const sgdStep = (momentum: number, nesterov: boolean, decay: number): Step => {
  return (w, slots, gradient) => {
    const g = gradient + decay * w;
    slots[0] = momentum * (slots[0] as number) + g;
    return w - rate * (nesterov ? g + momentum * slots[0] : slots[0]);
  };
};

const adamStep = (beta1: number, beta2: number, epsilon: number, decay: number, decoupled: boolean): Step => {
  return (w, slots, gradient, t) => {
    const g = gradient + (decoupled ? 0 : decay * w);
    slots[0] = beta1 * (slots[0] as number) + (1 - beta1) * g;
    slots[1] = beta2 * (slots[1] as number) + (1 - beta2) * g * g;
    const step = slots[0] / (1 - beta1 ** t) / (Math.sqrt(slots[1] / (1 - beta2 ** t)) + epsilon);
    return (decoupled ? w - rate * decay * w : w) - rate * step;
  };
};

const rmsStep = (rho: number, epsilon: number, momentum: number, decay: number): Step => {
  return (w, slots, gradient) => {
    const g = gradient + decay * w;
    slots[0] = rho * (slots[0] as number) + (1 - rho) * g * g;
    slots[1] = momentum * (slots[1] as number) + g / (Math.sqrt(slots[0]) + epsilon);
    return w - rate * slots[1];
  };
};

const OPTIMIZERS: Readonly<Record<string, readonly OptimizerCase[]>> = {
  sgd: [
    { make: train.sgd, options: {}, step: sgdStep(0, false, 0) },
    { make: train.sgd, options: { momentum: 0.8 }, step: sgdStep(0.8, false, 0) },
    {
      make: train.sgd,
      options: { momentum: 0.8, nesterov: true, weightDecay: 0.1 },
      step: sgdStep(0.8, true, 0.1),
    },
  ],
  adam: [
    { make: train.adam, options: {}, step: adamStep(0.9, 0.999, 1e-8, 0, false) },
    {
      make: train.adam,
      options: { beta1: 0.5, beta2: 0.9, epsilon: 0.01, weightDecay: 0.1 },
      step: adamStep(0.5, 0.9, 0.01, 0.1, false),
    },
  ],
  adamW: [
    { make: train.adamW, options: {}, step: adamStep(0.9, 0.999, 1e-8, 0.01, true) },
    {
      make: train.adamW,
      options: { beta1: 0.5, weightDecay: 0.3 },
      step: adamStep(0.5, 0.999, 1e-8, 0.3, true),
    },
  ],
  rmsProp: [
    { make: train.rmsProp, options: {}, step: rmsStep(0.99, 1e-8, 0, 0) },
    {
      make: train.rmsProp,
      options: { decay: 0.7, epsilon: 0.01, momentum: 0.6, weightDecay: 0.1 },
      step: rmsStep(0.7, 0.01, 0.6, 0.1),
    },
  ],
};

describe("every optimiser takes the steps that its formula says", () => {
  test("none is left out", () => {
    expect(Object.keys(OPTIMIZERS).sort()).toEqual(exported(optimizerModule));
  });

  test.each(
    Object.entries(OPTIMIZERS).flatMap(([name, cases]) =>
      cases.map((one) => [`${name} ${JSON.stringify(one.options)}`, one] as const),
    ),
  )("%s", async (_, { make, options, step }) => {
    expectClose(await trained(make({ learningRate: rate, ...options })), byHand(step), 4);
  });
});

interface ScheduleCase {
  readonly schedule: Schedule;
  /** Rates of the six updates, one an epoch. */
  readonly rates: readonly number[];
}

const half = (at: number): number => (1 + Math.cos(Math.PI * at)) / 2;

const SCHEDULES: Readonly<Record<string, readonly ScheduleCase[]>> = {
  cosine: [
    {
      schedule: train.cosine({ learningRate: 0.1, least: 0.02 }),
      rates: [0, 1, 2, 3, 4, 5].map((t) => 0.02 + 0.08 * half(t / 5)),
    },
  ],
  oneCycle: [
    {
      schedule: train.oneCycle({ learningRate: 0.1, rise: 0.4, startDivisor: 10, endDivisor: 100 }),
      rates: [
        ...[0, 1].map((t) => 0.1 - 0.09 * half(t / 2)),
        ...[0, 1, 2, 3].map((t) => 0.001 + 0.099 * half(t / 3)),
      ],
    },
  ],
  stepDecay: [
    {
      schedule: train.stepDecay({ learningRate: 0.1, factor: 0.5, every: 2 }),
      rates: [0.1, 0.1, 0.05, 0.05, 0.025, 0.025],
    },
    {
      schedule: train.stepDecay({ learningRate: 0.1, at: [1, 4] }),
      rates: [0.1, 0.01, 0.01, 0.01, 0.001, 0.001],
    },
  ],
  warmUp: [
    { schedule: train.warmUp(4, 0.1), rates: [0.025, 0.05, 0.075, 0.1, 0.1, 0.1] },
    { schedule: train.warmUp(0, 0.1), rates: [0.1, 0.1, 0.1, 0.1, 0.1, 0.1] },
    {
      schedule: train.warmUp(2, train.stepDecay({ learningRate: 0.1, every: 3 })),
      rates: [0.05, 0.1, 0.1, 0.01, 0.01, 0.01],
    },
  ],
};

describe("every schedule gives the rates that its formula says", () => {
  test("none is left out", () => {
    expect(Object.keys(SCHEDULES).sort()).toEqual(exported(scheduleModule));
  });

  test.each(
    Object.entries(SCHEDULES).flatMap(([name, cases]) =>
      cases.map((one, i) => [`${name} ${i}`, one] as const),
    ),
  )("%s", async (_, { schedule, rates }) => {
    const expected = byHand((w, _slots, g, t) => w - (rates[t - 1] as number) * g);
    expectClose(await trained(sgd({ learningRate: schedule })), expected);
  });
});

interface LossCase {
  readonly loss: Loss;
  readonly labels: Float32Array;
  /** The loss of outputs [8, 2], in float64. */
  readonly of: (outputs: readonly number[]) => number;
}

const crossEntropy =
  (smoothing: number) =>
  (scores: readonly number[]): number =>
    mean(
      Array.from({ length: SAMPLES }, (_, n) => {
        const row = scores.slice(2 * n, 2 * n + 2);
        const sum = row.reduce((total, value) => total + Math.exp(value), 0);
        return row.reduce((total, value, c) => {
          const target = smoothing / 2 + (c === classes[n] ? 1 - smoothing : 0);
          return total - target * (value - Math.log(sum));
        }, 0);
      }),
    );

const LOSSES: Readonly<Record<string, readonly LossCase[]>> = {
  meanSquaredError: [
    {
      loss: meanSquaredError(),
      labels: numbers,
      of: (y) => mean(y.map((value, i) => (value - (numbers[i] as number)) ** 2)),
    },
  ],
  softmaxCrossEntropy: [
    { loss: train.softmaxCrossEntropy(), labels: classes, of: crossEntropy(0) },
    { loss: train.softmaxCrossEntropy({ labelSmoothing: 0.2 }), labels: classes, of: crossEntropy(0.2) },
  ],
  binaryCrossEntropy: [
    {
      loss: train.binaryCrossEntropy(),
      labels: bits,
      of: (y) => mean(y.map((value, i) => Math.log(1 + Math.exp((bits[i] as number) > 0 ? -value : value)))),
    },
  ],
  hinge: [
    {
      loss: train.hinge(),
      labels: signs,
      of: (y) => mean(y.map((value, i) => Math.max(0, 1 - value * (signs[i] as number)))),
    },
    {
      loss: train.hinge({ margin: 0.3 }),
      labels: signs,
      of: (y) => mean(y.map((value, i) => Math.max(0, 0.3 - value * (signs[i] as number)))),
    },
  ],
};

describe("every loss is what its formula says, and so is its gradient", () => {
  test("none is left out", () => {
    expect(Object.keys(LOSSES).sort()).toEqual(exported(lossModule));
  });

  test.each(
    Object.entries(LOSSES).flatMap(([name, cases]) => cases.map((one, i) => [`${name} ${i}`, one] as const)),
  )("%s", async (_, { loss, labels, of }) => {
    const trainer = await compile(network, { optimizer: sgd({ learningRate: rate }), loss });
    const before = await trainer.evaluate(dataOf(labels), { batchSize: 3 });
    expect(before.loss).toBeCloseTo(of(outputs(START)), 5);
    const [epoch] = await trainer.fit(dataOf(labels), { epochs: 1, batchSize: SAMPLES });
    expect(epoch?.training.loss).toBeCloseTo(of(outputs(START)), 5);
    const gradient = gradientOf((weights) => of(outputs(weights)), START);
    expectClose(
      weightsOf(trainer),
      START.map((w, i) => w - rate * (gradient[i] as number)),
    );
  });
});

interface MetricCase {
  readonly metric: Metric;
  readonly higherIsBetter: boolean;
  readonly labels: Float32Array;
  readonly of: (outputs: readonly number[]) => number;
}

const share = (right: (i: number) => boolean, count: number): number =>
  mean(Array.from({ length: count }, (_, i) => (right(i) ? 1 : 0)));

const METRICS: Readonly<Record<string, readonly MetricCase[]>> = {
  accuracy: [
    {
      metric: train.accuracy(),
      higherIsBetter: true,
      labels: classes,
      of: (y) =>
        share((n) => ((y[2 * n + 1] as number) > (y[2 * n] as number) ? 1 : 0) === classes[n], SAMPLES),
    },
    { metric: train.accuracy({ top: 2 }), higherIsBetter: true, labels: classes, of: () => 1 },
  ],
  binaryAccuracy: [
    {
      metric: train.binaryAccuracy(),
      higherIsBetter: true,
      labels: bits,
      of: (y) => share((i) => ((y[i] as number) > 0 ? 1 : 0) === bits[i], 2 * SAMPLES),
    },
    {
      metric: train.binaryAccuracy({ threshold: 0.5 }),
      higherIsBetter: true,
      labels: bits,
      of: (y) => share((i) => ((y[i] as number) > 0.5 ? 1 : 0) === bits[i], 2 * SAMPLES),
    },
  ],
  meanIntersectionOverUnion: [
    {
      metric: train.meanIntersectionOverUnion(),
      higherIsBetter: true,
      labels: classes,
      of: (y) => {
        const taken = (n: number): number => ((y[2 * n + 1] as number) > (y[2 * n] as number) ? 1 : 0);
        const samples = Array.from({ length: SAMPLES }, (_, n) => n);
        return mean(
          [0, 1].map((c) => {
            const both = samples.filter((n) => taken(n) === c && classes[n] === c).length;
            return both / samples.filter((n) => taken(n) === c || classes[n] === c).length;
          }),
        );
      },
    },
  ],
  meanAbsoluteError: [
    {
      metric: train.meanAbsoluteError(),
      higherIsBetter: false,
      labels: numbers,
      of: (y) => mean(y.map((value, i) => Math.abs(value - (numbers[i] as number)))),
    },
  ],
};

describe("every metric is what its formula says", () => {
  test("none is left out", () => {
    expect(Object.keys(METRICS).sort()).toEqual(exported(metricModule));
  });

  test.each(
    Object.entries(METRICS).flatMap(([name, cases]) => cases.map((one, i) => [`${name} ${i}`, one] as const)),
  )("%s", async (_, { metric, labels, higherIsBetter, of }) => {
    expect(metric.higherIsBetter).toBe(higherIsBetter);
    const loss = labels === classes ? train.softmaxCrossEntropy() : meanSquaredError();
    // A rate of 0 leaves the weights alone.
    const optimizer = sgd({ learningRate: 0 });
    const trainer = await compile(network, { optimizer, loss, metrics: [metric] });
    const data = dataOf(labels);
    const [epoch] = await trainer.fit(data, { epochs: 1, batchSize: 3, validation: data });
    const expected = of(outputs(START));
    expect(epoch?.training[metric.name]).toBeCloseTo(expected, 5);
    expect(epoch?.validation?.[metric.name]).toBeCloseTo(expected, 5);
    expect((await trainer.evaluate(data, { batchSize: 5 }))[metric.name]).toBeCloseTo(expected, 5);
  });
});

/** A metric that says, epoch by epoch, what it is told to. */
function scripted(name: string, higherIsBetter: boolean, values: readonly number[]): Metric {
  let epoch = 0;
  return { name, higherIsBetter, start: () => ({ add() {}, value: () => values[epoch++] ?? Number.NaN }) };
}

/** What a callback leaves of the weights: the epoch, from 0, whose weights they are, and how many epochs there were. */
async function outcome(
  metric: Metric,
  callback: train.Callback,
  epochs: number,
): Promise<{ readonly epoch: number; readonly epochs: number }> {
  const optimizer = sgd({ learningRate: rate });
  const trainer = await compile(network, { optimizer, loss: meanSquaredError(), metrics: [metric] });
  const seen: string[] = [];
  const watch: train.Callback = {
    onEpoch: () => {
      seen.push(weightsOf(trainer).join());
    },
  };
  await trainer.fit(dataOf(numbers), { epochs, batchSize: SAMPLES, callbacks: [watch, callback] });
  return { epoch: seen.indexOf(weightsOf(trainer).join()), epochs: seen.length };
}

const CALLBACKS: Readonly<Record<string, () => Promise<void>>> = {
  async earlyStopping() {
    const watch = (name: string, more: object = {}): train.Callback =>
      train.earlyStopping({ watch: `training.${name}`, patience: 2, ...more });
    const up = [1, 5, 3, 2, 9, 9];
    const down = [9, 5, 7, 8, 1, 1];
    // The metric says which way is up, whatever it is called.
    expect(await outcome(scripted("error.of.nothing", true, up), watch("error.of.nothing"), 6)).toEqual({
      epoch: 1,
      epochs: 4,
    });
    expect(await outcome(scripted("mean deviation", false, down), watch("mean deviation"), 6)).toEqual({
      epoch: 1,
      epochs: 4,
    });
    expect(
      await outcome(scripted("m", true, down), watch("m", { higherIsBetter: false, restoreBest: false }), 6),
    ).toEqual({ epoch: 3, epochs: 4 });
    // What is no number is no best, and does not stay one.
    const late = [Number.NaN, 4, Number.NaN, 5, 1, 1];
    expect(await outcome(scripted("m", true, late), watch("m"), 6)).toEqual({ epoch: 3, epochs: 6 });
    // By default the loss, of which less is better; it falls all the time here.
    expect(
      await outcome(scripted("m", true, []), train.earlyStopping({ watch: "training.loss" }), 3),
    ).toEqual({
      epoch: 2,
      epochs: 3,
    });
  },

  async checkpoints() {
    const saved: [epoch: number, bytes: Uint8Array][] = [];
    const save = (bytes: Uint8Array, report: train.EpochReport): void => {
      saved.push([report.epoch, bytes]);
    };
    await outcome(scripted("m", true, []), train.checkpoints(save, { every: 2 }), 5);
    expect(saved.splice(0).map(([epoch]) => epoch)).toEqual([1, 3]);
    const best = { watch: "training.loss of hair", bestOnly: true } as const;
    await outcome(scripted("loss of hair", true, [1, 3, 2, 4]), train.checkpoints(save, best), 4);
    expect(saved.map(([epoch]) => epoch)).toEqual([0, 1, 3]);
    const optimizer = sgd({ learningRate: rate });
    const again = await compile(network, { optimizer, loss: meanSquaredError() });
    again.restore(saved[1]?.[1] as Uint8Array);
    let weights = START;
    for (let t = 0; t < 2; t++) {
      const gradient = gradientOf(squaredError, weights);
      weights = weights.map((w, i) => w - rate * (gradient[i] as number));
    }
    expectClose(weightsOf(again), weights);
  },
};

describe("every callback does what it says", () => {
  test("none is left out", () => {
    expect(Object.keys(CALLBACKS).sort()).toEqual(exported(callbackModule));
  });
  test.each(Object.entries(CALLBACKS))("%s", (_, check) => check());

  test("each fit starts anew, and refuses at once to watch what is not there", async () => {
    const trainer = await compile(network, {
      optimizer: sgd({ learningRate: rate }),
      loss: meanSquaredError(),
    });
    const stop = train.earlyStopping({ watch: "training.loss", patience: 1 });
    const data = dataOf(numbers);
    await trainer.fit(data, { epochs: 2, callbacks: [stop] });
    const other = await compile(network, { optimizer: sgd({ learningRate: 0 }), loss: meanSquaredError() });
    await other.fit(data, { epochs: 1, callbacks: [stop] });
    expectClose(weightsOf(other), START);
    for (const watch of ["validation.loss", "training.accuracy", "accuracy", "other.loss"] as const)
      for (const callback of [
        () => train.earlyStopping({ watch: watch as "training.loss" }),
        () => train.checkpoints(() => {}, { watch: watch as "training.loss", bestOnly: true }),
      ])
        await expect(
          (async () => trainer.fit(data, { epochs: 1, callbacks: [callback()] }))(),
        ).rejects.toThrow(watch);
  });
});
