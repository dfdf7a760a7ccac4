import { DTYPES, type DType, dtypeInfo, isFloat } from "../../dtype.ts";
import type { Dim, Graph } from "../../graph/graph.ts";
import type { Work } from "../../interruptible.ts";
import { defineOp, type EvaluateContext, factOf, float, graph, int, isTensor } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { headsOf, scores, softmaxRows, weightedValues } from "./attending.ts";

/** The scores or probabilities as a subgraph changes them. */
function* modify(
  context: Pick<EvaluateContext, "runSubgraph" | "fail">,
  body: Graph | undefined,
  dtype: DType,
  dims: readonly number[],
  values: Float64Array,
): Work<Float64Array> {
  if (body === undefined) return values;
  const [result] = yield* context.runSubgraph(body, [fromNumbers(dtype, dims, values)]);
  if (!isTensor(result) || result.dims.join() !== dims.join()) {
    return context.fail(`a subgraph must keep the dims [${dims}]`);
  }
  return Float64Array.from(toNumbers(result));
}

/**
 * FlexAttention: softmax(scale·Q·Kᵀ)·V by heads, where subgraphs may change the scores and the probabilities.
 * https://onnx.ai/onnx/operators/onnx_aionnxpreview_FlexAttention.html
 */
export const flexAttention = defineOp({
  type: "FlexAttention",
  domain: "ai.onnx.preview",
  since: [1],
  inputs: ["Q", "K", "V"],
  attributes: { scale: float(), softmaxPrecision: int(), scoreMod: graph(), probMod: graph() },
  subgraphInputs: () => 1,

  infer(context) {
    const { dtype, dims } = context.fact(0);
    if (!isFloat(dtype)) context.failType(`Q must be floating point, got ${dtype}`);
    for (const [i, name] of ["Q", "K", "V"].entries()) {
      const operand = context.dims(i);
      if (operand !== undefined && operand.length !== 4)
        context.fail(`${name} must have rank 4, got [${operand}]`);
    }
    if (dims === undefined) return [factOf(dtype, undefined)];
    return [factOf(dtype, [...dims.slice(0, 3), (context.facts().V.dims?.[3] ?? "?") as Dim])];
  },

  *evaluate(context) {
    const [q, k, v] = [0, 1, 2].map((i) => headsOf(context.tensor(i), undefined)) as [
      ReturnType<typeof headsOf>,
      ReturnType<typeof headsOf>,
      ReturnType<typeof headsOf>,
    ];
    const { scale, softmaxPrecision, scoreMod, probMod } = context.attributes;
    const own = context.tensor(0).dtype;
    const dtype = DTYPES.find((candidate) => dtypeInfo[candidate].onnx === softmaxPrecision) ?? own;
    const dims = [q.batch, q.heads, q.length, k.length];
    const weights = yield* modify(
      context,
      scoreMod,
      dtype,
      dims,
      scores(q, k, scale ?? 1 / Math.sqrt(q.size)),
    );
    softmaxRows(weights, k.length);
    const probabilities = yield* modify(context, probMod, dtype, dims, weights);
    const y = weightedValues(probabilities, v, q.heads, q.length, false);
    return [fromNumbers(own, [q.batch, q.heads, q.length, v.size], y)];
  },
});
