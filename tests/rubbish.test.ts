import { describe, expect, test } from "vitest";
import * as index from "../src/index.ts";
import * as inspect from "../src/inspect/index.ts";
import * as nn from "../src/nn/index.ts";
import * as threads from "../src/threads.ts";
import * as train from "../src/train/index.ts";
import * as vision from "../src/vision/index.ts";
import { variedFeeds, variedModel } from "./support/varied-model.ts";

const ENTRIES = { index, vision, nn, train, inspect, threads };

const { LanewiseError } = index;

/** Ends with an array whose buffer has gone to another thread. */
function detached<T extends ArrayBufferView>(view: T): T {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  return view;
}

function cyclic(): object {
  const one: Record<string, unknown> = { length: 1, data: [], dims: [] };
  one.self = one;
  one.data = [one];
  return one;
}

/** What nobody should pass, made afresh for each call. */
const RUBBISH: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  zero: () => 0,
  NaN: () => Number.NaN,
  "-1": () => -1,
  "0.5": () => 0.5,
  "1e9": () => 1e9,
  "2^53": () => 2 ** 53,
  infinity: () => Number.POSITIVE_INFINITY,
  bigint: () => 10n,
  "an empty string": () => "",
  "a string": () => "rubbish",
  symbol: () => Symbol("rubbish"),
  "an empty object": () => ({}),
  "an object without prototype": () => Object.create(null),
  "a wrong object": () => ({
    data: 7,
    dims: "x",
    type: 3,
    width: -1,
    height: Number.NaN,
    input: 5,
    name: [],
  }),
  "a huge image": () => ({ data: new Uint8Array(4), width: 1e9, height: 1e9 }),
  "a huge tensor": () => ({ type: "float32", dtype: "float32", data: new Float32Array(1), dims: [1e9, 1e9] }),
  "an array-like": () => ({ length: 1e9 }),
  "an empty array": () => [],
  "an array of rubbish": () => [undefined, Number.NaN, "x", Symbol("y"), {}],
  "an array of arrays": () => [[]],
  "an array of numbers": () => [1e9, 1e9],
  "no bytes": () => new Uint8Array(),
  bytes: () => Uint8Array.of(1, 2, 3, 4),
  floats: () => Float32Array.of(Number.NaN, 1),
  "a detached buffer": () => detached(new Uint8Array(4)).buffer,
  "a detached array": () => detached(new Float32Array(4)),
  "detached bytes": () => detached(new Uint8Array(4)),
  "a function": () => () => undefined,
  "a function that gives rubbish": () => () => Symbol("rubbish"),
  map: () => new Map([["a", 1]]),
  date: () => new Date(0),
  "a cyclic object": cyclic,
};

/** Methods that everything has, and those of others' prototypes. */
const PLAIN = new Set<unknown>([Object.prototype, Array.prototype, Function.prototype, Map.prototype]);

/** What fell, by where it did; the first call that led there stands for all. */
const failures = new Map<string, string>();

const fell = (label: string, what: string): void => {
  if (!failures.has(what)) failures.set(what, label);
};

/** What lanewise calls, of what users hand it or one part hands another: callbacks, losses, threads. */
const HOOKS = /^(on[A-Z]\w*|build|labels|prepare|update|compileModule|startWorkers|createTeam|post)$/;

/** The names of an object's own methods, and of its class's. */
function methodsOf(value: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = value; at !== null && !PLAIN.has(at); at = Object.getPrototypeOf(at)) {
    if (ArrayBuffer.isView(at) || at instanceof Error || at instanceof Map) return [];
    if (Symbol.asyncIterator in at) return ["next"];
    for (const name of Object.getOwnPropertyNames(at))
      if (
        !HOOKS.test(name) &&
        name !== "constructor" &&
        typeof Object.getOwnPropertyDescriptor(at, name)?.value === "function"
      )
        names.add(name);
  }
  return [...names];
}

/** Calls it and says what it gave; what it throws must be a LanewiseError, soon, and without taking much memory. */
async function attempt(label: string, call: () => unknown): Promise<unknown> {
  const start = performance.now();
  const before = process.memoryUsage().arrayBuffers;
  try {
    const value = await call();
    return value;
  } catch (error) {
    if (!(error instanceof LanewiseError) || error instanceof index.InternalError) {
      const [message, ...stack] = error instanceof Error ? (error.stack ?? "").split("\n") : [String(error)];
      const frames = stack.filter((line) => !line.includes("rubbish.test")).slice(0, 2);
      fell(label, [message, ...frames.map((line) => line.trim())].join(" "));
    }
    return undefined;
  } finally {
    const ms = performance.now() - start;
    if (ms > MOST_MS) fell(label, `more than ${MOST_MS} ms (${Math.round(ms)})`);
    const bytes = process.memoryUsage().arrayBuffers - before;
    if (bytes > MOST_BYTES) fell(label, `more than ${MOST_BYTES} bytes (${bytes})`);
  }
}

const MOST_MS = 5000;
const MOST_BYTES = 1 << 28;

type Callable = (...args: unknown[]) => unknown;

/** Every rubbish in the first place, and every pair of them in the first two. */
async function exercise(label: string, call: Callable, depth = 0): Promise<void> {
  const results = new Map<string, unknown>();
  const see = (value: unknown): void => {
    const isNew = (typeof value === "object" && value !== null) || typeof value === "function";
    if (isNew && !results.has(String(Object.keys(value as object))))
      results.set(String(Object.keys(value as object)), value);
  };
  see(await attempt(`${label}()`, () => call()));
  for (const [first, one] of Object.entries(RUBBISH)) {
    see(await attempt(`${label}(${first})`, () => call(one())));
    if (depth > 0) continue;
    for (const [second, two] of Object.entries(RUBBISH))
      see(await attempt(`${label}(${first}, ${second})`, () => call(one(), two(), two())));
  }
  if (depth > 1) return;
  for (const value of results.values()) await exerciseResult(`${label}(…)`, value, depth + 1);
}

async function exerciseResult(label: string, value: unknown, depth: number): Promise<void> {
  if (typeof value === "function") await exercise(label, value as Callable, depth);
  else if (typeof value === "object" && value !== null)
    for (const name of methodsOf(value))
      await exercise(
        `${label}.${name}`,
        (value as Record<string, Callable>)[name]?.bind(value) as Callable,
        depth + 1,
      );
}

const isErrorClass = (value: unknown): boolean =>
  typeof value === "function" && (value === LanewiseError || value.prototype instanceof LanewiseError);

/** Functions by name, those of namespaces and static ones of classes too; what is no function is data. */
function functionsOf(entry: object, prefix: string): [string, Callable][] {
  return Object.entries(entry).flatMap(([name, value]): [string, Callable][] => {
    const label = `${prefix}.${name}`;
    if (isErrorClass(value) || HOOKS.test(name)) return [];
    if (typeof value !== "function")
      return typeof value === "object" && value !== null && !Array.isArray(value)
        ? functionsOf(value, label)
        : [];
    const isClass = /^class\b/.test(Function.prototype.toString.call(value));
    if (!isClass) return [[label, value as Callable]];
    const Made = value as unknown as new (...args: unknown[]) => object;
    const statics = Object.getOwnPropertyNames(value).filter(
      (key) => typeof (value as unknown as Record<string, unknown>)[key] === "function",
    );
    return [
      [`new ${label}`, (...args) => new Made(...args)],
      ...statics.map((key): [string, Callable] => [
        `${label}.${key}`,
        (...args) => (value as unknown as Record<string, Callable>)[key]?.apply(value, args),
      ]),
    ];
  });
}

describe.each(Object.entries(ENTRIES))(
  "rubbish given to lanewise/%s is refused by a LanewiseError",
  (name, entry) => {
    test.each(functionsOf(entry, name))(
      "%s",
      async (label, call) => {
        failures.clear();
        await exercise(label, call);
        expect([...failures].map(([what, example]) => `${example}: ${what}`)).toEqual([]);
      },
      120_000,
    );
  },
);

const image = () => ({ data: new Uint8ClampedArray(2 * 3 * 4).fill(9), width: 2, height: 3 });
const floats = (dims: readonly number[]) =>
  new index.Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
const small = () => nn.sequential({ input: [4] }, [nn.dense({ units: 2 })]);
const samples = (): train.Dataset =>
  train.fromArrays({ x: new Float32Array(8), y: [0, 1], inputDims: [4], classes: 2 });
const heatmap = () => ({ data: new Float32Array(6), width: 2, height: 3 });
const training = () => ({
  optimizer: train.adam({ learningRate: 0.1 }),
  loss: train.softmaxCrossEntropy(),
  metrics: [train.accuracy()],
});

const mapping = () =>
  nn.sequential({ input: [1, 4, 4] }, [nn.conv2d({ name: "maps", filters: 2, kernelSize: 1 })]);
const points = () => [
  [0, 0],
  [1, 0],
  [5, 5],
  [6, 5],
];

/** What an inspector of a classifier of 4×4 pictures is asked. */
async function asked(
  method: "saliency" | "smoothGrad" | "integratedGradients" | "gradCam" | "cam" | "occlusion",
  options: object,
): Promise<[Callable, readonly unknown[]]> {
  const layers = [
    nn.conv2d({ name: "maps", filters: 2, kernelSize: 1 }),
    ...(method === "cam" ? [nn.globalAveragePool2d()] : []),
    nn.flatten(),
    nn.dense({ units: 2 }),
  ];
  const inside = await inspect.inspector(nn.sequential({ input: [1, 4, 4] }, layers));
  return [inside[method].bind(inside) as Callable, [floats([1, 1, 4, 4]), { target: 1, ...options }]];
}

/** Calls that are right in every place; each place, and each property of an object in it, is then put wrong. */
const RIGHT: Readonly<
  Record<string, () => Promise<[Callable, readonly unknown[]]> | [Callable, readonly unknown[]]>
> = {
  "InferenceSession.create": () => [
    index.InferenceSession.create as Callable,
    [
      variedModel(),
      {
        graphOptimizationLevel: "all",
        simd: "auto",
        winograd: "off",
        threads: 1,
        threading: undefined,
        maxMemoryBytes: 1 << 28,
        maxModelNodes: 1000,
        timeoutMs: 1e6,
        externalData: [],
        freeDimensionOverrides: {},
        signal: undefined,
        onProgress: undefined,
      },
    ],
  ],
  "create of a part of a buffer": () => [
    index.InferenceSession.create as Callable,
    [variedModel().slice().buffer, 0, variedModel().length, {}],
  ],
  "session.run": async () => {
    const session = await index.InferenceSession.create(variedModel());
    const options = { signal: undefined, timeoutMs: 1e6, onStep: undefined };
    return [session.run.bind(session) as Callable, [variedFeeds(), ["q"], options]];
  },
  "session.runSync": async () => {
    const session = await index.InferenceSession.create(variedModel());
    return [session.runSync.bind(session) as Callable, [variedFeeds(), { q: null }, { onStep: undefined }]];
  },
  "a feed": async () => {
    const session = await index.InferenceSession.create(variedModel());
    const { x, c } = variedFeeds();
    const call = (type: unknown, data: unknown, dims: unknown) =>
      session.run({ x: { type, data, dims } as never, c: c as index.Tensor });
    return [call as Callable, ["float32", x?.data, x?.dims]];
  },
  "new Tensor": () => [
    (...args) => new (index.Tensor as unknown as new (...args: unknown[]) => object)(...args),
    ["float32", [1, 2], [2]],
  ],
  "tensor.reshape": () => [(dims) => floats([2, 3]).reshape(dims as number[]), [[6]]],
  toTensor: () => [
    vision.toTensor as Callable,
    [
      image(),
      {
        width: 4,
        height: 4,
        layout: "NHWC",
        dtype: "float16",
        channels: "BGR",
        scale: 2,
        mean: [1, 2, 3],
        std: 3,
        background: [1, 2, 3],
        method: "area",
        antialias: true,
      },
    ],
  ],
  fromTensor: () => [
    vision.fromTensor as Callable,
    [
      floats([1, 3, 2, 2]),
      { layout: "NCHW", index: 0, range: "auto", channels: "RGB", scale: 1, mean: 0, std: 1 },
    ],
  ],
  preprocess: () => [
    vision.preprocess as Callable,
    [
      image(),
      { width: 4, height: 4, fit: "crop", cropFraction: 0.5 },
      { fit: "letterbox", color: [1, 2, 3] },
    ],
  ],
  preprocessFor: () => [vision.preprocessFor as Callable, [image(), [1, 3, 4, 4], "imagenet", {}]],
  resize: () => [vision.resize as Callable, [image(), 5, 6, { method: "bilinear", antialias: false }]],
  letterbox: () => [vision.letterbox as Callable, [image(), 5, 6, { color: [1, 2, 3] }]],
  crop: () => [vision.crop as Callable, [image(), 0, 0, 1, 1]],
  centerCrop: () => [vision.centerCrop as Callable, [image(), 1, 1]],
  flatten: () => [vision.flatten as Callable, [image(), [1, 2, 3]]],
  topK: () => [vision.topK as Callable, [floats([3]), 2, ["a", "b", "c"], { softmax: true }]],
  nonMaxSuppression: () => [
    vision.nonMaxSuppression as Callable,
    [
      [0, 0, 1, 1, 2, 2, 3, 3],
      [0.5, 0.6],
      { iouThreshold: 0.5, scoreThreshold: 0, maxOutput: 3, format: "xyxy", classes: [1, 2] },
    ],
  ],
  toImage: () => [
    vision.toImage as Callable,
    [
      [0, 0, 1, 1],
      { scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 },
      { format: "xywh", within: { width: 4, height: 4 } },
    ],
  ],
  planeOf: () => [inspect.planeOf as Callable, [floats([1, 2, 3, 4]), 1, 0]],
  overlay: () => [
    inspect.overlay as Callable,
    [image(), heatmap(), { opacity: 0.5, colors: "gray", from: 0, to: 1 }],
  ],
  resizeHeatmap: () => [inspect.resizeHeatmap as Callable, [heatmap(), 3, 4]],
  tile: () => [inspect.tile as Callable, [[image(), image()], { columns: 2, zoom: 2, gap: 1 }]],
  filtersOf: () => [
    inspect.filtersOf as Callable,
    [nn.sequential({ input: [1, 4, 4] }, [nn.conv2d({ name: "c", filters: 2, kernelSize: 1 })]), "c"],
  ],
  filterSheet: () => [
    inspect.filterSheet as Callable,
    [floats([2, 3, 2, 2]), { most: 2, columns: 2, zoom: 1, gap: 0, colors: "gray" }],
  ],
  activationsOf: () => [
    inspect.activationsOf as Callable,
    [small(), floats([1, 4]), small().graph.outputs, {}],
  ],
  activationSheet: () => [
    inspect.activationSheet as Callable,
    [floats([1, 2, 3, 4]), { most: 2, columns: 2, zoom: 1, gap: 0, colors: "gray", shared: true }],
  ],
  receptiveFieldPicture: () => [
    inspect.receptiveFieldPicture as Callable,
    [image(), new Array(2).fill({ size: 2, stride: 1, start: 0 }), { x: 0, y: 1 }],
  ],
  inspector: () => [inspect.inspector as Callable, [small(), { scores: small().graph.outputs[0] }]],
  saliency: () => asked("saliency", { rules: "deconvnet" }),
  smoothGrad: () => asked("smoothGrad", { samples: 2, noise: 0.1, seed: 1 }),
  integratedGradients: () => asked("integratedGradients", { baseline: floats([1, 1, 4, 4]), steps: 2 }),
  gradCam: () => asked("gradCam", { layer: "maps", method: "gradCamPlusPlus" }),
  cam: () => asked("cam", {}),
  effectiveField: () => [
    inspect.effectiveField as Callable,
    [mapping(), { of: "maps", inputDims: [1, 4, 4], samples: 2, seed: 1, timeoutMs: 300 }],
  ],
  effectiveFieldPicture: () => [
    inspect.effectiveFieldPicture as Callable,
    [
      {
        map: heatmap(),
        place: { x: 0, y: 0 },
        theoretical: { x: 0, y: 0, width: 2, height: 2 },
        reached: undefined,
        side: 1,
      },
      { colors: "gray", picture: image(), zoom: 2 },
    ],
  ],
  maximise: () => [
    inspect.maximise as Callable,
    [
      mapping(),
      {
        of: "maps",
        channel: 1,
        steps: 2,
        stepSize: 0.1,
        decay: 0.1,
        jitter: 1,
        blur: 0.5,
        blurEvery: 1,
        noise: 0.1,
        seed: 1,
        range: [-1, 1],
        from: floats([1, 1, 4, 4]),
        timeoutMs: 300,
      },
    ],
  ],
  activationHistograms: () => [
    inspect.activationHistograms as Callable,
    [mapping(), floats([2, 1, 4, 4]), { values: ["maps"], bins: 3, range: [0, 1], timeoutMs: 1e6 }],
  ],
  confusionOver: () => [
    inspect.confusionOver as Callable,
    [small(), samples(), { batchSize: 2, timeoutMs: 1e6 }],
  ],
  confusionChart: () => [
    inspect.confusionChart as Callable,
    [inspect.confusionMatrix([0, 1], [1, 1]), { names: ["a", "b"], title: "t" }],
  ],
  embed: () => [
    inspect.embed as Callable,
    [points(), { method: "tsne", neighbors: 2, steps: 2, seed: 1, timeoutMs: 300 }],
  ],
  layerRows: () => [inspect.layerRows as Callable, [small(), small().graph.outputs[0], samples(), {}]],
  confusionMatrix: () => [inspect.confusionMatrix as Callable, [[0, 1], [1, 1], 3]],
  neighborhoodHit: () => [inspect.neighborhoodHit as Callable, [points(), [0, 0, 1, 1], { neighbors: 2 }]],
  scatterChart: () => [
    inspect.scatterChart as Callable,
    [points(), [0, 0, 1, 1], { names: ["a", "b"], ellipses: true, title: "t", deviations: 1 }],
  ],
  occlusion: () => asked("occlusion", { size: 2, stride: 2, fill: 0 }),
  iou: () => [vision.iou as Callable, [[0, 0, 1, 1], [0, 0, 2, 2], "xyxy"]],
  network: () => [
    nn.network as Callable,
    [{ input: [4], inputName: "x", name: "n", seed: 1, opset: 21 }, (x: unknown) => nn.relu()(x as nn.Value)],
  ],
  conv2d: () => [
    (options) => nn.sequential({ input: [2, 8, 8] }, [nn.conv2d(options as never)]),
    [
      {
        filters: 4,
        kernelSize: 3,
        strides: 1,
        padding: "same",
        dilations: 1,
        groups: 1,
        bias: true,
        weightInitializer: nn.initializers.zeros(),
        biasInitializer: nn.initializers.zeros(),
        name: "c",
      },
    ],
  ],
  networkFromModel: () => [
    train.networkFromModel as Callable,
    [train.exportNetwork(small()), { external: new Map(), inputDims: undefined }],
  ],
  compile: () => [train.compile as Callable, [small(), { ...training(), simd: "auto", threads: 1 }]],
  fromArrays: () => [
    train.fromArrays as Callable,
    [
      {
        name: "n",
        x: new Float32Array(8),
        y: [0, 1],
        inputDims: [4],
        classes: 2,
        labelDims: [],
        scale: 1,
        offset: 0,
      },
    ],
  ],
  fit: async () => {
    const trainer = await train.compile(small(), training());
    return [
      trainer.fit.bind(trainer) as Callable,
      [samples(), { epochs: 1, batchSize: 2, seed: 1, timeoutMs: 100 }],
    ];
  },
};

describe("one rubbish among what is right", () => {
  test.each(Object.keys(RIGHT))(
    "%s",
    async (label) => {
      failures.clear();
      const make = RIGHT[label] as (typeof RIGHT)[string];
      const [call, args] = await make();
      for (const [name, one] of Object.entries(RUBBISH)) {
        for (const [i, arg] of args.entries()) {
          await attempt(`${label}: argument ${i} ${name}`, () =>
            call(...args.slice(0, i), one(), ...args.slice(i + 1)),
          );
          if (arg === null || Object.getPrototypeOf(arg) !== Object.prototype) continue;
          for (const key of Object.keys(arg as object)) {
            const wrong = { ...(arg as object), [key]: one() };
            await attempt(`${label}: ${key} ${name}`, () =>
              call(...args.slice(0, i), wrong, ...args.slice(i + 1)),
            );
          }
        }
      }
      expect([...failures].map(([what, example]) => `${example}: ${what}`)).toEqual([]);
      failures.clear();
      await attempt(label, () => call(...args));
      expect([...failures]).toEqual([]);
    },
    120_000,
  );
});
