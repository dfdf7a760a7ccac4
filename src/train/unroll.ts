import { concreteDims, type Fact, type Graph, type Node } from "../graph/graph.ts";
import { type GraphBuilder, graphBuilder } from "../nn/build.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";

/** What a step makes of the input's products, [1, batch, gates·hidden], and the state before: the states after, h first. */
type Step = (builder: GraphBuilder, byInput: string, byState: string, before: readonly string[]) => string[];

/** The gates, and the step; what is asked of the operators' forms, their gradient rules have asked. */
const CELLS: Readonly<Record<string, { readonly gates: number; readonly step: Step }>> = {
  RNN: {
    gates: 1,
    step: (builder, byInput, byState) => [of(builder, "Tanh", of(builder, "Add", byInput, byState))],
  },
  GRU: {
    gates: 3,
    step(builder, byInput, byState, [h]) {
      const [x, s] = [parts(builder, byInput, 2, 3), parts(builder, byState, 2, 3)] as [string[], string[]];
      const [z, r] = [0, 1].map((i) =>
        of(builder, "Sigmoid", of(builder, "Add", x[i] as string, s[i] as string)),
      ) as [string, string];
      const g = of(
        builder,
        "Tanh",
        of(builder, "Add", x[2] as string, of(builder, "Mul", r, s[2] as string)),
      );
      return [of(builder, "Add", g, of(builder, "Mul", z, of(builder, "Sub", h as string, g)))];
    },
  },
  LSTM: {
    gates: 4,
    step(builder, byInput, byState, [, c]) {
      const pieces = parts(builder, of(builder, "Add", byInput, byState), 2, 4);
      const [i, o, f] = pieces.slice(0, 3).map((piece) => of(builder, "Sigmoid", piece)) as [
        string,
        string,
        string,
      ];
      const added = of(builder, "Mul", i, of(builder, "Tanh", pieces[3] as string));
      const cell = of(builder, "Add", of(builder, "Mul", f, c as string), added);
      return [of(builder, "Mul", o, of(builder, "Tanh", cell)), cell];
    },
  },
};

/**
 * Recurrent layers whose weights training changes as nodes of single steps, in a graph whose dims are all numbers: their kernels take
 * weights that are packed once and for all, and the definition in their place takes ten times as long.
 */
export function unrolledRecurrence(graph: Graph): Graph {
  const isOne = ({ op, domain, inputs }: Node): boolean =>
    domain === "" && Object.hasOwn(CELLS, op) && graph.facts.get(inputs[1] ?? "")?.data === undefined;
  if (!graph.nodes.some(isOne)) return graph;
  const known = propagateFacts(graph).facts;
  const facts = new Map(graph.facts);
  const nodes = graph.nodes.flatMap((node) => {
    if (!isOne(node)) return [node];
    const inner = unrolled(node, known);
    for (const [name, fact] of inner.facts) facts.set(name, fact);
    return inner.nodes;
  });
  return { ...graph, nodes, facts };
}

/** The nodes in place of one, and the constants that they need. */
function unrolled(node: Node, known: ReadonlyMap<string, Fact>): Pick<Graph, "nodes" | "facts"> {
  const given = new Map(
    node.inputs.filter((name) => name !== "").map((name) => [name, known.get(name) as Fact]),
  );
  const inputs = [...given].filter(([, { data }]) => data === undefined).map(([name]) => name);
  const builder = graphBuilder({
    name: node.name,
    from: { name: node.name, inputs, outputs: [], nodes: [], facts: given },
  });
  const { gates, step } = CELLS[node.op] as (typeof CELLS)[string];
  const [x, w, r, b = "", , ...initial] = node.inputs as [string, string, string, ...string[]];
  const [steps, batch] = concreteDims(given.get(x) as Fact) as [number, number];
  const hidden = concreteDims(given.get(r) as Fact)[2] as number;
  const turned = (weights: string): string => {
    const matrix = of(builder, "Squeeze", weights, ints(builder, [0]));
    return builder.node("Transpose", [matrix], { perm: [1, 0] });
  };
  const biases = b === "" ? [] : parts(builder, of(builder, "Squeeze", b, ints(builder, [0])), 0, 2);
  const biased = (sum: string, bias: string | undefined): string =>
    bias === undefined ? sum : of(builder, "Add", sum, bias);
  const byInputs = parts(builder, biased(of(builder, "MatMul", x, turned(w)), biases[0]), 0, steps);
  const byState = turned(r);
  const nothing = (): string =>
    builder.constant(builder.freshName("nothing"), {
      dtype: "float32",
      dims: [1, batch, hidden],
      data: new Float32Array(batch * hidden),
    });
  let states = (gates === 4 ? [0, 1] : [0]).map((i) => initial[i] || nothing());
  const all = byInputs.map((byInput) => {
    const sum = biased(of(builder, "MatMul", states[0] as string, byState), biases[1]);
    states = step(builder, byInput, sum, states);
    return states[0] as string;
  });
  const [y, ...finals] = node.outputs;
  const inTime = builder.node("Concat", all, { axis: 0 });
  if (y) builder.output(builder.node("Unsqueeze", [inTime, ints(builder, [1])], {}, { outputs: [y] }));
  finals.forEach((name, i) => {
    if (name !== "") builder.output(builder.node("Identity", [states[i] as string], {}, { outputs: [name] }));
  });
  const { nodes, facts } = builder.finish();
  const stay = new Set(["", ...given.keys(), ...node.outputs]);
  const rename = (name: string): string => (stay.has(name) ? name : `${node.name}/${name}`);
  return {
    nodes: nodes.map((one) => ({
      ...one,
      name: `${node.name}/${one.name}`,
      inputs: one.inputs.map(rename),
      outputs: one.outputs.map(rename),
    })),
    facts: new Map(
      [...facts].filter(([name]) => !given.has(name)).map(([name, fact]) => [rename(name), fact]),
    ),
  };
}

const of = (builder: GraphBuilder, op: string, ...inputs: string[]): string => builder.node(op, inputs);

const ints = (builder: GraphBuilder, values: readonly number[]): string =>
  builder.constant(builder.freshName("integers"), {
    dtype: "int64",
    dims: [values.length],
    data: BigInt64Array.from(values, BigInt),
  });

/** A value cut into equal pieces along an axis. */
function parts(builder: GraphBuilder, x: string, axis: number, count: number): string[] {
  const size = (concreteDims(builder.fact(x) as Fact)[axis] as number) / count;
  const base = builder.freshName(`part of ${x}`);
  const names = Array.from({ length: count }, (_, i) => builder.freshName(`${base} ${i}`));
  const sizes = ints(builder, new Array<number>(count).fill(size));
  builder.node("Split", [x, sizes], { axis }, { outputs: names });
  return names;
}
