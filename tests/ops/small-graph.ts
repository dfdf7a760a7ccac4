import { compile, prepare } from "../../src/compile.ts";
import { execute } from "../../src/execute.ts";
import type { AttributeValue, Fact, Graph, Node } from "../../src/graph/graph.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import type { RuntimeValue } from "../../src/ops/define.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { inferNode } from "../../src/ops/infer.ts";
import { findOp } from "../../src/ops/table.ts";
import type { OptimizationLevel } from "../../src/passes/pipeline.ts";
import { createExecutor } from "../../src/runtime/executor.ts";
import type { TensorData } from "../../src/tensor.ts";

export interface NodeSpec {
  readonly op: string;
  readonly domain?: string;
  readonly opset?: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** A graph of a few nodes; `facts` says what is known of its inputs and constants. */
export function graphOf(
  inputs: readonly string[],
  outputs: readonly string[],
  nodes: readonly NodeSpec[],
  facts: Readonly<Record<string, Fact>> = {},
): Graph {
  const complete = nodes.map(({ op, domain = "", opset = 22, attributes = {}, ...spec }, i): Node => {
    const definition = findOp(domain, op);
    if (definition === undefined) throw new Error(`no op ${domain}:${op}`);
    const defaults = Object.entries(definition.attributes).map(([key, { default: value }]) => [key, value]);
    return {
      ...spec,
      name: `${op}${i}`,
      op,
      domain,
      opset,
      attributes: { ...Object.fromEntries(defaults), ...attributes },
    };
  });
  return { name: "graph", inputs, outputs, nodes: complete, facts: new Map(Object.entries(facts)) };
}

/** The fact of a constant. */
export const constantFact = (data: TensorData): Fact => ({ dtype: data.dtype, dims: data.dims, data });

/** Outputs of one node by its definition. */
export const runNode = (
  spec: Omit<NodeSpec, "inputs" | "outputs">,
  inputs: readonly RuntimeValue[],
  outputs = 1,
) => {
  const names = inputs.map((_, i) => `i${i}`);
  const results = Array.from({ length: outputs }, (_, i) => `o${i}`);
  return interpret(graphOf(names, results, [{ ...spec, inputs: names, outputs: results }]), inputs);
};

/** Facts of a graph's outputs, inferred node by node. */
export function inferOutputs(graph: Graph): (Fact | undefined)[] {
  const facts = new Map(graph.facts);
  for (const node of graph.nodes) {
    inferNode(node, (name) => facts.get(name)).forEach((fact, i) => {
      facts.set(node.outputs[i] as string, fact);
    });
  }
  return graph.outputs.map((name) => facts.get(name));
}

const executor = createExecutor("plain");

/** The first output of a graph, compiled; with the kernels it took ("host": by definition). */
export function runCompiled(
  graph: Graph,
  feeds: ReadonlyMap<string, TensorData>,
  level: OptimizationLevel = "all",
) {
  const options = { level, verify: verifyGraph };
  const dims = new Map([...feeds].map(([name, value]) => [name, value.dims]));
  const stage = compile(prepare(graph, options), dims, options);
  const kernels = stage.plan.steps.map((step) => (step.kind === "kernel" ? step.kernel : `host ${step.op}`));
  const [actual] = execute(executor, stage, feeds, graph.outputs, options) as TensorData[];
  return { kernels, actual };
}
