import { describe, expect, test } from "vitest";
import { elu, hardSigmoid, mish, prelu, selu } from "../../src/nn/index.ts";
import { testLayers, testRefusals, valuesOf } from "./layer-cases.ts";

const image = [4, 5, 6];

testLayers([
  { what: "prelu", layer: prelu(), input: image, output: image, parameters: { "prelu.slope": [4, 1, 1] } },
  {
    what: "prelu of features",
    layer: prelu({ name: "p", initial: -0.5 }),
    input: [7],
    output: [7],
    parameters: { "p.slope": [7] },
  },
  { what: "elu", layer: elu({ alpha: 0.7 }), input: image, output: image },
  { what: "selu", layer: selu(), input: image, output: image },
  { what: "mish", layer: mish(), input: image, output: image },
  { what: "hardSigmoid", layer: hardSigmoid(), input: image, output: image },
  {
    what: "hardSigmoid, steeper",
    layer: hardSigmoid({ alpha: 0.4, beta: 0.3 }),
    input: image,
    output: image,
  },
]);

describe("what the definitions say", () => {
  const points = [-4, -1, 0, 2];
  const close = (...values: number[]) => values.map((value) => expect.closeTo(value, 5));
  test("at some points", () => {
    const at = (layer: ReturnType<typeof elu>) => valuesOf(layer, [4], points).map((value) => value + 0);
    expect(at(prelu())).toEqual(close(-1, -0.25, 0, 2));
    expect(at(elu())).toEqual(close(Math.expm1(-4), Math.expm1(-1), 0, 2));
    const [alpha, gamma] = [1.6732632423543772, 1.0507009873554805];
    expect(at(selu())).toEqual(
      close(gamma * alpha * Math.expm1(-4), gamma * alpha * Math.expm1(-1), 0, 2 * gamma),
    );
    expect(at(mish())).toEqual(close(...points.map((x) => x * Math.tanh(Math.log1p(Math.exp(x))))));
    expect(at(hardSigmoid())).toEqual(close(0, 1 / 3, 0.5, 5 / 6));
  });
});

describe("what is wrong is said with the layer's name", () => {
  testRefusals([
    ["prelu of what is open", prelu(), ["C", 3, 3], "prelu: the size of axis 1 must be known, got [N,C,3,3]"],
    ["prelu's slope", prelu({ initial: Number.NaN }), [3], "prelu: initial must be a finite number"],
    ["elu", elu({ alpha: Number.POSITIVE_INFINITY }), [3], "elu: alpha must be a finite number"],
    ["hardSigmoid", hardSigmoid({ beta: "half" as never }), [3], "hardSigmoid: beta must be a finite number"],
  ]);
});
