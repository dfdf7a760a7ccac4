import { UsageError } from "../errors.ts";
import { concreteDims, type Fact, type Graph, isConcrete, type Node } from "../graph/graph.ts";
import { bindInputs, propagateFacts } from "../passes/propagate-facts.ts";
import { type ChannelAxisOf, channelAxes } from "./channels.ts";

// Which values of a classifier its explanations are about, where nobody names them.

/** Operators that leave scores, and features of one place, as they are but for their form. */
export const FORMS: ReadonlySet<string> = new Set([
  ...["Identity", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze"],
]);

export const producersOf = (nodes: readonly Node[]): ReadonlyMap<string, Node> =>
  new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));

/**
 * The scores of the classes: the first output or, where that is a softmax's, what goes into it. Behind a softmax every class's
 * gradient has the others' in it, and vanishes where the network is sure.
 */
export function scoresOf(graph: Graph): string {
  const producers = producersOf(graph.nodes);
  const output = graph.outputs[0] as string;
  for (let value = output; ; ) {
    const node = producers.get(value);
    if (node === undefined || node.domain !== "") return output;
    const [input] = node.inputs as [string];
    if (node.op === "Softmax" || node.op === "LogSoftmax") return input;
    if (!FORMS.has(node.op)) return output;
    value = input;
  }
}

/** A graph for pictures of one size: what is known of its values then. */
export interface SizedGraph {
  readonly name: string;
  /** Those that are not folded. */
  readonly nodes: readonly Node[];
  readonly facts: ReadonlyMap<string, Fact>;
  readonly axisOf: ChannelAxisOf;
}

/** What is known of a graph's values where its one input has these dims. */
export function sizedGraph(graph: Graph, dims: readonly number[]): SizedGraph {
  const sized = propagateFacts(bindInputs(graph, new Map([[graph.inputs[0] as string, dims]])));
  return {
    name: graph.name,
    nodes: sized.nodes,
    facts: sized.facts,
    axisOf: channelAxes(sized, sized.facts),
  };
}

/** The last feature maps on the way to a value: of rank 4, of more than one place. Throws a UsageError where there are none. */
export function lastMapsBefore({ name, nodes, facts, axisOf }: SizedGraph, value: string): string {
  const producers = producersOf(nodes);
  const before = new Set<string>();
  const waiting = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (before.has(next)) continue;
    before.add(next);
    waiting.push(...(producers.get(next)?.inputs ?? []));
  }
  const isMaps = (maps: string): boolean => {
    const fact = facts.get(maps);
    if (maps === value || !before.has(maps) || !isConcrete(fact) || fact.dtype !== "float32") return false;
    const places = concreteDims(fact).filter((_, i) => i > 0 && i !== axisOf(maps));
    return fact.dims.length === 4 && places.reduce((product, size) => product * size, 1) > 1;
  };
  const found = nodes.flatMap(({ outputs }) => outputs.filter(isMaps)).at(-1);
  if (found === undefined)
    throw new UsageError(
      `${name} has no feature maps before ${JSON.stringify(value)}: name a layer's output`,
    );
  return found;
}
