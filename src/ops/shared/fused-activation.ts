import type { FusedActivation } from "../../graph/graph.ts";
import type { unaryCode } from "../kernel-contract.ts";
import { scalars } from "./scalars.ts";

/** What a fused activation does to each element, in place. */
export function activate(activation: FusedActivation | undefined, values: Float64Array): void {
  if (activation === undefined) return;
  const scalar = scalars[activation.kind as keyof typeof unaryCode](activation.alpha, activation.beta);
  for (let i = 0; i < values.length; i++) values[i] = scalar(values[i] as number);
}
