import { isFloat } from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import { concreteDims, type Fact, isConcrete } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, factOf, float, int, ints } from "../define.ts";
import { randomFrom } from "../random/generator.ts";
import { scalarOf } from "../shared/axes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { checkDType, FLOATS } from "./dtypes.ts";

const isOff = (fact: Fact | undefined): boolean => fact === undefined || fact.data?.data[0] === 0;

/**
 * Dropout: the data as it is, and a mask of what was kept; in training (opset 12 on, by input) each element is dropped
 * with the probability `ratio` and the rest scaled by 1 / (1 - ratio).
 * https://onnx.ai/onnx/operators/onnx__Dropout.html
 */
export const dropout = defineOp({
  type: "Dropout",
  since: [1, 6, 7, 10, 12, 13, 22],
  inputs: ["data", "ratio?", "trainingMode?"],
  outputs: ["output", "mask?"],
  attributes: { ratio: float(0.5), isTest: int(0), consumedInputs: ints(), seed: int() },
  impure: true,
  identity: ({ inputs: [, , trainingMode] }) => isOff(trainingMode),
  receptiveField: atOwnPlace,

  infer(context) {
    const { data, ratio, trainingMode } = context.facts();
    const { dtype, dims } = data;
    checkDType(context, "data", dtype, FLOATS);
    if (ratio !== undefined && !isFloat(ratio.dtype))
      context.failType(`ratio must be a float, got ${ratio.dtype}`);
    for (const [name, fact] of Object.entries({ ratio, trainingMode }))
      if (isConcrete(fact) && elementCount(concreteDims(fact)) !== 1)
        context.fail(`${name} must be one value, got ${showDims(concreteDims(fact))}`);
    if (trainingMode !== undefined && trainingMode.dtype !== "bool")
      context.failType(`training_mode must be bool, got ${trainingMode.dtype}`);
    return [factOf(dtype, dims), factOf(context.opset < 10 ? dtype : "bool", dims)].slice(
      0,
      context.outputCount,
    );
  },

  evaluate(context) {
    const { data, ratio: ratioInput, trainingMode } = context.tensors();
    const { dims } = data;
    const count = elementCount(dims);
    const ratio =
      ratioInput === undefined ? context.attributes.ratio : scalarOf(context, ratioInput, "ratio");
    const maskType = context.opset < 10 ? data.dtype : "bool";
    const kept = (mask: ArrayLike<number>): TensorData[] =>
      [fromNumbers(maskType, dims, mask)].slice(0, context.outputCount - 1);
    if ((trainingMode?.data[0] ?? 0) === 0 || ratio === 0)
      // The text leaves the mask open before opset 12; onnxruntime gives zeros.
      return [data, ...kept(new Uint8Array(count).fill(context.opset < 12 ? 0 : 1))];
    if (!(ratio >= 0 && ratio < 1)) context.fail(`ratio must be in [0, 1), got ${ratio}`);
    const random = randomFrom(context.attributes.seed);
    const mask = Uint8Array.from({ length: count }, () => (random() < ratio ? 0 : 1));
    const scale = 1 / (1 - ratio);
    const scaled = Float64Array.from(toNumbers(data), (value, i) => (mask[i] === 1 ? value * scale : 0));
    return [fromNumbers(data.dtype, dims, scaled), ...kept(mask)];
  },
});
