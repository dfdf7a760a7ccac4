import { InternalError } from "../errors.ts";
import { type Graph, nodeReads } from "./graph.ts";

/** Throws an InternalError where a graph breaks an invariant: SSA, topological order, facts of inputs and constants. */
export function verifyGraph(graph: Graph, label = graph.name): void {
  const written = new Set<string>();
  const write = (name: string, by: string): void => {
    if (written.has(name))
      throw new InternalError(`${label}: ${JSON.stringify(name)} is written twice, again by ${by}`);
    written.add(name);
  };
  for (const name of graph.inputs) {
    write(name, "an input");
    if (!graph.facts.has(name))
      throw new InternalError(`${label}: no fact for the input ${JSON.stringify(name)}`);
  }
  for (const [name, fact] of graph.facts) if (fact.data !== undefined) write(name, "a constant");
  const names = new Set<string>();
  for (const node of graph.nodes) {
    const by = `${node.op} ${JSON.stringify(node.name)}`;
    if (names.has(node.outputs.join("\u0000"))) throw new InternalError(`${label}: ${by} stands twice`);
    names.add(node.outputs.join("\u0000"));
    for (const name of nodeReads(node)) {
      if (!written.has(name))
        throw new InternalError(`${label}: ${by} reads ${JSON.stringify(name)} before it is written`);
    }
    for (const name of node.outputs) if (name !== "") write(name, by);
  }
  for (const { input, next } of graph.states ?? []) {
    if (!graph.inputs.includes(input))
      throw new InternalError(`${label}: the state ${JSON.stringify(input)} is no input`);
    if (next !== undefined && graph.outputs[next] === undefined)
      throw new InternalError(`${label}: the state ${JSON.stringify(input)} has no output ${next}`);
  }
  for (const name of graph.outputs) {
    if (!written.has(name))
      throw new InternalError(`${label}: nothing writes the output ${JSON.stringify(name)}`);
  }
}
