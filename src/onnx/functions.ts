import { ModelError } from "../errors.ts";
import type { NodeBudget } from "./budget.ts";
import {
  type AttributeModel,
  type FunctionModel,
  type GraphModel,
  MAX_GRAPH_DEPTH,
  type Model,
  type NodeModel,
} from "./model.ts";

/** Functions that call functions are followed this deep; beyond, they are taken to call themselves. */
const MAX_CALL_DEPTH = 32;

interface Inlining {
  readonly table: ReadonlyMap<string, FunctionModel>;
  readonly budget: NodeBudget;
  calls: number;
}

/** How many calls and how many graphs a node stands in. */
interface Depth {
  readonly calls: number;
  readonly graphs: number;
}

/**
 * A Model whose nodes that call its own functions are replaced by those functions' nodes (ONNX IR, "Functions"). Throws
 * a ModelError before they are more than the budget allows.
 */
export function inlineFunctions(model: Model, budget: NodeBudget): Model {
  if (model.functions.length === 0) return model;
  const table = new Map<string, FunctionModel>();
  const opsets = new Map(model.opsets);
  for (const fn of model.functions) {
    const key = `${fn.domain}:${fn.name}`;
    if (table.has(key)) throw new ModelError("functions", `two are called ${fn.domain}.${fn.name}`);
    table.set(key, fn);
    for (const [domain, version] of fn.opsets) if (!opsets.has(domain)) opsets.set(domain, version);
  }
  const inlining = { table, budget, calls: 0 };
  return { ...model, opsets, graph: inlineGraph(model.graph, inlining, { calls: 0, graphs: 0 }) };
}

function inlineGraph(graph: GraphModel, inlining: Inlining, depth: Depth): GraphModel {
  if (depth.graphs > MAX_GRAPH_DEPTH)
    throw new ModelError("functions", `graphs are nested deeper than ${MAX_GRAPH_DEPTH}`);
  return { ...graph, nodes: graph.nodes.flatMap((node) => inlineNode(node, inlining, depth)) };
}

function inlineNode(node: NodeModel, inlining: Inlining, depth: Depth): NodeModel[] {
  const fn = inlining.table.get(`${node.domain}:${node.op}`);
  if (fn === undefined) {
    const inner = { ...depth, graphs: depth.graphs + 1 };
    return [{ ...node, attributes: mapGraphs(node.attributes, (g) => inlineGraph(g, inlining, inner)) }];
  }
  if (depth.calls > MAX_CALL_DEPTH) throw new ModelError("functions", `${fn.domain}.${fn.name} calls itself`);
  const prefix = `${node.name || fn.name}#${inlining.calls++}/`;
  const attributes = new Map([...fn.attributeDefaults, ...node.attributes]);
  const copying: Copying = { prefix, names: new Map([["", ""]]), attributes, budget: inlining.budget };
  inlining.budget.spend(0, fn.inputs.length + fn.outputs.length + attributes.size, prefix.length, prefix);
  const passed = bindParameters(node, fn, copying);
  const inner = { ...depth, calls: depth.calls + 1 };
  return [...passed, ...fn.nodes.flatMap((body) => inlineNode(copyNode(body, copying), inlining, inner))];
}

/** One call's copy of a function. */
interface Copying {
  readonly prefix: string;
  /** The caller's names of the function's inputs and outputs. */
  readonly names: Map<string, string>;
  readonly attributes: ReadonlyMap<string, AttributeModel>;
  readonly budget: NodeBudget;
}

/** Fills the names in; an output that is an input passed through needs a node to carry the new name. */
function bindParameters(node: NodeModel, fn: FunctionModel, { names, prefix }: Copying): NodeModel[] {
  fn.inputs.forEach((name, i) => {
    names.set(name, node.inputs[i] ?? "");
  });
  const inputs = new Map(names);
  return fn.outputs.flatMap((name, i): NodeModel[] => {
    const outer = node.outputs[i];
    if (!outer) return [];
    const input = inputs.get(name);
    if (input === undefined) {
      names.set(name, outer);
      return [];
    }
    const identity = { op: "Identity", domain: "", inputs: [input], outputs: [outer], attributes: new Map() };
    return [{ name: `${prefix}${name}`, ...identity }];
  });
}

const renameWith =
  ({ names, prefix }: Copying) =>
  (name: string): string =>
    names.get(name) ?? prefix + name;

function copyNode(node: NodeModel, copying: Copying): NodeModel {
  const { prefix } = copying;
  spendFor(1, [node.name, ...node.inputs, ...node.outputs], node.attributes.size, copying);
  const rename = renameWith(copying);
  const attributes = new Map<string, AttributeModel>();
  for (const [name, attribute] of node.attributes) {
    const value = attribute.kind === "reference" ? copying.attributes.get(attribute.value) : attribute;
    if (value !== undefined) attributes.set(name, value);
  }
  return {
    ...node,
    name: prefix + node.name,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: mapGraphs(attributes, (graph) => copyGraph(graph, copying)),
  };
}

function copyGraph(graph: GraphModel, copying: Copying): GraphModel {
  const values = [...graph.inputs, ...graph.outputs];
  spendFor(0, [...values.map(({ name }) => name), ...graph.initializers.keys()], 0, copying);
  const rename = renameWith(copying);
  return {
    ...graph,
    nodes: graph.nodes.map((node) => copyNode(node, copying)),
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [rename(name), tensor])),
    inputs: graph.inputs.map((value) => ({ ...value, name: rename(value.name) })),
    outputs: graph.outputs.map((value) => ({ ...value, name: rename(value.name) })),
  };
}

function spendFor(
  nodes: number,
  names: readonly string[],
  others: number,
  { budget, prefix }: Copying,
): void {
  const characters = names.reduce((sum, name) => sum + prefix.length + name.length, 0);
  budget.spend(nodes, names.length + others, characters, prefix);
}

function mapGraphs(
  attributes: ReadonlyMap<string, AttributeModel>,
  change: (graph: GraphModel) => GraphModel,
): ReadonlyMap<string, AttributeModel> {
  return new Map(
    [...attributes].map(([name, attribute]) => [
      name,
      attribute.kind === "graph" ? { kind: "graph", value: change(attribute.value) } : attribute,
    ]),
  );
}
