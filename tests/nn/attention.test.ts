import { describe, expect, test } from "vitest";
import {
  embedding,
  initializers,
  mean,
  multiHeadAttention,
  network,
  sequential,
} from "../../src/nn/index.ts";
import { tensorData } from "../../src/tensor.ts";
import { random } from "../support/random.ts";
import { testLayers, testRefusals } from "./layer-cases.ts";
import { expectAgreement, run } from "./run-network.ts";

const uniform = initializers.glorotUniform();

testLayers([
  {
    what: "multiHeadAttention",
    layer: multiHeadAttention({ heads: 2, biasInitializer: initializers.heUniform() }),
    input: [5, 6],
    output: [5, 6],
    parameters: {
      "multiHeadAttention.qkv.weight": [18, 6],
      "multiHeadAttention.qkv.bias": [18],
      "multiHeadAttention.projection.weight": [6, 6],
      "multiHeadAttention.projection.bias": [6],
    },
  },
  {
    what: "multiHeadAttention without biases",
    layer: multiHeadAttention({ name: "a", heads: 3, bias: false }),
    input: [4, 6],
    output: [4, 6],
    parameters: { "a.qkv.weight": [18, 6], "a.projection.weight": [6, 6] },
  },
  {
    what: "embedding of a float input",
    layer: embedding({ entries: 4, features: 3 }),
    input: [5],
    output: [5, 3],
    parameters: { "embedding.weight": [4, 3] },
  },
]);

/** Rows of numbers: y[i][j] = Σ x[i][k] · w[j][k] + b[j]. */
const project = (x: number[][], w: number[][], b: number[]): number[][] =>
  x.map((row) =>
    w.map((unit, j) => unit.reduce((sum, value, k) => sum + value * (row[k] as number), b[j] as number)),
  );

const rowsOf = (data: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: data.length / width }, (_, i) => Array.from(data).slice(i * width, (i + 1) * width));

/** The definition, one head and one token at a time, in float64. */
function attention(x: number[][], heads: number, weights: Record<string, ArrayLike<number>>): number[][] {
  const features = (x[0] as number[]).length;
  const depth = features / heads;
  const of = (name: string): number[] => Array.from(weights[name] as ArrayLike<number>);
  const all = project(x, rowsOf(of("qkv.weight"), features), of("qkv.bias"));
  const mixed = x.map(() => new Array<number>(features).fill(0));
  for (let head = 0; head < heads; head++) {
    const part = (token: number, which: number): number[] =>
      (all[token] as number[]).slice(which * features + head * depth, which * features + (head + 1) * depth);
    x.forEach((_, i) => {
      const query = part(i, 0);
      const scores = x.map((_, j) => {
        const key = part(j, 1);
        return Math.exp(
          query.reduce((sum, value, k) => sum + value * (key[k] as number), 0) / Math.sqrt(depth),
        );
      });
      const total = scores.reduce((a, b) => a + b, 0);
      for (let k = 0; k < depth; k++)
        (mixed[i] as number[])[head * depth + k] = scores.reduce(
          (sum, score, j) => sum + (score / total) * (part(j, 2)[k] as number),
          0,
        );
    });
  }
  return project(mixed, rowsOf(of("projection.weight"), features), of("projection.bias"));
}

describe("what the definitions say", () => {
  test("attention, head by head and token by token", () => {
    const made = sequential({ input: [5, 6], seed: 4 }, [
      multiHeadAttention({ name: "a", heads: 2, weightInitializer: uniform, biasInitializer: uniform }),
    ]);
    const weights = Object.fromEntries(
      [...made.trainable].map((name) => [
        name.slice(2),
        made.graph.facts.get(name)?.data?.data as Float32Array,
      ]),
    );
    const x = random(3).tensor("float32", [1, 5, 6], -2, 2);
    const found = Array.from(run(made.graph, x).get("a")?.data as Float32Array);
    const expected = attention(rowsOf(x.data as Float32Array, 6), 2, weights).flat();
    expect(found).toEqual(expected.map((value) => expect.closeTo(value, 4)));
  });

  test("an embedding gives rows of its table, of int64 indices too", async () => {
    const initializer = initializers.values([0, 1, 10, 11, 20, 21]);
    const table = embedding({ name: "e", entries: 3, features: 2, initializer });
    const made = network({ input: [4], inputType: "int64", inputName: "words" }, table);
    const words = tensorData("int64", [1, 4], BigInt64Array.of(2n, 0n, 1n, 2n));
    expect(Array.from(run(made.graph, words).get("e")?.data as Float32Array)).toEqual([
      20, 21, 0, 1, 10, 11, 20, 21,
    ]);
    expect(made.graph.nodes.map(({ op }) => op)).toEqual(["Gather"]);
    const [y] = await expectAgreement(
      network({ input: [4], inputType: "int64" }, (x) => mean({ axes: [1] })(table(x))),
    );
    expect(y?.dims).toEqual([2, 2]);
  });
});

describe("what is wrong is said with the layer's name", () => {
  testRefusals([
    [
      "heads",
      multiHeadAttention({ heads: 4 }),
      [5, 6],
      "multiHeadAttention: 6 features do not fall into 4 heads",
    ],
    [
      "tokens",
      multiHeadAttention({ heads: 2 }),
      [6],
      "multiHeadAttention: needs tokens [N, tokens, features]",
    ],
    ["entries", embedding({ entries: 0, features: 2 }), [4], "embedding: entries must be a whole number"],
    ["features", embedding({ entries: 2, features: 1.5 }), [4], "embedding: features must be a whole number"],
  ]);
  test("the input's type", () => {
    expect(() => network({ input: [4], inputType: "int" as never }, (x) => x)).toThrow(
      "the dtype of x must be",
    );
  });
});
