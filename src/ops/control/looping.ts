import type { Fact, Graph } from "../../graph/graph.ts";
import { type InferContext, isTensor, type RuntimeValue } from "../define.ts";
import { mergeFacts, withoutData } from "../sequence/sequences.ts";
import { type Failing, scalarOf } from "../shared/axes.ts";

/**
 * Facts of a body's outputs once its state has settled: what the state has at first and what the body makes of it are
 * merged until they no longer change. `wrap` gives the body's inputs for a state, `stateOf` picks the state's facts out
 * of its outputs. After as many rounds as the context allows, ranks count as unknown; a loop inside the body is left a
 * quarter of them, so that nested loops do not take the product of their depths.
 */
export function settle<A>(
  context: InferContext<A>,
  body: Graph,
  initial: readonly Fact[],
  wrap: (state: readonly Fact[]) => readonly Fact[],
  stateOf: (outputs: readonly (Fact | undefined)[]) => readonly (Fact | undefined)[],
): { state: readonly Fact[]; outputs: readonly (Fact | undefined)[] } {
  const { rounds } = context;
  let state = initial.map(rounds > 0 ? withoutData : bare);
  for (let round = 0; ; round++) {
    const outputs = context.inferSubgraph(body, wrap(state), Math.floor(rounds / 4));
    const next = stateOf(outputs);
    const merged = state.map((fact, i) => {
      const result = next[i];
      return result === undefined || round >= rounds ? bare(fact) : mergeFacts(fact, result);
    });
    if (merged.every((fact, i) => sameDims(fact, state[i]))) return { state, outputs };
    state = merged;
  }
}

/** A fact whose rank is unknown. */
const bare = ({ dims: _, ...fact }: Fact): Fact => withoutData(fact);

const sameDims = (a: Fact, b: Fact | undefined): boolean =>
  a.dims === undefined
    ? b?.dims === undefined
    : a.dims.join() === b?.dims?.join() && a.dims.length === b.dims.length;

/** The one boolean of a condition. */
export function truthOf(context: Failing, value: RuntimeValue | undefined): boolean {
  if (!isTensor(value)) return context.fail("the condition is not a tensor");
  return scalarOf(context, value, "the condition") !== 0;
}
