import { UsageError } from "../errors.ts";
import { concreteDims, type Graph, isConcrete, type Node } from "../graph/graph.ts";
import { bindInputs, propagateFacts } from "../passes/propagate-facts.ts";

// Which values of a classifier its explanations are about, where nobody names them.

/** Operators that leave scores as they are but for their form. */
const FORMS: ReadonlySet<string> = new Set(["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze"]);

const producersOf = (graph: Graph): ReadonlyMap<string, Node> =>
  new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));

/**
 * The scores of the classes: the first output or, where that is a softmax's, what goes into it. Behind a softmax every class's
 * gradient has the others' in it, and vanishes where the network is sure.
 */
export function scoresOf(graph: Graph): string {
  const producers = producersOf(graph);
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

/**
 * The last feature maps on the way to a value: of rank 4, of more than one place, as the sizes follow from the input's dims.
 * Throws a UsageError where there are none.
 */
export function lastMapsBefore(graph: Graph, value: string, dims: readonly number[]): string {
  const bound = bindInputs(graph, new Map([[graph.inputs[0] as string, dims]]));
  const { nodes, facts } = propagateFacts(bound);
  const producers = producersOf({ ...graph, nodes });
  const before = new Set<string>();
  const waiting = [value];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (before.has(name)) continue;
    before.add(name);
    waiting.push(...(producers.get(name)?.inputs ?? []));
  }
  const isMaps = (name: string): boolean => {
    const fact = facts.get(name);
    if (name === value || !before.has(name) || !isConcrete(fact) || fact.dtype !== "float32") return false;
    const [, , height = 1, width = 1, ...more] = concreteDims(fact);
    return fact.dims.length === 4 && more.length === 0 && height * width > 1;
  };
  const found = nodes.flatMap(({ outputs }) => outputs.filter(isMaps)).at(-1);
  if (found === undefined)
    throw new UsageError(
      `${graph.name} has no feature maps before ${JSON.stringify(value)}: name a layer's output`,
    );
  return found;
}
