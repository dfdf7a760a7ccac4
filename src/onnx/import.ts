import { ModelError, type UnsupportedNode, UnsupportedOperatorError } from "../errors.ts";
import type { Attributes, AttributeValue, Fact, Graph, Node } from "../graph/graph.ts";
import { sortNodes } from "../graph/sort.ts";
import { defaultAttributes } from "../ops/attributes.ts";
import { type AttributeSpec, type Op, onnxAttributeName } from "../ops/define.ts";
import { findOp, NOT_IN_TABLE } from "../ops/table.ts";
import type { TensorData } from "../tensor.ts";
import { composeNode } from "./compose.ts";
import { rawTensor } from "./decode-tensor.ts";
import { inlineFunctions } from "./functions.ts";
import type { AttributeModel, GraphModel, Model, NodeModel, TensorModel, TypeModel } from "./model.ts";

/** Bytes of external data files by their location in the model. */
export type ExternalData = ReadonlyMap<string, Uint8Array>;

export interface Imported {
  readonly graph: Graph;
  /** What the file declares about inputs and outputs. */
  readonly declared: ReadonlyMap<string, TypeModel>;
  /** Nodes of operators (or with types) that lanewise does not take; the graph holds them, and cannot run. */
  readonly unsupported: readonly UnsupportedNode[];
}

interface ImportState {
  readonly opsets: ReadonlyMap<string, number>;
  readonly external: ExternalData;
  readonly unsupported: UnsupportedNode[];
  /** Names given so far to nodes without one. */
  unnamed: number;
}

/**
 * Resolves a Model against the op table: functions inlined, attributes parsed and defaulted, nodes sorted, values
 * checked to be written once. Unsupported nodes are listed, not thrown.
 */
export function importModel(model: Model, external: ExternalData = new Map()): Imported {
  const flat = inlineFunctions(model);
  const state: ImportState = { opsets: flat.opsets, external, unsupported: [], unnamed: 0 };
  const graph = importGraph(flat.graph, state, new Set(), "graph");
  const declared = new Map<string, TypeModel>();
  for (const { name, type } of [...flat.graph.inputs, ...flat.graph.outputs])
    if (type) declared.set(name, type);
  return { graph, declared, unsupported: state.unsupported };
}

/** Throws the error that lists every unsupported node, if there are any. */
export function assertSupported(imported: Imported): void {
  if (imported.unsupported.length > 0) throw new UnsupportedOperatorError(imported.unsupported);
}

function importGraph(model: GraphModel, state: ImportState, outer: ReadonlySet<string>, path: string): Graph {
  const facts = new Map<string, Fact>();
  const broken = new Map<string, string>();
  for (const [name, tensor] of model.initializers) {
    const resolved = resolveTensor(tensor, state.external);
    if (typeof resolved === "string") broken.set(name, resolved);
    else facts.set(name, { dtype: resolved.dtype, dims: resolved.dims, data: resolved });
  }
  const inputs: string[] = [];
  for (const { name, type } of model.inputs) {
    if (model.initializers.has(name)) continue;
    if (inputs.includes(name)) throw new ModelError(path, `two inputs are called ${JSON.stringify(name)}`);
    inputs.push(name);
    if (type?.dtype !== undefined) facts.set(name, factOfType(type, type.dtype));
    else if (path === "graph" && type === undefined)
      throw new ModelError(path, `the input ${JSON.stringify(name)} has no type`);
    else if (path === "graph")
      broken.set(name, `the element type of input ${JSON.stringify(name)} is not supported`);
  }
  const visible = new Set([...outer, ...inputs, ...model.initializers.keys()]);
  for (const node of model.nodes) for (const name of node.outputs) if (name !== "") visible.add(name);
  const nodes = model.nodes.flatMap((node, i) =>
    importNode(node, state, visible, broken, `${path}.node[${i}]`),
  );
  for (const node of nodes) for (const name of node.outputs) visible.add(name);
  if (path !== "graph") declareOutputs(model, facts);
  for (const name of inputs) {
    const reason = broken.get(name);
    if (reason !== undefined && !nodes.some((node) => node.inputs.includes(name)))
      throw new ModelError(path, reason);
  }
  const outputs = model.outputs.map((value) => value.name);
  checkNames(nodes, inputs, model, outputs, visible, path);
  return { name: model.name, inputs, outputs, nodes: sortNodes(nodes, path), facts };
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
});

function checkNames(
  nodes: readonly Node[],
  inputs: readonly string[],
  model: GraphModel,
  outputs: readonly string[],
  visible: ReadonlySet<string>,
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
      if (name !== "" && !visible.has(name))
        throw new ModelError(label, `nothing writes the input ${JSON.stringify(name)}`);
    }
  }
  for (const name of outputs) {
    if (!visible.has(name)) throw new ModelError(path, `nothing writes the output ${JSON.stringify(name)}`);
  }
}

function importNode(
  model: NodeModel,
  state: ImportState,
  visible: ReadonlySet<string>,
  broken: ReadonlyMap<string, string>,
  path: string,
): Node[] {
  const name =
    model.name || model.outputs.find((output) => output !== "") || `${model.op}_${state.unnamed++}`;
  const opset = state.opsets.get(model.domain) ?? (model.domain === "" ? 1 : 0);
  const op = findOp(model.domain, model.op);
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
    const reason = broken.get(input);
    if (reason !== undefined) unsupported(reason);
  }
  if (op === undefined) {
    unsupported(NOT_IN_TABLE);
    return [{ ...node, attributes: {} }];
  }
  if (opset > 0 && opset < (op.since[0] as number)) {
    unsupported(`the operator came with opset ${op.since[0]}`);
  }
  checkArity(op, node, path);
  const attributes = importAttributes(op, model, state, visible, unsupported, path);
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

function importAttributes(
  op: Op,
  model: NodeModel,
  state: ImportState,
  visible: ReadonlySet<string>,
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
    const value = attributeValue(attribute, state, visible, `${label}.${name}`);
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
  visible: ReadonlySet<string>,
  path: string,
): AttributeValue | { unsupportedReason: string } {
  switch (attribute.kind) {
    case "graph":
      return importGraph(attribute.value, state, visible, path);
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

function resolveTensor(model: TensorModel, external: ExternalData): TensorData | string {
  if (model.kind === "data") return model.tensor;
  if (model.kind === "unsupported") return model.reason;
  const { path, location, offset, dtype, dims } = model;
  const file = external.get(location);
  if (file === undefined)
    throw new ModelError(path, `external data file ${JSON.stringify(location)} was not given`);
  const end = model.length === undefined ? file.length : offset + model.length;
  if (end > file.length || offset > end) {
    throw new ModelError(
      path,
      `external data [${offset}, ${end}) lies outside ${JSON.stringify(location)} (${file.length} bytes)`,
    );
  }
  return rawTensor(file.subarray(offset, end), dtype as Exclude<typeof dtype, "string">, dims, path);
}

/** The files that a model keeps tensors in. Throws a ModelError for a location outside the model's folder. */
export function externalLocations(model: Model): string[] {
  const found = new Set<string>();
  const visitTensor = (tensor: TensorModel): void => {
    if (tensor.kind !== "external") return;
    const parts = tensor.location.split(/[\\/]/);
    if (/^([\\/]|[A-Za-z]+:)/.test(tensor.location) || parts.includes("..")) {
      throw new ModelError(
        tensor.path,
        `external data location ${JSON.stringify(tensor.location)} leaves the model's folder`,
      );
    }
    found.add(tensor.location);
  };
  const visitNodes = (nodes: readonly NodeModel[]): void => {
    for (const node of nodes) {
      for (const attribute of node.attributes.values()) {
        if (attribute.kind === "tensor") visitTensor(attribute.value);
        else if (attribute.kind === "tensors") attribute.value.forEach(visitTensor);
        else if (attribute.kind === "graph") visitGraph(attribute.value);
      }
    }
  };
  const visitGraph = (graph: GraphModel): void => {
    for (const tensor of graph.initializers.values()) visitTensor(tensor);
    visitNodes(graph.nodes);
  };
  visitGraph(model.graph);
  for (const fn of model.functions) visitNodes(fn.nodes);
  return [...found];
}
