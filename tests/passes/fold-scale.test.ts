import { describe, expect, test } from "vitest";
import { foldScale } from "../../src/passes/fold-scale.ts";
import {
  expectUntouched,
  input,
  inWords,
  type Line,
  rewritten,
  scalar,
  type Values,
  weights,
  wordsOf,
} from "../support/graph-words.ts";

const CONV = { x: input(2, 3, 5, 4), w: weights(6, 3, 1, 1), b: weights(6) };
const NORM = { gamma: weights(6), beta: weights(6), mean: weights(6), variance: weights(6) };
const norm = (x: string): string => `y = BatchNormalization(${x}, gamma, beta, mean, variance)`;
const K = { k: weights(6, 1, 1) };
const float64 = (value: Float32Array, ...dims: number[]) =>
  ({ dtype: "float64", dims, data: Float64Array.from(value) }) as const;

/** [what it is, values, nodes, what they become] */
const FOLDED: readonly [string, Values, readonly Line[], readonly string[]][] = [
  [
    "BatchNormalization",
    { ...CONV, ...NORM },
    ["c = Conv(x, w, b)", norm("c")],
    ["y = Conv(x, w#1, w/bias)"],
  ],
  ["without a bias", { ...CONV, ...NORM }, ["c = Conv(x, w)", norm("c")], ["y = Conv(x, w#1, w/bias)"]],
  ["Mul", { ...CONV, ...K }, ["c = Conv(x, w, b)", "y = Mul(c, k)"], ["y = Conv(x, w#1, w/bias)"]],
  ["Mul from the left", { ...CONV, ...K }, ["c = Conv(x, w)", "y = Mul(k, c)"], ["y = Conv(x, w#1, w/bias)"]],
  ["Div", { ...CONV, ...K }, ["c = Conv(x, w, b)", "y = Div(c, k)"], ["y = Conv(x, w#1, w/bias)"]],
  [
    "Add, which keeps the weight",
    { ...CONV, ...K },
    ["c = Conv(x, w)", "y = Add(k, c)"],
    ["y = Conv(x, w, w/bias)"],
  ],
  ["Sub", { ...CONV, ...K }, ["c = Conv(x, w, b)", "y = Sub(c, k)"], ["y = Conv(x, w, w/bias)"]],
  [
    "one number",
    { ...CONV, k: scalar(3) },
    ["c = Conv(x, w)", "y = Mul(c, k)"],
    ["y = Conv(x, w#1, w/bias)"],
  ],
  [
    "all four dims",
    { ...CONV, k: weights(1, 6, 1, 1) },
    ["c = Conv(x, w)", "y = Mul(c, k)"],
    ["y = Conv(x, w#1, w/bias)"],
  ],
  [
    "a chain",
    { ...CONV, ...K, ...NORM },
    ["c = Conv(x, w)", "m = Mul(c, k)", "a = Add(m, k)", norm("a")],
    ["y = Conv(x, w#1#1, w#1/bias#1)"],
  ],
  [
    "groups",
    { ...CONV, ...NORM, w: weights(6, 1, 3, 3) },
    [["c = Conv(x, w)", { group: 3 }], norm("c")],
    ["y = Conv(x, w#1, w/bias)"],
  ],
  [
    "ConvTranspose, whose weight has its channels second",
    { ...NORM, x: input(1, 4, 3, 3), w: weights(4, 3, 2, 2), b: weights(6) },
    [["c = ConvTranspose(x, w, b)", { group: 2 }], norm("c")],
    ["y = ConvTranspose(x, w#1, w/bias)"],
  ],
  [
    "Mul into BatchNormalization",
    { x: input(1, 6, 3, 3), ...NORM, ...K },
    [norm("x").replace("y", "n"), "y = Mul(n, k)"],
    ["y = BatchNormalization(x, gamma#1, beta#1, mean, variance)"],
  ],
  [
    "Sub into BatchNormalization",
    { x: input(1, 6, 3, 3), ...NORM, ...K },
    [norm("x").replace("y", "n"), "y = Sub(n, k)"],
    ["y = BatchNormalization(x, gamma#1, beta#1, mean, variance)"],
  ],
  [
    "an activation stays behind it",
    { ...CONV, ...NORM },
    ["c = Conv(x, w)", norm("c").replace(/= (.*)/, "= relu($1)")],
    ["y = relu(Conv(x, w#1, w/bias))"],
  ],
];

describe("what it folds: a convolution and", () => {
  test.each(FOLDED)("%s", (_, values, nodes, expected) => {
    expect(wordsOf(rewritten(foldScale, inWords(values, nodes, "y")))).toEqual(expected);
  });
});

/** [why it stays, values, nodes, outputs] */
const KEPT: readonly [string, Values, readonly Line[], string?][] = [
  [
    "the convolution is read elsewhere",
    { ...CONV, ...K },
    ["c = Conv(x, w)", "y = Mul(c, k)", "z = Relu(c)"],
    "y, z",
  ],
  ["the convolution is an output", { ...CONV, ...K }, ["c = Conv(x, w)", "y = Mul(c, k)"], "y, c"],
  ["an activation stands between", { ...CONV, ...K }, ["c = relu(Conv(x, w))", "y = Mul(c, k)"]],
  ["a residual is added", { ...CONV, ...K, r: input(2, 6, 5, 4) }, ["c = Conv(x, w, b, r)", "y = Mul(c, k)"]],
  ["the weight is fed", { x: CONV.x, w: input(6, 3, 1, 1), ...K }, ["c = Conv(x, w)", "y = Mul(c, k)"]],
  ["the bias is fed", { ...CONV, b: input(6), ...K }, ["c = Conv(x, w, b)", "y = Mul(c, k)"]],
  [
    "it computes in float64",
    {
      x: { dtype: "float64", dims: [1, 3, 2, 2] },
      w: float64(CONV.w.data, 6, 3, 1, 1),
      k: float64(K.k.data, 6, 1, 1),
    },
    ["c = Conv(x, w)", "y = Mul(c, k)"],
  ],
  ["the factor is fed", { ...CONV, k: input(6, 1, 1) }, ["c = Conv(x, w)", "y = Mul(c, k)"]],
  ["a parameter is fed", { ...CONV, ...NORM, mean: input(6) }, ["c = Conv(x, w)", norm("c")]],
  ["the constant is divided", { ...CONV, ...K }, ["c = Conv(x, w)", "y = Div(k, c)"]],
  ["the constant is subtracted from", { ...CONV, ...K }, ["c = Conv(x, w)", "y = Sub(k, c)"]],
  [
    "it goes with columns",
    { ...CONV, x: input(2, 3, 5, 6), k: weights(6) },
    ["c = Conv(x, w)", "y = Mul(c, k)"],
  ],
  [
    "it goes with rows",
    { ...CONV, x: input(2, 3, 6, 4), k: weights(6, 1) },
    ["c = Conv(x, w)", "y = Add(c, k)"],
  ],
  ["it goes with images", { ...CONV, k: weights(2, 1, 1, 1) }, ["c = Conv(x, w)", "y = Add(c, k)"]],
  ["it adds an axis", { ...CONV, k: weights(1, 1, 6, 1, 1) }, ["c = Conv(x, w)", "y = Mul(c, k)"]],
  [
    "it makes channels of one",
    { ...CONV, w: weights(1, 3, 1, 1), ...K },
    ["c = Conv(x, w)", "y = Mul(c, k)"],
  ],
  [
    "it broadcasts as before opset 7",
    { ...CONV, k: weights(1) },
    ["c = Conv(x, w)", ["y = Mul(c, k)", { broadcast: 1 }, 6]],
  ],
  [
    "BatchNormalization has no image axis",
    { x: input(4, 6), ...NORM, k: weights(6) },
    [norm("x").replace("y", "n"), "y = Mul(n, k)"],
  ],
  [
    "BatchNormalization's bias is fed",
    { x: input(1, 6, 3, 3), ...NORM, beta: input(6), ...K },
    [norm("x").replace("y", "n"), "y = Mul(n, k)"],
  ],
  [
    "BatchNormalization's scale is fed",
    { x: input(1, 6, 3, 3), ...NORM, gamma: input(6), ...K },
    [norm("x").replace("y", "n"), "y = Mul(n, k)"],
  ],
  [
    "BatchNormalization has statistics for each element",
    {
      ...CONV,
      x: input(1, 3, 2, 2),
      gamma: weights(6, 2, 2),
      beta: weights(6, 2, 2),
      mean: weights(6, 2, 2),
      variance: weights(6, 2, 2),
    },
    ["c = Conv(x, w)", [norm("c"), { spatial: 0 }, 7]],
  ],
  ["BatchNormalization trains", { ...CONV, ...NORM }, ["c = Conv(x, w)", [norm("c"), { trainingMode: 1 }]]],
  [
    "BatchNormalization in front trains",
    { x: input(2, 6, 3, 3), ...NORM, ...K },
    [[norm("x").replace("y", "n"), { trainingMode: 1 }], "y = Mul(n, k)"],
  ],
  [
    "BatchNormalization gives statistics",
    { ...CONV, ...NORM },
    ["c = Conv(x, w)", [norm("c").replace("y", "y, m"), {}, 9]],
  ],
  [
    "BatchNormalization in front gives statistics",
    { x: input(2, 6, 3, 3), ...NORM, ...K },
    [[norm("x").replace("y", "n, m"), {}, 9], "y = Mul(n, k)"],
  ],
  ["it is another function", { ...CONV, ...K }, ["c = Conv(x, w)", "y = Pow(c, k)"]],
  [
    "a product of matrices is in front",
    { x: input(2, 5, 4), w: weights(4, 5), k: weights(5, 1) },
    ["c = MatMul(x, w)", "y = Mul(c, k)"],
  ],
  [
    "another normalisation is in front",
    { x: input(2, 6, 6), ...NORM, k: weights(6, 1) },
    ["n = LayerNormalization(x, gamma, beta)", "y = Mul(n, k)"],
  ],
  ["nothing foldable is in front", { x: input(1, 6, 3, 3), ...K }, ["r = Relu(x)", "y = Mul(r, k)"]],
];

describe("what it leaves alone: where", () => {
  test.each(KEPT)("%s", (_, values, nodes, outputs = "y") => {
    expectUntouched(foldScale, inWords(values, nodes, outputs));
  });
});
