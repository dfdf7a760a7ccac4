import type { Fact } from "../../graph/graph.ts";
import { defineOp, factOf, graph, isTensor, type RuntimeValue, required } from "../define.ts";
import { sequenceAt, sequenceFact, withoutData } from "./sequences.ts";

/** SequenceMap: a graph run on each entry (and the entries of other sequences beside it). https://onnx.ai/onnx/operators/onnx__SequenceMap.html */
export const sequenceMap = defineOp({
  type: "SequenceMap",
  since: [17],
  inputs: ["input_sequence", "additional_inputs*"],
  outputs: ["out_sequence*"],
  attributes: { body: required(graph()) },
  subgraphInputs: (inputCount) => inputCount,

  infer(context) {
    const entries = context.inputs.map((_, i): Fact => {
      const fact = context.fact(i);
      return i === 0 || fact.container === "sequence" ? factOf(fact.dtype, fact.dims) : withoutData(fact);
    });
    const { body } = context.attributes;
    const results = context.inferSubgraph(body as NonNullable<typeof body>, entries);
    return results.map((fact) => sequenceFact(fact?.dtype ?? "float32", fact?.dims));
  },

  *evaluate(context) {
    const { body } = context.attributes;
    const rows: RuntimeValue[][] = [];
    for (const [i, entry] of sequenceAt(context, 0).values.entries()) {
      const beside = context.values.slice(1).map((value): RuntimeValue => {
        if (value === undefined) return context.fail("an input is missing");
        if (isTensor(value) || value.container !== "sequence") return value;
        return value.values[i] ?? context.fail(`a sequence of ${value.values.length} has no entry ${i}`);
      });
      rows.push(yield* context.runSubgraph(body as NonNullable<typeof body>, [entry, ...beside]));
    }
    return Array.from({ length: context.outputCount }, (_, k): RuntimeValue => {
      const values = rows.map((row) => row[k] as RuntimeValue);
      const name = body?.outputs[k] ?? "";
      const dtype = values[0]?.dtype ?? body?.facts.get(name)?.dtype ?? sequenceAt(context, 0).dtype;
      return { container: "sequence", dtype, values };
    });
  },
});
