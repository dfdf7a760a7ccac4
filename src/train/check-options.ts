import { arrayOf, booleanOf, functionOf, numberIn, objectOf, oneOf, stringOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { OPTIMIZATION_LEVELS } from "../passes/pipeline.ts";
import type { CompileOptions } from "./training-types.ts";

/** Throws a UsageError for options of `compile` that are none. */
export function checkCompileOptions(options: CompileOptions): void {
  const { loss, optimizer, metrics, clipNorm, seed, threads, simd, graphOptimizationLevel } = objectOf(
    "compile: the options",
    options,
  );
  stringOf("compile: the loss's name", objectOf("compile: loss", loss, "a loss").name);
  functionOf("compile: the loss's labels", loss.labels);
  functionOf("compile: the loss's build", loss.build);
  stringOf("compile: the optimizer's name", objectOf("compile: optimizer", optimizer, "an optimiser").name);
  functionOf("compile: the optimizer's learningRate", optimizer.learningRate);
  functionOf("compile: the optimizer's update", optimizer.update);
  for (const slot of arrayOf("compile: the optimizer's slots", optimizer.slots))
    stringOf("compile: a slot of the optimizer", slot);
  if (optimizer.perturbation !== undefined)
    numberIn("compile: the optimizer's perturbation", optimizer.perturbation, { above: 0 });
  const names = new Set(["loss"]);
  for (const metric of metrics === undefined ? [] : arrayOf("compile: metrics", metrics)) {
    stringOf("compile: a metric's name", objectOf("compile: a metric", metric, "a metric").name);
    booleanOf(`compile: higherIsBetter of ${metric.name}`, metric.higherIsBetter);
    functionOf(`compile: start of ${metric.name}`, metric.start);
    if (names.has(metric.name))
      throw new UsageError(`compile: there is a number called ${metric.name} already among an epoch's`);
    names.add(metric.name);
  }
  if (clipNorm !== undefined) numberIn("compile: clipNorm", clipNorm, { above: 0 });
  if (seed !== undefined) numberIn("compile: seed", seed, { whole: true });
  if (threads !== undefined && threads !== "auto")
    numberIn("compile: threads", threads, { from: 1, whole: true });
  if (simd !== undefined) oneOf("compile: simd", simd, ["auto", "plain", "relaxed"]);
  if (graphOptimizationLevel !== undefined)
    oneOf("compile: graphOptimizationLevel", graphOptimizationLevel, OPTIMIZATION_LEVELS);
}
