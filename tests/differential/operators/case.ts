import type { DType } from "../../../src/dtype.ts";
import { InferenceSession } from "../../../src/index.ts";
import type { SessionOptions } from "../../../src/session-options.ts";
import { Tensor, type TensorData } from "../../../src/tensor.ts";
import { difference, FLOAT32, type Tolerance } from "../../support/compare.ts";
import { type AttributeSpec, type ModelSpec, model, node, type TypeSpec } from "../../support/onnx-model.ts";
import { type Random, random } from "../../support/random.ts";
import { runReference } from "../../support/reference.ts";

/** A model of a node or a few, what to feed it, and how close the answers must be. */
export interface Case {
  readonly name: string;
  readonly spec: ModelSpec;
  readonly feeds: Readonly<Record<string, TensorData>>;
  readonly tolerance: Tolerance;
}

export interface Setting {
  readonly opset?: number;
  readonly domain?: string;
  /** How many outputs, or which are left out (""). */
  readonly outputs?: number | readonly string[];
  readonly tolerance?: Tolerance;
}

/** JSON has no word for the 64-bit integers of a tensor. */
const spelled = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

type Attributes = Readonly<Record<string, AttributeSpec>>;

/** One node on inputs of its own. */
export function operatorCase(
  op: string,
  inputs: readonly (TensorData | undefined)[],
  attributes: Attributes = {},
  { opset = 17, domain = "", outputs = 1, tolerance = FLOAT32 }: Setting = {},
): Case {
  const names = inputs.map((input, i) => (input === undefined ? "" : `x${i}`));
  const made = typeof outputs === "number" ? Array.from({ length: outputs }, (_, i) => `y${i}`) : outputs;
  const feeds = Object.fromEntries(
    inputs.flatMap((input, i) => (input === undefined ? [] : [[`x${i}`, input]])),
  );
  const shown = inputs.map((input) => (input === undefined ? "-" : `${input.dtype}[${input.dims}]`));
  return {
    name: `${op}-${opset}(${shown.join(", ")}) ${JSON.stringify(attributes, spelled)}`,
    spec: {
      inputs: Object.fromEntries(
        Object.entries(feeds).map(([name, { dtype, dims }]) => [name, { dtype, dims }]),
      ),
      nodes: [node(op, names, made, attributes, domain)],
      outputs: made.filter((name) => name !== ""),
      opset: domain === "" ? opset : { "": 17, [domain]: opset },
    },
    feeds,
    tolerance,
  };
}

/** A model of several nodes. */
export const modelCase = (
  name: string,
  spec: ModelSpec,
  feeds: Case["feeds"],
  tolerance: Tolerance = FLOAT32,
): Case => ({ name, spec, feeds, tolerance });

/** The seeded source of a family's numbers. */
export const source = (family: string): Random =>
  random([...family].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7));

export const numbers = (dtype: DType, dims: readonly number[], values: readonly number[]): TensorData => {
  const wide = dtype === "int64" || dtype === "uint64";
  const empty = random(0).tensor(dtype, dims);
  const data = empty.data as unknown as unknown[];
  values.forEach((value, i) => {
    data[i] = wide ? BigInt(value) : value;
  });
  return empty;
};
export const longs = (...values: number[]): TensorData => numbers("int64", [values.length], values);
export const scalar = (value: number, dtype: DType = "float32"): TensorData => numbers(dtype, [], [value]);
export const floats = (...values: number[]): TensorData => numbers("float32", [values.length], values);

/** Every combination of one entry of each list. */
export function grid<T extends Readonly<Record<string, readonly unknown[]>>>(
  lists: T,
): { [K in keyof T]: T[K][number] }[] {
  let rows: Record<string, unknown>[] = [{}];
  for (const [key, list] of Object.entries(lists)) {
    rows = rows.flatMap((row) => list.map((value) => ({ ...row, [key]: value })));
  }
  return rows as { [K in keyof T]: T[K][number] }[];
}

export type Outcome = "agrees" | { readonly rejected: string } | { readonly differs: string };

interface Variant {
  readonly name: string;
  readonly spec: ModelSpec;
  readonly feeds: Case["feeds"];
  readonly options: SessionOptions;
}

/** The same model with more or less known of its inputs before it runs. */
function variants({ spec, feeds }: Case): Variant[] {
  const types = (change: (type: TypeSpec, name: string) => TypeSpec): ModelSpec => ({
    ...spec,
    inputs: Object.fromEntries(
      Object.entries(spec.inputs ?? {}).map(([name, type]) => [name, change(type, name)]),
    ),
  });
  const first = Object.keys(feeds)[0];
  const kept = Object.entries(feeds).filter(([name]) => name === first);
  const constants: ModelSpec = {
    ...spec,
    inputs: Object.fromEntries(Object.entries(spec.inputs ?? {}).filter(([name]) => name === first)),
    initializers: {
      ...spec.initializers,
      ...Object.fromEntries(Object.entries(feeds).filter(([name]) => name !== first)),
    },
  };
  const all: SessionOptions = { graphOptimizationLevel: "all", simd: "relaxed" };
  return [
    { name: "dims known", spec, feeds, options: { graphOptimizationLevel: "disabled", simd: "plain" } },
    { name: "inputs constant but the first", spec: constants, feeds: Object.fromEntries(kept), options: all },
    {
      name: "dims symbolic",
      spec: types((type, name) => ({ ...type, dims: type.dims?.map((_, i) => `${name}_${i}`) })),
      feeds,
      options: all,
    },
    { name: "rank unknown", spec: types(({ dtype }) => ({ dtype })), feeds, options: all },
  ];
}

/** Runs a case in onnxruntime and here, in every variant or in those that `chosen` names by their place. */
export async function checkCase(given: Case, chosen: readonly number[] = [0, 1, 2, 3]): Promise<Outcome> {
  let expected: Record<string, TensorData>;
  try {
    expected = await runReference(model(given.spec), given.feeds);
  } catch (error) {
    return { rejected: (error as Error).message };
  }
  const all = variants(given);
  for (const { name, spec, feeds, options } of chosen.map((i) => all[i] as Variant)) {
    try {
      const session = await InferenceSession.create(model(spec), options);
      const tensors = Object.entries(feeds).map(([input, { dtype, data, dims }]) => [
        input,
        new Tensor(dtype, data, dims),
      ]);
      const actual = session.runSync(Object.fromEntries(tensors));
      for (const [output, value] of Object.entries(expected)) {
        const wrong = difference(actual[output] as TensorData, value, given.tolerance);
        if (wrong !== undefined) return { differs: `${name}, ${output}: ${wrong}` };
      }
      await session.release();
    } catch (error) {
      return { differs: `${name}: ${(error as Error).stack}` };
    }
  }
  return "agrees";
}
