import type { Attributes, Fact, Graph, Node } from "../graph/graph.ts";

/** Constants turned into inputs. */
export function asStates(graph: Graph, names: readonly string[]): Graph {
  const facts = new Map(graph.facts);
  for (const name of names) {
    const { dtype, dims } = facts.get(name) as Fact;
    facts.set(name, { dtype, ...(dims && { dims }) });
  }
  return { ...graph, inputs: [...graph.inputs, ...names], facts };
}

/** A graph as it trains. */
export interface TrainingMode {
  readonly graph: Graph;
  /** Running statistics, by name, and what they become. */
  readonly updates: ReadonlyMap<string, string>;
  readonly statistics: readonly string[];
}

/**
 * BatchNormalization on batch statistics and Dropout with masks, in what depends on trainable values. A Dropout of the
 * constant 1 that something is multiplied by is a gate: of that, whole samples are dropped (`dropPath`). Masks follow from the
 * value `seed`.
 */
export function inTrainingMode(graph: Graph, trainable: readonly string[], seed: string): TrainingMode {
  const active = new Set(trainable);
  const updates = new Map<string, string>();
  const facts = new Map(graph.facts);
  const gates = gatesOf(graph);
  let masks = 0;
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const reads = node.inputs.some((name) => active.has(name));
    if (reads) for (const name of node.outputs) active.add(name);
    if (!reads || node.domain !== "") return [node];
    if (node.op === "BatchNormalization") return [trainingNormalization(node, updates)];
    if (node.op === "Dropout") {
      const attributes = { ratio: ratioOf(node, facts), stream: masks++ };
      return masked(node, node.inputs[0] as string, seed, attributes);
    }
    const gate = node.op === "Mul" ? node.inputs.findIndex((name) => gates.has(name)) : -1;
    if (gate >= 0) {
      const ratio = ratioOf(gates.get(node.inputs[gate] as string) as Node, facts);
      const attributes = { ratio, stream: masks++, perSample: 1 };
      return masked(node, node.inputs[1 - gate] as string, seed, attributes);
    }
    return [node];
  });
  const statistics = [...updates.keys()];
  const extended = { ...graph, nodes, facts };
  return { graph: asStates(extended, statistics), updates, statistics };
}

function trainingNormalization(node: Node, updates: Map<string, string>): Node {
  const [x, scale, bias, mean, variance] = node.inputs as [string, string, string, string, string];
  const name = node.outputs[0] as string;
  const next = [mean, variance].map((statistic) => `${statistic} next`);
  updates.set(mean, next[0] as string);
  updates.set(variance, next[1] as string);
  const { epsilon, momentum } = node.attributes;
  return {
    ...node,
    op: "BatchNormalizationTraining",
    domain: "lanewise",
    opset: 1,
    attributes: { epsilon, momentum },
    inputs: [x, scale, bias, mean, variance],
    outputs: [name, ...next, `${name} mean`, `${name} inverse deviation`],
  };
}

/** Dropouts of the constant 1, by their outputs. */
function gatesOf({ nodes, facts }: Graph): ReadonlyMap<string, Node> {
  const isOne = (name: string | undefined): boolean => {
    const data = facts.get(name ?? "")?.data?.data;
    return data?.length === 1 && data[0] === 1;
  };
  const gates = nodes.filter(
    ({ op, domain, inputs }) => op === "Dropout" && domain === "" && isOne(inputs[0]),
  );
  return new Map(gates.map((node) => [node.outputs[0] as string, node]));
}

function ratioOf(dropout: Node, facts: ReadonlyMap<string, Fact>): number {
  const given = facts.get(dropout.inputs[1] ?? "")?.data;
  return given === undefined
    ? ((dropout.attributes.ratio as number | undefined) ?? 0.5)
    : Number(given.data[0]);
}

/** y = x · mask in a node's place, the mask drawn from the number of the update. */
function masked(node: Node, x: string, seed: string, attributes: Attributes): Node[] {
  const y = node.outputs[0] as string;
  const mask = `${y} mask`;
  return [
    {
      op: "DropoutMask",
      domain: "lanewise",
      opset: 1,
      name: mask,
      attributes,
      inputs: [seed, x],
      outputs: [mask],
    },
    { ...node, op: "Mul", opset: 14, attributes: {}, inputs: [x, mask], outputs: [y] },
  ];
}
