import { ModelError } from "../errors.ts";
import type { AttributeModel, FunctionModel, GraphModel, Model, NodeModel } from "./model.ts";

/** Functions that call functions are followed this deep; beyond, they are taken to call themselves. */
const MAX_CALL_DEPTH = 32;

type FunctionTable = ReadonlyMap<string, FunctionModel>;

/** A Model whose nodes that call its own functions are replaced by those functions' nodes (ONNX IR, "Functions"). */
export function inlineFunctions(model: Model): Model {
  if (model.functions.length === 0) return model;
  const table: FunctionTable = new Map(model.functions.map((fn) => [`${fn.domain}:${fn.name}`, fn]));
  const opsets = new Map(model.opsets);
  for (const fn of model.functions)
    for (const [domain, version] of fn.opsets) if (!opsets.has(domain)) opsets.set(domain, version);
  const counter = { calls: 0 };
  return { ...model, opsets, graph: inlineGraph(model.graph, table, counter, 0) };
}

function inlineGraph(
  graph: GraphModel,
  table: FunctionTable,
  counter: { calls: number },
  depth: number,
): GraphModel {
  return { ...graph, nodes: graph.nodes.flatMap((node) => inlineNode(node, table, counter, depth)) };
}

function inlineNode(
  node: NodeModel,
  table: FunctionTable,
  counter: { calls: number },
  depth: number,
): NodeModel[] {
  const fn = table.get(`${node.domain}:${node.op}`);
  if (fn === undefined)
    return [
      { ...node, attributes: mapGraphs(node.attributes, (g) => inlineGraph(g, table, counter, depth)) },
    ];
  if (depth > MAX_CALL_DEPTH) throw new ModelError("functions", `${fn.domain}.${fn.name} calls itself`);
  const prefix = `${node.name || fn.name}#${counter.calls++}/`;
  const names = new Map<string, string>([["", ""]]);
  fn.inputs.forEach((name, i) => {
    names.set(name, node.inputs[i] ?? "");
  });
  fn.outputs.forEach((name, i) => {
    const outer = node.outputs[i];
    if (outer) names.set(name, outer);
  });
  const rename = (name: string): string => names.get(name) ?? prefix + name;
  const attributes = new Map([...fn.attributeDefaults, ...node.attributes]);
  // An output that is an input passed through needs a node to carry the new name.
  const passed = fn.outputs.flatMap((name, i): NodeModel[] => {
    const input = fn.inputs.indexOf(name);
    const outer = node.outputs[i];
    if (input < 0 || !outer) return [];
    names.set(name, node.inputs[input] ?? "");
    return [
      {
        name: `${prefix}${name}`,
        op: "Identity",
        domain: "",
        inputs: [node.inputs[input] ?? ""],
        outputs: [outer],
        attributes: new Map(),
      },
    ];
  });
  const body = fn.nodes.map((inner) => renameNode(inner, rename, prefix, attributes));
  return [...passed, ...body.flatMap((inner) => inlineNode(inner, table, counter, depth + 1))];
}

function renameNode(
  node: NodeModel,
  rename: (name: string) => string,
  prefix: string,
  actual: ReadonlyMap<string, AttributeModel>,
): NodeModel {
  const attributes = new Map<string, AttributeModel>();
  for (const [name, attribute] of node.attributes) {
    const value = attribute.kind === "reference" ? actual.get(attribute.value) : attribute;
    if (value !== undefined) attributes.set(name, value);
  }
  return {
    ...node,
    name: prefix + node.name,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: mapGraphs(attributes, (graph) => renameGraph(graph, rename, prefix, actual)),
  };
}

function renameGraph(
  graph: GraphModel,
  rename: (name: string) => string,
  prefix: string,
  actual: ReadonlyMap<string, AttributeModel>,
): GraphModel {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameNode(node, rename, prefix, actual)),
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [rename(name), tensor])),
    inputs: graph.inputs.map((value) => ({ ...value, name: rename(value.name) })),
    outputs: graph.outputs.map((value) => ({ ...value, name: rename(value.name) })),
  };
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
