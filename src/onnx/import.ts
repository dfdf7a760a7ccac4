import { ModelError, type UnsupportedNode, UnsupportedOperatorError } from "../errors.ts";
import {
  type Attributes,
  type AttributeValue,
  type Fact,
  type Graph,
  type Node,
  nodeReads,
  subgraphs,
} from "../graph/graph.ts";
import { sortNodes } from "../graph/sort.ts";
import { defaultAttributes } from "../ops/attributes.ts";
import { type AttributeSpec, type Op, onnxAttributeName } from "../ops/define.ts";
import { findOp, notInTable } from "../ops/table.ts";
import type { TensorData } from "../tensor.ts";
import { type ImportLimits, type NodeBudget, nodeBudget } from "./budget.ts";
import { composeNode } from "./compose.ts";
import { type ExternalData, resolveTensor } from "./external.ts";
import { inlineFunctions } from "./functions.ts";
import type { AttributeModel, GraphModel, Model, NodeModel, TypeModel } from "./model.ts";

export interface Imported {
  readonly graph: Graph;
  /** What the file declares about inputs and outputs. */
  readonly declared: ReadonlyMap<string, TypeModel>;
  /** Nodes of operators (or with types) that lanewise does not take; the graph holds them, and cannot run. */
  readonly unsupported: readonly UnsupportedNode[];
  /** The graph's nodes that are unsupported, or have subgraphs with such nodes. */
  readonly blocked: ReadonlySet<Node>;
}

interface ImportState {
  readonly opsets: ReadonlyMap<string, number>;
  readonly external: ExternalData;
  readonly unsupported: UnsupportedNode[];
  readonly blocked: Set<Node>;
  readonly budget: NodeBudget;
  /** Names given so far to nodes without one. */
  unnamed: number;
}

/** The values that a graph's nodes may read: its own, and those of the graphs around it. */
interface Scope {
  readonly own: Set<string>;
  /** Why some of its own are nothing that lanewise takes. */
  readonly broken: ReadonlyMap<string, string>;
  readonly outer: Scope | undefined;
}

/** The scope that a name is of; undefined where nothing writes it. */
const scopeOf = (scope: Scope | undefined, name: string): Scope | undefined =>
  scope === undefined || scope.own.has(name) ? scope : scopeOf(scope.outer, name);

/**
 * Resolves a Model against the op table: functions inlined, attributes parsed and defaulted, nodes sorted, values
 * checked to be written once. Unsupported nodes are listed, not thrown. Throws a ModelError where the model does not
 * hold together, or grows beyond the limits.
 */
export function importModel(
  model: Model,
  external: ExternalData = new Map(),
  limits: ImportLimits = {},
): Imported {
  const flat = inlineFunctions(model, nodeBudget(limits));
  const budget = nodeBudget(limits);
  const state: ImportState = {
    opsets: flat.opsets,
    external,
    unsupported: [],
    blocked: new Set(),
    budget,
    unnamed: 0,
  };
  const graph = importGraph(flat.graph, state, undefined, "graph");
  const declared = new Map<string, TypeModel>();
  for (const { name, type } of [...flat.graph.inputs, ...flat.graph.outputs])
    if (type) declared.set(name, type);
  return { graph, declared, unsupported: state.unsupported, blocked: state.blocked };
}

/** Throws the error that lists every unsupported node, if there are any. */
export function assertSupported(imported: Imported): void {
  if (imported.unsupported.length > 0) throw new UnsupportedOperatorError(imported.unsupported);
}

function importGraph(model: GraphModel, state: ImportState, outer: Scope | undefined, path: string): Graph {
  const facts = new Map<string, Fact>();
  const broken = new Map<string, string>();
  for (const [name, tensor] of model.initializers) {
    const resolved = resolveTensor(tensor, state.external);
    if (typeof resolved === "string") broken.set(name, resolved);
    else facts.set(name, { dtype: resolved.dtype, dims: resolved.dims, data: resolved });
  }
  const inputs = importInputs(model, facts, broken, path);
  const scope: Scope = { own: new Set([...inputs, ...model.initializers.keys()]), broken, outer };
  for (const node of model.nodes) for (const name of node.outputs) if (name !== "") scope.own.add(name);
  const nodes = model.nodes.flatMap((node, i) => {
    const listed = state.unsupported.length;
    const made = importNode(node, state, scope, `${path}.node[${i}]`);
    if (state.unsupported.length > listed) for (const one of made) state.blocked.add(one);
    for (const one of made) state.budget.spend(1, one.inputs.length + one.outputs.length, 0, path);
    return made;
  });
  for (const node of nodes) for (const name of node.outputs) scope.own.add(name);
  if (path !== "graph") declareOutputs(model, facts);
  if (broken.size > 0) {
    const read = new Set(nodes.flatMap((node) => [...nodeReads(node)]));
    for (const name of inputs) {
      const reason = broken.get(name);
      if (reason !== undefined && !read.has(name)) throw new ModelError(path, reason);
    }
  }
  const outputs = model.outputs.map((value) => value.name);
  for (const name of outputs) {
    const reason = scopeOf(scope, name)?.broken.get(name);
    if (reason !== undefined) throw new ModelError(path, reason);
  }
  checkNames(nodes, inputs, model, outputs, scope, path);
  return { name: model.name, inputs, outputs, nodes: sortNodes(nodes, path), facts };
}

/** The names of the inputs that are no initializers; what is declared of them goes into `facts`. */
function importInputs(
  model: GraphModel,
  facts: Map<string, Fact>,
  broken: Map<string, string>,
  path: string,
): string[] {
  const inputs = new Set<string>();
  for (const { name, type } of model.inputs) {
    if (model.initializers.has(name)) continue;
    if (inputs.has(name)) throw new ModelError(path, `two inputs are called ${JSON.stringify(name)}`);
    inputs.add(name);
    if (type?.dtype !== undefined) facts.set(name, factOfType(type, type.dtype));
    else if (path === "graph" && type === undefined)
      throw new ModelError(path, `the input ${JSON.stringify(name)} has no type`);
    else if (path === "graph")
      broken.set(name, `the element type of input ${JSON.stringify(name)} is not supported`);
  }
  return [...inputs];
}

/** What a body declares of its outputs is all that is known of them where it never runs: a Loop of no rounds. */
function declareOutputs(model: GraphModel, facts: Map<string, Fact>): void {
  for (const { name, type } of model.outputs) {
    if (type?.dtype !== undefined && !facts.has(name)) facts.set(name, factOfType(type, type.dtype));
  }
}

const factOfType = (type: TypeModel, dtype: Fact["dtype"]): Fact => ({
  dtype,
  ...(type.dims && { dims: type.dims }),
  ...(type.container !== "tensor" && { container: type.container }),
  ...(type.held && { held: type.held }),
  ...(type.keys && { keys: type.keys }),
});

function checkNames(
  nodes: readonly Node[],
  inputs: readonly string[],
  model: GraphModel,
  outputs: readonly string[],
  scope: Scope,
  path: string,
): void {
  const written = new Set([...inputs, ...model.initializers.keys()]);
  for (const node of nodes) {
    const label = `${path}: ${node.op} ${JSON.stringify(node.name)}`;
    for (const name of node.outputs) {
      if (name === "") continue;
      if (written.has(name))
        throw new ModelError(label, `the value ${JSON.stringify(name)} is written twice`);
      written.add(name);
    }
    for (const name of node.inputs) {
      if (name !== "" && scopeOf(scope, name) === undefined)
        throw new ModelError(label, `nothing writes the input ${JSON.stringify(name)}`);
    }
  }
  for (const name of outputs) {
    if (scopeOf(scope, name) === undefined)
      throw new ModelError(path, `nothing writes the output ${JSON.stringify(name)}`);
    const reason = scopeOf(scope, name)?.broken.get(name);
    if (reason !== undefined) throw new ModelError(path, reason);
  }
}

/** Nodes' names only label; passes put them before others, so a longer one is cut. */
const NAME_LENGTH = 512;

function importNode(model: NodeModel, state: ImportState, scope: Scope, path: string): Node[] {
  const given = model.name || model.outputs.find((output) => output !== "");
  const name = given?.slice(0, NAME_LENGTH) ?? `${model.op}_${state.unnamed++}`;
  const opset = state.opsets.get(model.domain) ?? (model.domain === "" ? 1 : 0);
  // Only passes make what is in lanewise's own domain, and only for operands that fit.
  const op = model.domain === "lanewise" ? undefined : findOp(model.domain, model.op);
  const node = {
    name,
    op: model.op,
    domain: model.domain,
    opset,
    inputs: model.inputs,
    outputs: model.outputs,
  };
  const unsupported = (reason: string): void => {
    state.unsupported.push({ name, op: model.op, domain: model.domain, opset, reason });
  };
  for (const input of model.inputs) {
    const reason = scopeOf(scope, input)?.broken.get(input);
    if (reason !== undefined) unsupported(reason);
  }
  if (op === undefined) {
    unsupported(notInTable());
    return [{ ...node, attributes: {} }];
  }
  if (opset > 0 && opset < (op.since[0] as number)) {
    unsupported(`the operator came with opset ${op.since[0]}`);
  }
  checkArity(op, node, path);
  const attributes = importAttributes(op, model, state, scope, unsupported, path);
  checkSubgraphs(op, { ...node, attributes }, path);
  return composeNode(op, { ...node, attributes });
}

function checkArity(op: Op, node: Omit<Node, "attributes">, path: string): void {
  const variadic = op.inputs.at(-1)?.endsWith("*") ?? false;
  const required = op.inputs.filter((input) => !/[?*]$/.test(input)).length;
  const label = `${path} ${node.op} ${JSON.stringify(node.name)}`;
  if (node.inputs.length < required || (!variadic && node.inputs.length > op.inputs.length)) {
    const most = variadic ? "or more" : `to ${op.inputs.length}`;
    throw new ModelError(label, `takes ${required} ${most} inputs, got ${node.inputs.length}`);
  }
  for (let i = 0; i < required; i++) {
    if (node.inputs[i] === "")
      throw new ModelError(label, `input ${i} (${op.inputs[i]}) must not be left out`);
  }
}

function checkSubgraphs(op: Op, node: Node, path: string): void {
  const expected = op.subgraphInputs?.(node.inputs.length, node.opset);
  if (expected === undefined) return;
  for (const { name, inputs } of subgraphs(node)) {
    if (inputs.length !== expected)
      throw new ModelError(
        `${path} ${node.op} ${JSON.stringify(node.name)}`,
        `its graph ${JSON.stringify(name)} must declare ${expected} inputs, it declares ${inputs.length}`,
      );
  }
}

function importAttributes(
  op: Op,
  model: NodeModel,
  state: ImportState,
  scope: Scope,
  unsupported: (reason: string) => void,
  path: string,
): Attributes {
  const label = `${path} ${model.op} ${JSON.stringify(model.name)}`;
  const attributes = defaultAttributes(op.attributes);
  const byOnnxName = new Map(Object.keys(op.attributes).map((key) => [onnxAttributeName(key), key]));
  for (const [name, attribute] of model.attributes) {
    const key = byOnnxName.get(name) ?? (Object.hasOwn(op.attributes, name) ? name : undefined);
    if (key === undefined) {
      if (attribute.kind !== "unsupported")
        throw new ModelError(label, `unknown attribute ${JSON.stringify(name)}`);
      continue;
    }
    const value = attributeValue(attribute, state, scope, `${label}.${name}`);
    if (typeof value === "object" && value !== null && "unsupportedReason" in value) {
      unsupported(value.unsupportedReason as string);
      continue;
    }
    const spec = op.attributes[key];
    if (spec !== undefined && spec.kind !== attribute.kind && !emptyList(attribute, spec)) {
      throw new ModelError(label, `attribute ${name} must be ${spec.kind}, got ${attribute.kind}`);
    }
    if (spec?.choices?.includes(value as string) === false) {
      const allowed = spec.choices.join(", ");
      throw new ModelError(
        label,
        `attribute ${name} must be one of ${allowed}, got ${JSON.stringify(value)}`,
      );
    }
    attributes[key] = value;
  }
  for (const [key, spec] of Object.entries(op.attributes)) {
    if (spec.required && attributes[key] === undefined) {
      throw new ModelError(label, `attribute ${onnxAttributeName(key)} is missing`);
    }
  }
  return attributes;
}

/** Writers leave the type of an empty list open, or say another. */
const emptyList = (attribute: AttributeModel, { kind }: AttributeSpec<unknown>): boolean =>
  kind.endsWith("s") && Array.isArray(attribute.value) && attribute.value.length === 0;

function attributeValue(
  attribute: AttributeModel,
  state: ImportState,
  scope: Scope,
  path: string,
): AttributeValue | { unsupportedReason: string } {
  switch (attribute.kind) {
    case "graph":
      return importGraph(attribute.value, state, scope, path);
    case "tensor": {
      const tensor = resolveTensor(attribute.value, state.external);
      return typeof tensor === "string" ? { unsupportedReason: tensor } : tensor;
    }
    case "tensors": {
      const tensors = attribute.value.map((value) => resolveTensor(value, state.external));
      const reason = tensors.find((value) => typeof value === "string");
      return reason === undefined ? (tensors as TensorData[]) : { unsupportedReason: reason };
    }
    case "reference":
      throw new ModelError(
        path,
        `refers to the attribute ${JSON.stringify(attribute.value)} outside a function`,
      );
    case "unsupported":
      return { unsupportedReason: `${path}: attributes of type ${attribute.value} are not supported` };
    default:
      return attribute.value;
  }
}
