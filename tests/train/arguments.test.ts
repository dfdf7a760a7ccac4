import { describe, expect, test } from "vitest";
import { LanewiseError, UsageError } from "../../src/errors.ts";
import * as nn from "../../src/nn/index.ts";
import * as train from "../../src/train/index.ts";

const { adam, adamW, cosine, digits, oneCycle, rmsProp, sgd, stepDecay, warmUp } = train;
const learningRate = 0.1;

describe("numbers out of their range are refused by name", () => {
  const cases: readonly (readonly [make: () => unknown, message: string])[] = [
    [() => sgd({ learningRate: -1 }), "sgd: learningRate must be a finite number of at least 0, got -1"],
    [() => sgd({ learningRate: Number.NaN }), "sgd: learningRate"],
    [
      () => sgd({ learningRate: "0.1" as never }),
      'sgd: learningRate must be a finite number of at least 0, got "0.1"',
    ],
    [
      () => sgd({ learningRate, momentum: 2 }),
      "sgd: momentum must be a finite number of at least 0 and below 1, got 2",
    ],
    [() => sgd({ learningRate, momentum: 1 }), "sgd: momentum"],
    [() => sgd({ learningRate, weightDecay: -1 }), "sgd: weightDecay"],
    [() => sgd({ learningRate, nesterov: 1 as never }), "sgd: nesterov must be true or false, got 1"],
    [
      () => adam({ learningRate, beta1: 1 }),
      "adam: beta1 must be a finite number of at least 0 and below 1, got 1",
    ],
    [() => adam({ learningRate, beta2: -0.1 }), "adam: beta2"],
    [() => adam({ learningRate, epsilon: 0 }), "adam: epsilon"],
    [() => adamW({ learningRate, weightDecay: Number.POSITIVE_INFINITY }), "adamW: weightDecay"],
    [() => rmsProp({ learningRate, decay: 1 }), "rmsProp: decay"],
    [() => rmsProp({ learningRate, momentum: 1.5 }), "rmsProp: momentum"],
    [() => cosine({ learningRate: -1 }), "cosine: learningRate"],
    [() => cosine({ learningRate, least: Number.NaN }), "cosine: least"],
    [() => oneCycle({ learningRate, rise: 2 }), "oneCycle: rise"],
    [() => oneCycle({ learningRate, endDivisor: 0 }), "oneCycle: endDivisor"],
    [() => stepDecay({ learningRate }), "stepDecay needs either every or at"],
    [
      () => stepDecay({ learningRate, every: 0 }),
      "stepDecay: every must be a whole number of at least 1, got 0",
    ],
    [() => stepDecay({ learningRate, at: [1, 2.5] }), "stepDecay: an epoch of at"],
    [() => warmUp(-1, 0.1), "warmUp: steps"],
    [() => warmUp(5, -0.1), "warmUp: learningRate"],
    [() => train.softmaxCrossEntropy({ labelSmoothing: 1 }), "softmaxCrossEntropy: labelSmoothing"],
    [() => train.hinge({ margin: Number.NaN }), "hinge: margin"],
    [() => train.accuracy({ top: 0 }), "accuracy: top"],
    [() => train.binaryAccuracy({ threshold: Number.NaN }), "binaryAccuracy: threshold"],
    [() => train.earlyStopping({ patience: -1 }), "earlyStopping: patience"],
    [() => train.checkpoints(() => {}, { every: 0 }), "checkpoints: every"],
    [() => digits({ count: 0 }), "digits: count"],
    [() => digits({ count: 1, size: 1e9 }), "digits: size"],
    [() => train.digit(10, 1), "digit: value"],
    [() => train.split(digits({ count: 5 }), 1.5, 1), "split: fraction"],
    [() => train.pick(digits({ count: 5 }), Uint32Array.of(0, 5)), "there is no sample 5 to pick"],
    [() => train.augment(digits({ count: 5 }), { scale: 1 }), "augment: scale"],
    [() => train.augment(digits({ count: 5 }), { fill: Number.NaN }), "augment: fill"],
    [
      () => train.augment(digits({ count: 5 }), { elastic: { sigma: 1e9, alpha: 1 } }),
      "augment: elastic.sigma",
    ],
    [() => train.augment(digits({ count: 5 }), { elastic: { sigma: 4 } as never }), "augment: elastic.alpha"],
    [() => nn.initializers.constant(Number.NaN), "constant: value"],
    [() => nn.network({ input: [[1, 8, 8], [4]] as never }, (x) => x), "the dims of one tensor"],
    [() => nn.network({ input: [""] }, (x) => x), "the dims of one tensor"],
    [() => nn.network({ input: [2 ** 60] }, (x) => x), "the dims of one tensor"],
    [() => nn.network({ input: [3], opset: 1.5 }, (x) => x), "opset"],
  ];
  test.each(cases.map(([make, message]) => [message, make] as const))("%s", (message, make) => {
    expect(make).toThrow(UsageError);
    expect(make).toThrow(message);
  });

  const layers: readonly (readonly [layer: () => nn.Layer, message: string])[] = [
    [() => nn.leakyRelu({ alpha: Number.NaN }), "leakyRelu: alpha"],
    [() => nn.gelu({ approximate: "erf" as never }), 'approximate must be one of "none", "tanh"'],
    [() => nn.clip({ low: "0" as never, high: 6 }), "clip: low and high must be numbers"],
    [() => nn.softmax({ axis: 0.5 }), "softmax: axis"],
    [() => nn.batchNorm({ epsilon: -1 }), "batchNorm: epsilon"],
    [() => nn.batchNorm({ momentum: Number.NaN }), "batchNorm: momentum"],
    [() => nn.layerNorm({ epsilon: Number.NaN }), "layerNorm: epsilon"],
    [() => nn.dropout({ rate: 1 }), "dropout: rate"],
    [() => nn.lpPool2d({ kernelSize: 2, p: 0 }), "lpPool2d: p"],
    [() => nn.maxPool2d({} as never), "maxPool2d: kernelSize"],
    [
      () => nn.conv2d({ filters: 2, kernelSize: 3, weightInitializer: 5 as never }),
      "the initialiser of weight",
    ],
    [() => nn.conv2d({ filters: 2, kernelSize: 3, padding: {} as never }), "conv2d: padding"],
    [() => nn.subsample2d({ stride: 0.5 }), "subsample2d: stride"],
    [() => nn.zeroPad({ width: "1" as never }), "zeroPad: width"],
    [() => nn.chain([nn.flatten(), nn.rbf({ centers: 3 as never })]), "centers must be an array"],
    [() => nn.relu({ name: 5 as never }), "relu: name must be a string, got 5"],
    [() => nn.defineLayer("own", {}, () => "nowhere"), 'its definition gave "nowhere", which is no value'],
  ];
  test.each(layers.map(([layer, message]) => [message, layer] as const))("%s", (message, layer) => {
    const build = () => nn.sequential({ input: [2, 6, 6] }, [layer()]);
    expect(build).toThrow(UsageError);
    expect(build).toThrow(message);
  });
});

describe("parameters beyond memory are a MemoryError before they are made", () => {
  const { constant, glorotNormal, heNormal, heUniform } = nn.initializers;
  const beyond: readonly (readonly [what: string, make: () => unknown])[] = [
    ["a dense layer", () => nn.sequential({ input: [1e6] }, [nn.dense({ units: 1e6 })])],
    ["of units without end", () => nn.sequential({ input: [4] }, [nn.dense({ units: 2 ** 53 - 1 })])],
    [
      "a convolution",
      () => nn.sequential({ input: [1e4, 4, 4] }, [nn.conv2d({ filters: 1e4, kernelSize: 4 })]),
    ],
    [
      "a separable one",
      () => nn.sequential({ input: [1e5, 4, 4] }, [nn.separableConv2d({ filters: 1e5, kernelSize: 1 })]),
    ],
    [
      "a transposed one",
      () => nn.sequential({ input: [1e5, 4, 4] }, [nn.convTranspose2d({ filters: 1e5, kernelSize: 1 })]),
    ],
    ["statistics", () => nn.sequential({ input: [2 ** 40, 1, 1] }, [nn.batchNorm()])],
    ["gains", () => nn.sequential({ input: [2 ** 20, 2 ** 20] }, [nn.layerNorm({ axis: 1 })])],
    [
      "many layers",
      () =>
        nn.sequential({ input: [1e4] }, [
          nn.dense({ units: 1e4, weightInitializer: () => new Float32Array(1e8) }),
          ...Array.from({ length: 20 }, () =>
            nn.dense({ units: 1e4, weightInitializer: () => new Float32Array(1e8) }),
          ),
        ]),
    ],
    ...[constant(1), heNormal(), heUniform(), glorotNormal()].map(
      (initializer, i): readonly [string, () => unknown] => [
        `initialiser ${i}`,
        () => initializer({ dims: [1e5, 1e5], fanIn: 1, fanOut: 1 }, Math.random),
      ],
    ),
  ];
  test.each(beyond)("%s", (_, make) => {
    const began = performance.now();
    let error: unknown;
    try {
      make();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "ERR_MEMORY" });
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

/** What no function asked for. */
const RUBBISH: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  Number.NaN,
  2 ** 60,
  5n,
  "",
  "rubbish",
  Symbol("rubbish"),
  {},
  { length: -1 },
  [],
  [undefined],
  [[1, 2], [3]],
  new Uint8Array(3),
  new Float64Array([Number.NaN]),
  new Map(),
  new Set(["rubbish"]),
  () => undefined,
  Object.create(null),
];

/** Calls a function with rubbish in every place; what it gives is called or awaited too. */
async function feed(name: string, call: (...args: never[]) => unknown, places: number): Promise<void> {
  const lists = [
    [],
    ...RUBBISH.map((one) => new Array<unknown>(places).fill(one)),
    ...RUBBISH.flatMap((one) =>
      Array.from({ length: places }, (_, at) =>
        Array.from({ length: places }, (_, i) => (i === at ? one : {})),
      ),
    ),
    ...RUBBISH.map((one) => [
      { input: one, learningRate: one, kernelSize: one, filters: one, count: one, classes: one },
    ]),
  ];
  for (const list of lists) {
    try {
      const made = await call(...(list as never[]));
      // A layer, an initialiser, a schedule: rubbish for what was made.
      if (typeof made === "function") for (const one of RUBBISH) await made(one, one);
    } catch (error) {
      const about = `${name}(${list.map((one) => (typeof one === "symbol" ? "symbol" : Object.prototype.toString.call(one))).join(", ")})`;
      const untyped = error instanceof LanewiseError && error.code !== "ERR_INTERNAL" ? undefined : error;
      expect(
        untyped,
        `${about}: ${untyped instanceof Error ? untyped.stack : String(untyped)}`,
      ).toBeUndefined();
    }
  }
}

const isClass = (value: unknown): boolean => typeof value === "function" && /^class\b/.test(String(value));
const functionsOf = (module: object): [string, (...args: never[]) => unknown][] =>
  Object.entries(module).filter(
    (entry): entry is [string, (...args: never[]) => unknown] =>
      typeof entry[1] === "function" && !isClass(entry[1]),
  );

describe("rubbish is answered with LanewiseErrors", () => {
  test.each(functionsOf(train))("lanewise/train: %s", (name, call) => feed(name, call, 3));
  test.each(functionsOf(nn))("lanewise/nn: %s", (name, call) => feed(name, call, 4));
  test.each(functionsOf(nn.initializers))("initializers.%s", (name, call) => feed(name, call, 2));

  test("by a trainer", async () => {
    const network = nn.sequential({ input: [3] }, [nn.dense({ units: 2 })]);
    const trainer = await train.compile(network, {
      optimizer: sgd({ learningRate }),
      loss: train.softmaxCrossEntropy(),
    });
    for (const name of [
      "fit",
      "evaluate",
      "trainStep",
      "predict",
      "restore",
      "checkpoint",
      "labelsOf",
    ] as const)
      await feed(`trainer.${name}`, (trainer[name] as (...args: never[]) => unknown).bind(trainer), 2);
    const forward = trainer.forward();
    await feed("forward.run", forward.run as never, 2);
    expect(trainer.step).toBe(0);
    for (const key of [
      "loss",
      "optimizer",
      "metrics",
      "clipNorm",
      "seed",
      "threads",
      "simd",
      "graphOptimizationLevel",
    ])
      await feed(
        `compile with ${key}`,
        ((one: unknown) =>
          train.compile(network, {
            optimizer: sgd({ learningRate }),
            loss: train.softmaxCrossEntropy(),
            [key]: one,
          })) as never,
        1,
      );
  });

  test("by a builder", async () => {
    for (const name of ["input", "constant", "node", "output", "freshName", "fact"] as const) {
      const builder = nn.graphBuilder({ name: "g" });
      builder.input("x", "float32", [1, 2]);
      await feed(`builder.${name}`, builder[name] as never, 4);
      if (name === "node")
        await feed(
          "Gemm",
          ((...rest: never[]) =>
            (builder.node as never as (...a: unknown[]) => unknown)("Gemm", ["x"], ...rest)) as never,
          2,
        );
    }
  });
});
