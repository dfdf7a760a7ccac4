import { describe, expect, test } from "vitest";
import { UnsupportedOperatorError } from "../../../src/errors.ts";
import type { Attributes } from "../../../src/graph/graph.ts";
import { graphBuilder } from "../../../src/nn/build.ts";
import { differentiate } from "../../../src/train/differentiate.ts";
import { checkGradients, type Given, type GradientCase } from "./harness.ts";
import { named } from "./named.ts";

const [STEPS, BATCH, FEATURES, HIDDEN] = [4, 3, 5, 2];
const GATES: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };
const OWN: Readonly<Record<string, Attributes>> = { GRU: { linearBeforeReset: 1 } };

/** Sequence, weights, bias, and the states to begin with. */
function operands(op: string, steps = STEPS): Given[] {
  const rows = (GATES[op] as number) * HIDDEN;
  const state: Given = { dims: [1, BATCH, HIDDEN], from: -1, to: 1 };
  const weights = (...dims: number[]): Given => ({ dims, from: -1, to: 1 });
  return [
    { dims: [steps, BATCH, FEATURES], from: -1, to: 1 },
    weights(1, rows, FEATURES),
    weights(1, rows, HIDDEN),
    weights(1, 2 * rows),
    undefined,
    state,
    ...(op === "LSTM" ? [state] : []),
  ];
}

const CASES: readonly GradientCase[] = Object.keys(GATES).flatMap((op) => {
  const attributes = { hiddenSize: HIDDEN, ...OWN[op] };
  const outputs = op === "LSTM" ? 3 : 2;
  return [
    { op, attributes, outputs, inputs: operands(op), about: "all operands, all outputs" },
    {
      op,
      attributes,
      outputs: 1,
      inputs: operands(op).slice(0, 3),
      about: "no bias, no state to begin with",
    },
    { op, attributes, outputs, lossOf: [1], inputs: operands(op), about: "by the last state" },
    { op, attributes, outputs, inputs: operands(op, 1), about: "a single step" },
    ...(op === "LSTM"
      ? [{ op, attributes, outputs, lossOf: [2], inputs: operands(op), about: "by the last cell" }]
      : []),
  ];
});

describe("back through time", () => {
  test.each(CASES.map(named))("%s", (_, one) => checkGradients(one));

  test.each([
    ["RNN", { direction: "reverse" }, /its direction is reverse/],
    ["RNN", { activations: ["Relu"] }, /its activations are Relu/],
    ["RNN", { clip: 1 }, /it clips/],
    ["GRU", {}, /its linear_before_reset is not 1/],
    ["LSTM", { inputForget: 1 }, /its gates are coupled/],
  ] as const)("%s with %o has no rule, and says why", (op, attributes, reason) => {
    const builder = graphBuilder({ name: "declined" });
    const rows = (GATES[op] as number) * HIDDEN;
    builder.input("x", "float32", [STEPS, BATCH, FEATURES]);
    builder.input("w", "float32", [1, rows, FEATURES]);
    builder.input("r", "float32", [1, rows, HIDDEN]);
    const y = builder.node(op, ["x", "w", "r"], { hiddenSize: HIDDEN, ...attributes });
    const loss = builder.node("ReduceSum", [y], { keepdims: 0 });
    expect(() => differentiate(builder, loss, new Set(["w"]))).toThrow(UnsupportedOperatorError);
    expect(() => differentiate(builder, loss, new Set(["w"]))).toThrow(reason);
  });
});
