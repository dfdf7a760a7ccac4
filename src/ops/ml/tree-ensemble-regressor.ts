import { defineOp, factOf, floats, int, ints, string, strings, tensor } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { featureRows, matrixOf } from "./labels.ts";
import { postTransformOf, transformScores } from "./post-transform.ts";
import { AGGREGATES, floatsOf, gatherVotes, treesOf } from "./trees.ts";

/** TreeEnsembleRegressor: the leaves' weights of every tree, gathered by target. https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html */
export const treeEnsembleRegressor = defineOp({
  type: "TreeEnsembleRegressor",
  domain: "ai.onnx.ml",
  since: [1, 3, 5],
  inputs: ["x"],
  attributes: {
    aggregateFunction: string("SUM"),
    baseValues: floats(),
    baseValuesAsTensor: tensor(),
    nTargets: int(1),
    nodesFalsenodeids: ints(),
    nodesFeatureids: ints(),
    nodesHitrates: floats(),
    nodesHitratesAsTensor: tensor(),
    nodesMissingValueTracksTrue: ints(),
    nodesModes: strings(),
    nodesNodeids: ints(),
    nodesTreeids: ints(),
    nodesTruenodeids: ints(),
    nodesValues: floats(),
    nodesValuesAsTensor: tensor(),
    postTransform: string("NONE"),
    targetIds: ints(),
    targetNodeids: ints(),
    targetTreeids: ints(),
    targetWeights: floats(),
    targetWeightsAsTensor: tensor(),
  },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    const dims = context.dims(0);
    const rows = dims === undefined ? "?" : dims.length === 1 ? 1 : (dims[0] ?? "?");
    return [factOf("float32", [rows, context.attributes.nTargets])];
  },

  evaluate(context) {
    const { attributes } = context;
    const { nTargets } = attributes;
    const aggregate = AGGREGATES.find((name) => name === attributes.aggregateFunction);
    if (aggregate === undefined)
      return context.fail(`aggregate_function ${attributes.aggregateFunction} is not known`);
    const transform = postTransformOf(context, attributes.postTransform);
    const base = floatsOf(attributes.baseValues, attributes.baseValuesAsTensor);
    const roots = treesOf(context, attributes, {
      treeids: attributes.targetTreeids ?? [],
      nodeids: attributes.targetNodeids ?? [],
      targets: attributes.targetIds ?? [],
      weights: floatsOf(attributes.targetWeights, attributes.targetWeightsAsTensor),
    });
    const rows = featureRows(context, context.tensor(0)).map((row) => {
      const votes = gatherVotes(context, roots, row, nTargets, aggregate);
      // Among several targets one without a vote stays 0, whatever its base value: onnxruntime's reading.
      const scores = votes.map((score, i) =>
        score === undefined && nTargets > 1 ? 0 : (score ?? 0) + (base[i] ?? 0),
      );
      // A lone target is transformed by PROBIT only, as in onnxruntime.
      return nTargets > 1 || transform === "PROBIT" ? transformScores(scores, transform) : scores;
    });
    return [matrixOf(rows, nTargets)];
  },
});
