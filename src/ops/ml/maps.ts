import type { Fact } from "../../graph/graph.ts";
import { isTensor, type MapData, type MapKeys } from "../../value.ts";
import type { EvaluateContext, InferContext } from "../define.ts";

/** The fact of an input that must be a map with such keys. */
export function mapFact<A>(context: InferContext<A>, index: number, keys: MapKeys): Fact {
  const fact = context.fact(index);
  if (fact.container !== "map" || fact.keys !== keys)
    context.failType(`input ${index} must be a map with keys of ${keys}, got ${described(fact)}`);
  return fact;
}

const described = ({ container, keys, dtype }: Fact): string =>
  container === "map" ? `one with keys of ${keys}` : `a ${container ?? "tensor"} of ${dtype}`;

/** An input that must be a map. */
export function mapAt<A>(context: EvaluateContext<A>, index: number): MapData {
  const value = context.values[index];
  if (value !== undefined && !isTensor(value) && value.container === "map") return value;
  return context.fail(`input ${index} must be a map`);
}
