import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int, ints, required, string } from "../define.ts";
import { fromNumbers, toNumberArray, toNumbers } from "../shared/elements.ts";

/**
 * The gradient of NegativeLogLikelihoodLoss by its log-probabilities, which have `dims` [N, C, …]: −weight·dy at each
 * target, over the sum of the weights where the loss is a mean. The other attributes are the loss's.
 */
export const negativeLogLikelihoodGradient = defineOp({
  type: "NegativeLogLikelihoodGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["dy", "target", "weight?"],
  attributes: { dims: required(ints()), ignoreIndex: int(), reduction: string("mean") },
  infer: (context) => [factOf(context.fact(0).dtype, context.attributes.dims)],
  evaluate(context) {
    const { dy, target, weight } = context.tensors();
    const { dims, ignoreIndex, reduction } = context.attributes;
    const classes = dims[1] as number;
    const inner = elementCount(dims.slice(2));
    const [slopes, weights] = [toNumbers(dy), weight && toNumbers(weight)];
    const labels = toNumberArray(target);
    const weightOf = (label: number): number =>
      label === ignoreIndex ? 0 : weights === undefined ? 1 : (weights[label] as number);
    const total = reduction === "mean" ? labels.reduce((sum, label) => sum + weightOf(label), 0) : 1;
    const result = new Float64Array(elementCount(dims));
    labels.forEach((label, i) => {
      if (label === ignoreIndex) return;
      if (label < 0 || label >= classes)
        context.fail(`target ${label} is out of range for ${classes} classes`);
      const at = (Math.floor(i / inner) * classes + label) * inner + (i % inner);
      const slope = slopes[reduction === "none" ? i : 0] as number;
      result[at] = (-weightOf(label) * slope) / total;
    });
    return [fromNumbers(dy.dtype, dims, result)];
  },
});
