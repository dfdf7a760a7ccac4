import type { Dim, Fact, Graph } from "../../graph/graph.ts";
import type { Work } from "../../interruptible.ts";
import { heldBytes } from "../../memory-limit.ts";
import { type TensorData, zeros } from "../../tensor.ts";
import { defineOp, factOf, graph, type InferContext, type RuntimeValue, required } from "../define.ts";
import { checkDType } from "../elementwise/dtypes.ts";
import { entryTensor, stack } from "../sequence/sequences.ts";
import { scalarOf } from "../shared/axes.ts";
import { fromNumbers } from "../shared/elements.ts";
import { settle, truthOf } from "./looping.ts";

/** Loop: a graph run a number of times, or while its condition holds; state goes round, scan outputs are stacked. https://onnx.ai/onnx/operators/onnx__Loop.html */
export const loop = defineOp({
  type: "Loop",
  since: [1, 11, 13, 16, 19, 21, 23, 24, 25],
  inputs: ["trip_count?", "cond?", "v_initial*"],
  outputs: ["v_final_and_scan_outputs*"],
  attributes: { body: required(graph()) },
  subgraphInputs: (inputCount) => Math.max(inputCount, 2),

  infer(context) {
    checkDType(context, "the trip count", context.inputs[0]?.dtype ?? "int64", ["int64"]);
    checkDType(context, "the condition", context.inputs[1]?.dtype ?? "bool", ["bool"]);
    const body = context.attributes.body as Graph;
    const initial = context.inputs.slice(2).map((_, i) => context.fact(i + 2));
    const iteration = factOf("int64", scalarDims(body, 0));
    // If the condition starts true and the body gives back a constant true, the trip count decides alone.
    const starts = context.inputs[1] === undefined || isTrue(context.data(1));
    const condition: Fact = starts ? constantTrue(scalarDims(body, 1)) : factOf("bool", scalarDims(body, 1));
    const { state, outputs } = settle(
      context,
      body,
      initial,
      (facts) => [iteration, condition, ...facts],
      (facts) => facts.slice(1),
    );
    const count = starts && isTrue(outputs[0]?.data) ? tripCount(context) : "?";
    const scans = outputs.slice(1 + initial.length).map((fact) => {
      if (fact === undefined) return undefined as unknown as Fact;
      return factOf(fact.dtype, fact.dims && [count, ...fact.dims]);
    });
    return [...state, ...scans];
  },

  *evaluate(context) {
    const body = context.attributes.body as Graph;
    const limit = context.optional(0);
    const most = limit === undefined ? Infinity : scalarOf(context, limit, "the trip count");
    let going = context.values[1] === undefined || truthOf(context, context.values[1]);
    let state = context.values.slice(2) as readonly RuntimeValue[];
    const scans: TensorData[][] = body.outputs.slice(1 + state.length).map(() => []);
    let heldByScans = 0;
    const round = (i: number): Work<RuntimeValue[]> => {
      const iteration = fromNumbers("int64", scalarDims(body, 0), [i]);
      const condition: TensorData = { dtype: "bool", dims: scalarDims(body, 1), data: Uint8Array.of(1) };
      return context.runSubgraph(body, [iteration, condition, ...state]);
    };
    for (let i = 0; i < most && going; i++) {
      const [next, ...results] = yield* round(i);
      going = truthOf(context, next);
      scans.forEach((scan, k) => {
        const entry = entryTensor(context, results[state.length + k]);
        scan.push(entry);
        heldByScans += heldBytes(entry);
      });
      context.assertFits(heldByScans);
      state = results.slice(0, state.length);
    }
    // Where there was no round, one that does not count tells the dims of what would have been stacked.
    const shapes =
      scans.length > 0 && scans[0]?.length === 0 ? (yield* round(0)).slice(1 + state.length) : [];
    const stacked = scans.map((scan, k) => {
      if (scan.length > 0) return stack(context, scan, 0);
      const { dtype, dims } = entryTensor(context, shapes[k]);
      return zeros(dtype, [0, ...dims]);
    });
    return [...state, ...stacked];
  },
});

/** The iteration number and the condition are scalars unless the body declares one axis of size 1. */
const scalarDims = (body: Graph, input: number): readonly number[] =>
  body.facts.get(body.inputs[input] as string)?.dims?.length === 1 ? [1] : [];

const constantTrue = (dims: readonly number[]): Fact => ({
  dtype: "bool",
  dims,
  data: { dtype: "bool", dims, data: Uint8Array.of(1) },
});

const isTrue = (data: TensorData | undefined): boolean =>
  data?.dtype === "bool" && data.data.length === 1 && data.data[0] === 1;

function tripCount(context: InferContext<object>): Dim {
  const limit = context.data(0);
  return limit === undefined ? "?" : Math.max(0, scalarOf(context, limit, "the trip count"));
}
