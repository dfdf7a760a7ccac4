import { describe, expect, test } from "vitest";
import type { DType } from "../../src/dtype.ts";
import { elementCount, type TensorData } from "../../src/tensor.ts";
import type { Case } from "../differential/operators/case.ts";
import { model } from "../support/onnx-model.ts";
import { type Random, random } from "../support/random.ts";
import { caseDraws } from "./cases.ts";
import { check } from "./check-case.ts";

/** More by hand: LANEWISE_CASES=500 LANEWISE_SEED=7 npx vitest run tests/extreme/other-operands.test.ts. */
const CASES = Number(process.env.LANEWISE_CASES ?? 24);
const SEED = Number(process.env.LANEWISE_SEED ?? 1);

const DTYPES: readonly DType[] = [
  "float32",
  "float16",
  "float64",
  "int64",
  "int32",
  "uint8",
  "int8",
  "bool",
  "string",
];

/** Dims with an axis more, less, longer, shorter or empty. */
function otherDims(draw: Random, dims: readonly number[]): number[] {
  const at = draw.whole(0, Math.max(0, dims.length - 1));
  const size = dims[at] ?? 1;
  return draw.pick([
    [...dims, 1],
    [2, ...dims],
    dims.slice(1),
    [...dims.slice(0, at), size + 1, ...dims.slice(at + 1)],
    [...dims.slice(0, at), Math.max(0, size - 1), ...dims.slice(at + 1)],
    [...dims.slice(0, at), 0, ...dims.slice(at + 1)],
  ]);
}

/** The case with one operand of another dtype or of other dims. */
function withOther(draw: Random, given: Case): [Case, string] | undefined {
  const constants = given.spec.initializers ?? {};
  const names = [...Object.keys(given.feeds), ...Object.keys(constants)];
  // Branches and bodies are checked before it is known whether they run.
  if (names.length === 0 || given.spec.nodes.some(({ op }) => /^(If|Loop|Scan)$/.test(op))) return undefined;
  const name = draw.pick(names);
  const old = (given.feeds[name] ?? constants[name]) as TensorData;
  const dtype = draw.chance(0.5) ? draw.pick(DTYPES) : old.dtype;
  const dims = dtype === old.dtype || draw.chance(0.2) ? otherDims(draw, old.dims) : old.dims;
  if (elementCount(dims) > 4096) return undefined;
  const made = dtype === old.dtype ? repeated(old, dims) : draw.tensor(dtype, dims, -2, 3);
  const put = <T>(all: Readonly<Record<string, T>>, value: T): Record<string, T> =>
    name in all ? { ...all, [name]: value } : { ...all };
  const spec = {
    ...given.spec,
    inputs: put(given.spec.inputs ?? {}, { dtype, dims }),
    initializers: put(constants, made),
  };
  return [{ ...given, spec, feeds: put(given.feeds, made) }, `${name} ${dtype}[${dims}]`];
}

/** The tensor's elements over and over, as many as the dims need. */
function repeated(tensor: TensorData, dims: readonly number[]): TensorData {
  const { data } = tensor as TensorData<"float32">;
  const values = Array.from(
    { length: elementCount(dims) },
    (_, i) => data[i % Math.max(1, data.length)] ?? 0,
  );
  const make = (data as never as { constructor: { from(values: unknown[]): never } }).constructor;
  const fits = values.map((value) =>
    tensor.dtype.endsWith("64") && tensor.dtype !== "float64" ? BigInt(value) : value,
  );
  return {
    dtype: tensor.dtype,
    dims,
    data: make.from(tensor.dtype === "string" ? values.map(String) : fits),
  } as TensorData;
}

describe("operators end at operands of other types and sizes, with the definition's result or a typed error", () => {
  const draws = caseDraws();

  test.each([...draws.keys()])("%s", async (key) => {
    const own = draws.get(key) ?? [];
    const wrong = new Map<string, string>();
    for (let i = 0; i < CASES; i++) {
      const draw = random(SEED * 7919 + i * 31 + key.length);
      const changed = withOther(draw, draw.pick(own)(draw));
      if (changed === undefined) continue;
      const [given, shown] = changed;
      const outcome = await check(given, model(given.spec), false);
      if (outcome.kind === "wrong")
        wrong.set(
          outcome.what.split("\n")[0] as string,
          `case ${i}, ${given.name} with ${shown}: ${outcome.what}`,
        );
    }
    expect([...wrong.values()]).toEqual([]);
  });
});
