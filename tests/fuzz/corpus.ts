import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodeTensorFile } from "../../src/onnx/decode-value.ts";
import type { TensorData } from "../../src/tensor.ts";
import { quantizedGraph } from "../differential/quantized-graph.ts";
import { randomGraph } from "../differential/random-graph.ts";
import { FAMILIES } from "../differential/random-operators/families.ts";
import { type ModelSpec, model, node } from "../support/onnx-model.ts";
import { type Random, random } from "../support/random.ts";
import { smallModel } from "../support/small-model.ts";
import { VARIED, variedModel } from "../support/varied-model.ts";
import { type Field, type Message, messagesOf, parse, serialise } from "./wire.ts";

/** A model to break, what it is fed, and files that lie beside it. */
export interface Base {
  readonly bytes: Uint8Array;
  readonly feeds: Readonly<Record<string, TensorData>>;
  readonly external?: Readonly<Record<string, Uint8Array>>;
}

/** Where the repository is, and data of others, which may not be there. */
export interface Places {
  readonly root: string;
  readonly data: string;
}

/** Real models up to this size are worth their time. */
const MAX_MODEL_BYTES = 600_000;

const DRAWS = Object.entries(Object.assign({}, ...Object.values(FAMILIES))) as [
  string,
  (typeof FAMILIES)[string][string],
][];

const bare = (bytes: Uint8Array): Base => ({ bytes, feeds: {} });

/** A model by its name: `graph-7`, `real-blazeface`. */
export function openBase(name: string, places: Places): Base {
  const [kind, ...rest] = name.split("-");
  const which = rest.join("-");
  switch (kind) {
    case "graph": {
      const { spec, feeds } = randomGraph(Number(which));
      return { bytes: model(spec), feeds: feeds[0] ?? {} };
    }
    case "quantized": {
      const { spec, feeds } = quantizedGraph(Number(which));
      return { bytes: model(spec), feeds };
    }
    case "operator": {
      const seed = Number(which);
      const draw = random(seed);
      const [, given] = draw.pick(DRAWS);
      const { spec, feeds } = given(draw);
      return { bytes: model(asConstants(spec, feeds, draw)), feeds };
    }
    case "node":
      return openFolder(join(places.data, "onnx-backend/node", which));
    case "real":
      return openFolder(join(places.data, "models", which));
    case "file":
      return bare(readFileSync(which));
    case "own":
      return openOwn(which, places);
    default:
      throw new Error(`no model ${name}`);
  }
}

/** Some inputs become weights: then what they hold decides shapes while the model is made ready. */
function asConstants(spec: ModelSpec, feeds: Readonly<Record<string, TensorData>>, draw: Random): ModelSpec {
  if (draw.chance(0.4)) return spec;
  const first = Object.keys(feeds)[0];
  const kept = Object.entries(spec.inputs ?? {}).filter(([name]) => name === first);
  const weights = Object.entries(feeds).filter(([name]) => name !== first);
  return {
    ...spec,
    inputs: Object.fromEntries(kept),
    initializers: { ...spec.initializers, ...Object.fromEntries(weights) },
  };
}

function openFolder(folder: string): Base {
  const bytes = readFileSync(join(folder, "model.onnx"));
  return { bytes: new Uint8Array(bytes), ...namedFeeds(folder) };
}

/** Inputs stored with a model, which the session's order of inputs names later: `#0`, `#1`. */
function namedFeeds(folder: string): Pick<Base, "feeds"> {
  const set = join(folder, "test_data_set_0");
  const feeds: Record<string, TensorData> = {};
  for (let i = 0; existsSync(join(set, `input_${i}.pb`)); i++) {
    try {
      feeds[`#${i}`] = decodeTensorFile(
        new Uint8Array(readFileSync(join(set, `input_${i}.pb`))),
        `input_${i}`,
      );
    } catch {
      // A sequence: such a model is broken, but not run.
    }
  }
  return { feeds };
}

const OWN = ["varied", "small", "lenet5", "sobel", "external", "functions"];

function openOwn(which: string, { root }: Places): Base {
  switch (which) {
    case "varied":
      return bare(variedModel());
    case "small":
      return bare(smallModel());
    case "lenet5":
      return bare(new Uint8Array(readFileSync(join(root, "models/lenet5-mnist.onnx"))));
    case "sobel":
      return bare(new Uint8Array(readFileSync(join(root, "models/sobel.onnx"))));
    case "functions":
      return bare(functionsModel());
    default:
      return externalModel();
  }
}

/** Functions that call one another, with attributes that have defaults. */
function functionsModel(): Uint8Array {
  return model({
    irVersion: 9,
    opset: { "": 17, own: 1 },
    inputs: { x: { dtype: "float32", dims: [2, "N"] } },
    outputs: ["y"],
    nodes: [
      node("Twice", ["x"], ["t"], { factor: 3 }, "own"),
      node("Twice", ["t"], ["u"], {}, "own"),
      node("Leaky", ["u"], ["y"], {}, "own"),
    ],
    functions: [
      {
        name: "Leaky",
        domain: "own",
        inputs: ["a"],
        outputs: ["b"],
        nodes: [node("LeakyRelu", ["a"], ["b"], { alpha: { reference: "slope", kind: "float" } })],
        attributes: [],
        defaults: { slope: { float: 0.2 } },
      },
      {
        name: "Twice",
        domain: "own",
        inputs: ["a"],
        outputs: ["b"],
        nodes: [
          node("Leaky", ["a"], ["l"], {}, "own"),
          node("Leaky", ["l"], ["m"], {}, "own"),
          node("Concat", ["l", "m"], ["c"], { axis: 0 }),
          node("ReduceMean", ["c"], ["b"], { axes: [0], keepdims: 1 }),
        ],
        attributes: ["factor"],
      },
    ],
  });
}

/** A model whose weights lie in a file beside it. */
function externalModel(): Base {
  const spec = { ...VARIED, initializers: { ...VARIED.initializers } };
  const weights = spec.initializers.w?.data as Float32Array;
  const bytes = new Uint8Array(weights.byteLength + 64);
  bytes.set(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength), 32);
  return {
    bytes: withExternal(model(spec), "w", weights.byteLength),
    feeds: {},
    external: { "weights.bin": bytes },
  };
}

/** Moves a tensor's bytes out of the file: location, offset and length stand in their place (onnx.TensorProto). */
function withExternal(bytes: Uint8Array, name: string, length: number): Uint8Array {
  const tree = parse(bytes) as Message;
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const entry = (key: string, value: string): Field => ({
    number: 13,
    value: {
      type: "message",
      message: {
        kind: "entry",
        fields: [
          { number: 1, value: { type: "text", bytes: text(key) } },
          { number: 2, value: { type: "text", bytes: text(value) } },
        ],
      },
    },
  });
  const named = (field: Field): boolean =>
    field.number === 8 && "bytes" in field.value && new TextDecoder().decode(field.value.bytes) === name;
  const tensor = messagesOf(tree).find(({ kind, fields }) => kind === "tensor" && fields.some(named));
  if (tensor === undefined) throw new Error(`no tensor ${name}`);
  tensor.fields = [
    ...tensor.fields.filter(({ number }) => number !== 9),
    entry("location", "weights.bin"),
    entry("offset", "32"),
    entry("length", String(length)),
    { number: 14, value: { type: "varint", value: 1n } },
  ];
  return serialise(tree);
}

/** The names that a target draws from: models in the repository, drawn ones, and those of the data folder. */
export function baseNames(draw: Random, { data }: Places): string {
  const node = join(data, "onnx-backend/node");
  const share = draw.next();
  if (share < 0.3) return `graph-${draw.whole(0, 9999)}`;
  if (share < 0.4) return `quantized-${draw.whole(0, 9999)}`;
  if (share < 0.6 || !existsSync(node)) return `own-${draw.pick(OWN)}`;
  if (share < 0.9) return `node-${draw.pick(listed(node))}`;
  return `real-${draw.pick(listed(join(data, "models")))}`;
}

const lists = new Map<string, string[]>();

/** The folders whose model is small enough, sorted. */
function listed(folder: string): string[] {
  let list = lists.get(folder);
  if (list === undefined) {
    const sizeOf = (name: string): number => statSync(join(folder, name, "model.onnx")).size;
    list = readdirSync(folder)
      .filter((name) => existsSync(join(folder, name, "model.onnx")) && sizeOf(name) <= MAX_MODEL_BYTES)
      .sort();
    lists.set(folder, list);
  }
  return list;
}
