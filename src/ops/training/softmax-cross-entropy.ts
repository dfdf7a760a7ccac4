import { defineOp, factOf, float, sameAs } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/**
 * The mean over N of the cross-entropy between softmax(scores[N, C]) and the classes labels[N], and its gradient by the
 * scores, in one pass. With label smoothing ε the target is 1 − ε + ε/C for the class and ε/C for each other
 * (Szegedy et al. 2016, section 7).
 */
export const softmaxCrossEntropy = defineOp({
  type: "SoftmaxCrossEntropy",
  domain: "lanewise",
  since: [1],
  inputs: ["scores", "labels"],
  outputs: ["loss", "gradient"],
  attributes: { smoothing: float(0) },
  infer(context) {
    const scores = context.fact(0);
    const labels = context.fact(1);
    if (scores.dims !== undefined && scores.dims.length !== 2)
      context.fail(`scores must be [N, C], got [${scores.dims}]`);
    if (labels.dtype !== "int32") context.failType(`labels must be int32, got ${labels.dtype}`);
    return [factOf(scores.dtype, []), sameAs(scores)];
  },
  evaluate(context) {
    const [scores, labels] = [context.tensor(0), context.tensor(1)];
    const { smoothing } = context.attributes;
    const [batch, classes] = scores.dims as [number, number];
    const [values, targets] = [Float64Array.from(toNumbers(scores)), toNumbers(labels)];
    const gradient = new Float64Array(batch * classes);
    const rest = smoothing / classes;
    let loss = 0;
    for (let n = 0; n < batch; n++) {
      const row = values.slice(n * classes, (n + 1) * classes);
      const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
      const sum = row.reduce((total, value) => total + Math.exp(value - most), 0);
      row.forEach((value, c) => {
        const target = rest + (c === targets[n] ? 1 - smoothing : 0);
        const log = value - most - Math.log(sum);
        if (target !== 0) loss -= (target * log) / batch;
        gradient[n * classes + c] = (Math.exp(log) - target) / batch;
      });
    }
    return [
      fromNumbers(scores.dtype, [], Float64Array.of(loss)),
      fromNumbers(scores.dtype, scores.dims, gradient),
    ];
  },
});
