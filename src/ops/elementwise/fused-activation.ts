import type { FusedActivation } from "../../graph/graph.ts";
import { type ScalarName, scalars } from "./scalars.ts";

/** What a fused activation does to each element, in place. */
export function activate(activation: FusedActivation | undefined, values: Float64Array): void {
  if (activation === undefined) return;
  const scalar = scalars[activation.kind as ScalarName](activation.alpha, activation.beta);
  for (let i = 0; i < values.length; i++) values[i] = scalar(values[i] as number);
}
