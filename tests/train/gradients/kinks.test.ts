import { describe, expect, test } from "vitest";
import type { Attributes } from "../../../src/graph/graph.ts";
import { graphBuilder } from "../../../src/nn/build.ts";
import { fromNumbers, toNumberArray } from "../../../src/ops/shared/elements.ts";
import { propagateFacts } from "../../../src/passes/propagate-facts.ts";
import type { TensorData } from "../../../src/tensor.ts";
import { differentiate } from "../../../src/train/differentiate.ts";
import { runner } from "./harness.ts";

interface Kink {
  readonly op: string;
  readonly attributes?: Attributes;
  readonly opset?: number;
  /** The operands, all vectors of one length or scalars. */
  readonly inputs: readonly (readonly number[])[];
  /** Slopes by each operand where the gradient that comes in is 1 everywhere, as PyTorch gives them. */
  readonly slopes: readonly (readonly number[])[];
}

const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };

/** Where two pieces meet, and a point to either side. */
const KINKS: readonly Kink[] = [
  { op: "Relu", inputs: [[-1, 0, 1]], slopes: [[0, 0, 1]] },
  { op: "Abs", inputs: [[-1, 0, 1]], slopes: [[-1, 0, 1]] },
  { op: "LeakyRelu", attributes: { alpha: 0.25 }, inputs: [[-1, 0, 1]], slopes: [[0.25, 0.25, 1]] },
  {
    op: "PRelu",
    inputs: [[-1, 0, 1], [0.25]],
    slopes: [[0.25, 0.25, 1], [-1]],
  },
  {
    op: "Elu",
    attributes: { alpha: 1.5 },
    inputs: [[-1, 0, 1]],
    slopes: [[1.5 * Math.exp(-1), 1.5, 1]],
  },
  {
    op: "Selu",
    attributes: SELU,
    inputs: [[-1, 0, 1]],
    slopes: [[SELU.gamma * SELU.alpha * Math.exp(-1), SELU.gamma * SELU.alpha, SELU.gamma]],
  },
  { op: "Celu", attributes: { alpha: 2 }, inputs: [[-1, 0, 1]], slopes: [[Math.exp(-0.5), 1, 1]] },
  { op: "ThresholdedRelu", attributes: { alpha: 0.5 }, inputs: [[0, 0.5, 1]], slopes: [[0, 0, 1]] },
  {
    op: "HardSigmoid",
    attributes: { alpha: 0.25, beta: 0.5 },
    inputs: [[-3, -2, 0, 2, 3]],
    slopes: [[0, 0, 0.25, 0, 0]],
  },
  { op: "HardSwish", inputs: [[-4, -3, 0, 3, 4]], slopes: [[0, 0, 0.5, 1, 1]] },
  { op: "Clip", inputs: [[-2, -1, 0, 1, 2], [-1], [1]], slopes: [[0, 1, 1, 1, 0], [1], [1]] },
  {
    op: "Clip",
    attributes: { min: -1, max: 0.1 },
    opset: 6,
    inputs: [[-1, Math.fround(0.1)]],
    slopes: [[1, 1]],
  },
  // Where min exceeds max, all is cut to max.
  { op: "Clip", inputs: [[-2, -1, 0, 1, 2], [1], [-1]], slopes: [[0, 0, 0, 0, 0], [0], [5]] },
  { op: "Clip", inputs: [[-2, Number.NaN, 1], [-1], [1]], slopes: [[0, 0, 1], [1], [0]] },
  {
    op: "Max",
    inputs: [
      [1, 2, 3],
      [3, 2, 1],
    ],
    slopes: [
      [0, 0.5, 1],
      [1, 0.5, 0],
    ],
  },
  {
    op: "Min",
    inputs: [
      [1, 2, 3],
      [3, 2, 1],
    ],
    slopes: [
      [1, 0.5, 0],
      [0, 0.5, 1],
    ],
  },
  { op: "ReduceMax", attributes: { keepdims: 0 }, inputs: [[1, 2, 2]], slopes: [[0, 0.5, 0.5]] },
  { op: "ReduceMin", attributes: { keepdims: 0 }, inputs: [[2, 1, 1]], slopes: [[0, 0.5, 0.5]] },
  { op: "ReduceL1", attributes: { keepdims: 0 }, inputs: [[-2, 0, 1]], slopes: [[-1, 0, 1]] },
  { op: "ReduceL2", attributes: { keepdims: 0 }, inputs: [[0, 0, 0]], slopes: [[0, 0, 0]] },
  {
    op: "Pow",
    inputs: [
      [0, 0, 2],
      [0, 1, 0],
    ],
    slopes: [
      [0, 1, 0],
      [0, 0, Math.log(2)],
    ],
  },
];

/** The slopes of a node's operands, all fed, or all but the first constants. */
function slopesOf(kink: Kink, dtype: "float32" | "float64", constant: boolean): number[][] {
  const own = graphBuilder({ name: kink.op, ...(kink.opset && { opset: kink.opset }) });
  const feeds = new Map<string, TensorData>();
  const names = kink.inputs.map((values, i) => {
    const scalar = kink.op === "Clip" && i > 0;
    const data = fromNumbers(dtype, scalar ? [] : [values.length], values);
    if (constant && i > 0) return own.constant(`x${i}`, data);
    feeds.set(`x${i}`, data);
    return own.input(`x${i}`, dtype, data.dims);
  });
  own.output(own.node(kink.op, names, kink.attributes ?? {}, { outputs: ["y"] }));
  const builder = graphBuilder({ name: kink.op, from: propagateFacts(own.finish()) });
  const axes = builder.constant("axes", { dtype: "int64", dims: [0], data: new BigInt64Array(0) });
  const loss = builder.node("ReduceSum", ["y", axes], { keepdims: 0 });
  builder.output(loss);
  const gradients = differentiate(builder, loss, new Set(feeds.keys()));
  for (const name of feeds.keys()) builder.output(gradients.get(name) as string);
  const [, ...found] = runner(builder.finish(), dtype === "float64" ? "disabled" : "all")(feeds);
  return found.map(toNumberArray);
}

describe("where an operator has a kink, its slope is the documented one", () => {
  test.each(
    KINKS.flatMap((kink) =>
      [false, true]
        .filter((constant) => !constant || kink.inputs.length > 1)
        .flatMap((constant) =>
          (["float64", "float32"] as const)
            .filter((dtype) => dtype === "float32" || kink.opset === undefined)
            .map((dtype) => {
              const about = `${kink.op} at [${kink.inputs.join("] [")}], ${constant ? "constant" : "fed"}`;
              return [`${about}, ${dtype}`, kink, dtype, constant] as const;
            }),
        ),
    ),
  )("%s", (_, kink, dtype, constant) => {
    slopesOf(kink, dtype, constant).forEach((slopes, i) => {
      const expected = kink.slopes[i] as readonly number[];
      expect(slopes.length).toBe(expected.length);
      slopes.forEach((slope, at) => {
        expect(slope, `slope ${at} by operand ${i}`).toBeCloseTo(expected[at] as number, 5);
      });
    });
  });

  test.each(["MaxPool", "GlobalMaxPool"])("%s gives all to the first of equal ones", (op) => {
    for (const dtype of ["float32", "float64"] as const) {
      const builder = graphBuilder({ name: op });
      const x = builder.input("x", dtype, [1, 1, 2, 2]);
      const attributes = op === "MaxPool" ? { kernelShape: [2, 2] } : {};
      const y = builder.node(op, [x], attributes);
      const loss = builder.node("ReduceSum", [y], { keepdims: 0 });
      builder.output(loss);
      builder.output(differentiate(builder, loss, new Set([x])).get(x) as string);
      const data = fromNumbers(dtype, [1, 1, 2, 2], [1, 2, 2, 0]);
      const [, slopes] = runner(builder.finish(), "all")(new Map([["x", data]]));
      expect(toNumberArray(slopes as TensorData)).toEqual([0, 1, 0, 0]);
    }
  });
});
