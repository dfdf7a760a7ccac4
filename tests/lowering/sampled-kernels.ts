import { forAllDraws } from "./draw.ts";
import { TRIED } from "./operators.ts";
import { PLACEMENTS, planSample } from "./run.ts";

/**
 * The kernels that the samples of these tests have operators call, by the plans that the tests run; what stands around
 * the operators is left out. Ends where all that are wanted are found.
 */
export function sampledKernels(wanted: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const placement of PLACEMENTS)
    for (const [name, trials] of TRIED) {
      if (wanted.every((kernel) => found.has(kernel))) return found;
      forAllDraws((draw) => {
        const { kernels = [] } = planSample(name, trials.draw(draw), { placement, draw });
        for (const kernel of kernels) found.add(kernel);
      });
    }
  return found;
}
