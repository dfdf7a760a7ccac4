import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../src/graph/graph.ts";
import type { TensorData } from "../../src/tensor.ts";
import { floats, longs, numbersOf } from "./run-op.ts";
import { runNode } from "./small-graph.ts";

const run = (op: string, inputs: TensorData[], attributes: Record<string, AttributeValue>, outputs = 1) =>
  runNode({ op, domain: "ai.onnx.ml", opset: 3, attributes }, inputs, outputs) as TensorData[];

// x[0] <= 0.5 ? leaf 1 : leaf 2
const stump = {
  nodesTreeids: [0, 0, 0],
  nodesNodeids: [0, 1, 2],
  nodesFeatureids: [0, 0, 0],
  nodesModes: ["BRANCH_LEQ", "LEAF", "LEAF"],
  nodesValues: [0.5, 0, 0],
  nodesTruenodeids: [1, 0, 0],
  nodesFalsenodeids: [2, 0, 0],
};

describe("tree ensembles", () => {
  it("sends a missing value where the node says", () => {
    const votes = {
      targetTreeids: [0, 0],
      targetNodeids: [1, 2],
      targetIds: [0, 0],
      targetWeights: [10, 20],
    };
    const x = floats([3, 1], [0.5, 0.75, Number.NaN]);
    const result = (attributes: Record<string, AttributeValue>) =>
      numbersOf(run("TreeEnsembleRegressor", [x], { ...stump, ...votes, ...attributes })[0]);
    expect(result({})).toEqual([10, 20, 20]);
    expect(result({ nodesMissingValueTracksTrue: [1, 0, 0], baseValues: [0.5] })).toEqual([10.5, 20.5, 10.5]);
  });

  it("makes two scores of a binary classifier's one", () => {
    const votes = {
      classTreeids: [0, 0],
      classNodeids: [1, 2],
      classIds: [0, 0],
      classlabelsStrings: ["no", "yes"],
    };
    const x = floats([2, 1], [0, 1]);
    const [y, z] = run("TreeEnsembleClassifier", [x], { ...stump, ...votes, classWeights: [0.25, 0.75] }, 2);
    expect(y?.data).toEqual(["no", "yes"]);
    expect(numbersOf(z)).toEqual([0.75, 0.25, 0.25, 0.75]);
    const [signed, margins] = run(
      "TreeEnsembleClassifier",
      [x],
      { ...stump, ...votes, classWeights: [-2, 0.25] },
      2,
    );
    expect(signed?.data).toEqual(["no", "yes"]);
    expect(numbersOf(margins)).toEqual([2, -2, -0.25, 0.25]);
  });
});

describe("linear and support vector machines", () => {
  it("classifies by the greatest score, or by the sign of the only one", () => {
    const x = floats([2, 1], [1, -1]);
    const one = { coefficients: [2], intercepts: [0], classlabelsInts: [5, 6] };
    const [y, z] = run("LinearClassifier", [x], { ...one, postTransform: "LOGISTIC" }, 2);
    expect(numbersOf(y)).toEqual([6, 5]);
    expect(numbersOf(z)[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    const three = { coefficients: [1, -1, 0], intercepts: [0, 0, 0.5], classlabelsInts: [1, 2, 3] };
    expect(numbersOf(run("LinearClassifier", [x], three, 2)[0])).toEqual([1, 2]);
  });

  it("regresses with a kernel", () => {
    const attributes = {
      kernelType: "RBF",
      kernelParams: [0.5, 0, 0],
      nSupports: 1,
      coefficients: [2],
      supportVectors: [1, 1],
      rho: [0.25],
    };
    const [y] = run("SVMRegressor", [floats([1, 2], [1, 3])], attributes);
    expect(numbersOf(y)[0]).toBeCloseTo(2 * Math.exp(-0.5 * 4) + 0.25, 6);
  });
});

describe("features", () => {
  it("imputes NaN and whole numbers column by column", () => {
    const nan = { imputedValueFloats: [7, 8], replacedValueFloat: Number.NaN };
    expect(numbersOf(run("Imputer", [floats([2, 2], [Number.NaN, 1, 2, Number.NaN])], nan)[0])).toEqual([
      7, 1, 2, 8,
    ]);
    const whole = { imputedValueInt64s: [9], replacedValueInt64: -1 };
    expect(numbersOf(run("Imputer", [longs([1, 2], [-1, 4])], whole)[0])).toEqual([9, 4]);
  });

  it("encodes labels there and back", () => {
    const codes = { keysStrings: ["a", "b"], valuesInt64s: [3, 4] };
    const words: TensorData = { dtype: "string", dims: [3], data: ["b", "x", "a"] };
    expect(numbersOf(run("LabelEncoder", [words], codes)[0])).toEqual([4, -1, 3]);
    const back = run("LabelEncoder", [longs([2], [1, 7])], { classesStrings: ["zero", "one"] })[0];
    expect(back?.data).toEqual(["one", "_Unused"]);
  });

  it("refuses unknown categories where zeros are not allowed", () => {
    const x = longs([2], [1, 2]);
    expect(numbersOf(run("OneHotEncoder", [x], { catsInt64s: [2, 3] })[0])).toEqual([0, 0, 1, 0]);
    expect(() => run("OneHotEncoder", [x], { catsInt64s: [2, 3], zeros: 0 })).toThrow(/categories/);
  });

  it("normalizes by MAX, L1 and L2", () => {
    const x = floats([1, 2], [3, -4]);
    const norm = (kind: string) => numbersOf(run("Normalizer", [x], { norm: kind })[0]);
    expect(norm("L2")).toEqual([0.6, -0.8].map(Math.fround));
    expect(norm("L1")).toEqual([3 / 7, -4 / 7].map(Math.fround));
    expect(norm("MAX")).toEqual([1, -4 / 3].map(Math.fround));
  });
});
