// Small graphs in words, as tests write them down and read them back:
//
//   y = relu(Conv(x, w, _, r))
//
// is a node with the outputs before the sign, its activation if it has one, its operator (with its domain before a colon
// where that is not ai.onnx) and its inputs; `_` is one left out.
import { expect } from "vitest";
import type { Attributes, Fact, Graph, Node } from "../../src/graph/graph.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { finish, isWork, type Work } from "../../src/interruptible.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { inferNode } from "../../src/ops/infer.ts";
import type { TensorData } from "../../src/tensor.ts";
import { constantFact, graphOf } from "../ops/small-graph.ts";
import { difference, FLOAT32, type Tolerance } from "./compare.ts";
import { random } from "./random.ts";

/** A node in words, with the attributes and the opset that are not its operator's defaults and 22. */
export type Line = string | readonly [words: string, attributes: Attributes, opset?: number];

/** A graph's values from outside: the fact of an input, or the data of a constant. */
export type Values = Readonly<Record<string, Fact | TensorData>>;

const LINE = /^(.+?) = (?:([a-z]\w*)\()?(?:([\w.]+):)?([A-Z]\w*)\(([^()]*)\)\)?$/;

const isConstant = (value: Fact | TensorData): value is TensorData => ArrayBuffer.isView(value.data);

const listOf = (text: string): string[] =>
  text === "" ? [] : text.split(", ").map((name) => (name === "_" ? "" : name));

/** A graph in which the fact of every value is known and nothing is folded. */
export function inWords(values: Values, lines: readonly Line[], outputs: string): Graph {
  const parsed = lines.map((line) => {
    const [words, attributes = {}, opset = 22] = typeof line === "string" ? [line] : line;
    const [, written, activation, domain = "", op, read] = LINE.exec(words) ?? [];
    if (written === undefined || op === undefined) throw new Error(`no node: ${words}`);
    const spec = { op, domain, opset, attributes, inputs: listOf(read ?? ""), outputs: listOf(written) };
    return { spec, activation };
  });
  const facts = Object.entries(values).map(([name, value]): [string, Fact] => [
    name,
    isConstant(value) ? constantFact(value) : value,
  ]);
  const inputs = facts.flatMap(([name, fact]) => (fact.data === undefined ? [name] : []));
  const graph = graphOf(
    inputs,
    listOf(outputs),
    parsed.map(({ spec }) => spec),
    Object.fromEntries(facts),
  );
  const nodes = graph.nodes.map((node, i): Node => {
    const kind = parsed[i]?.activation;
    return kind === undefined ? node : { ...node, activation: { kind, alpha: 0, beta: 0 } };
  });
  return inferred({ ...graph, nodes });
}

function inferred(graph: Graph): Graph {
  const facts = new Map(graph.facts);
  const known = new Map(graph.facts);
  for (const node of graph.nodes) {
    inferNode(node, (name) => known.get(name)).forEach((fact, i) => {
      const name = node.outputs[i];
      if (!name || fact === undefined) return;
      known.set(name, fact);
      const { data: _, ...rest } = fact;
      facts.set(name, rest);
    });
  }
  return { ...graph, facts };
}

/** A graph's nodes in words. */
export const wordsOf = ({ nodes }: Graph): string[] =>
  nodes.map(({ op, domain, inputs, outputs, activation }) => {
    const list = (names: readonly string[]): string => names.map((name) => name || "_").join(", ");
    const own = `${domain === "" ? "" : `${domain}:`}${op}(${list(inputs)})`;
    return `${list(outputs)} = ${activation === undefined ? own : `${activation.kind}(${own})`}`;
  });

/** The attributes of a graph's node by one of its outputs. */
export const attributesOf = ({ nodes }: Graph, output: string): Attributes =>
  nodes.find(({ outputs }) => outputs.includes(output))?.attributes ?? {};

type Pass = (graph: Graph) => Graph | Work<Graph>;

/**
 * What a pass makes of a graph, which by the definitions computes the same as before, on random inputs. Open sizes are 2.
 */
export function rewritten(pass: Pass, graph: Graph, tolerance: Tolerance = FLOAT32): Graph {
  const result = pass(graph);
  const after = isWork(result) ? finish(result) : result;
  verifyGraph(after);
  const draw = random(5);
  const feeds = graph.inputs.map((name) => {
    const { dtype, dims = [] } = graph.facts.get(name) as Fact;
    const sizes = dims.map((dim) => (typeof dim === "number" ? dim : 2));
    return draw.tensor(dtype, sizes, dtype === "uint8" ? 0 : -4, 4);
  });
  const [want, actual] = [graph, after].map((each) => interpret(each, feeds) as TensorData[]);
  const apart = want?.map((value, i) => difference(actual?.[i] as TensorData, value, tolerance));
  expect(apart).toEqual(want?.map(() => undefined));
  return after;
}

/** Expects that a pass does nothing to a graph. */
export function expectUntouched(pass: Pass, graph: Graph): void {
  expect(wordsOf(rewritten(pass, graph))).toEqual(wordsOf(graph));
}

/** The fact of a float32 input. */
export const input = (...dims: (number | string)[]): Fact => ({ dtype: "float32", dims });

const draw = random(3);

/** Random constants away from 0, positive so that they may be variances. */
export const weights = (...dims: number[]): TensorData<"float32"> => draw.tensor("float32", dims, 0.5, 1.5);

/** An int64 vector. */
export const int64 = (...values: number[]): TensorData<"int64"> => ({
  dtype: "int64",
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

/** A float32 constant of one element. */
export const scalar = (value: number): TensorData<"float32"> => ({
  dtype: "float32",
  dims: [],
  data: Float32Array.of(value),
});
