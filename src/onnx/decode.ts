import { dtypeOfNumber } from "../dtype.ts";
import { ModelError } from "../errors.ts";
import type { Dim } from "../graph/graph.ts";
import { type ImportLimits, MAX_MODEL_NODES } from "./budget.ts";
import { decodeTensor } from "./decode-tensor.ts";
import {
  type AttributeModel,
  type FunctionModel,
  type GraphModel,
  MAX_GRAPH_DEPTH,
  type Model,
  type NodeModel,
  type TensorModel,
  type TypeModel,
  type ValueModel,
} from "./model.ts";
import { boundedReaders, onnx, plainBytes, Reader, type ReaderOf, toNumber, toText } from "./proto.ts";

/** Tags and lengths in a node of three inputs and two attributes, and to spare. */
const READS_PER_NODE = 32;

/**
 * Decodes a serialised ModelProto. Throws a ModelError whose path leads to the field for anything that is not one.
 * https://onnx.ai/onnx/repo-docs/IR.html
 */
export function decodeModel(file: Uint8Array, { maxModelNodes = MAX_MODEL_NODES }: ImportLimits = {}): Model {
  const bytes = plainBytes(file);
  checkMagic(bytes);
  const readerOf = boundedReaders(maxModelNodes * READS_PER_NODE, () => {
    throw new ModelError(
      "",
      `more fields than ${maxModelNodes} nodes have; the option maxModelNodes sets the limit`,
    );
  });
  let proto: onnx.ModelProto;
  let defaults: onnx.IAttributeProto[][];
  try {
    proto = onnx.ModelProto.decode(readerOf(bytes));
    defaults = functionAttributeDefaults(bytes, readerOf);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError("", `not a valid ONNX file (${bytes.length} bytes): ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (!proto.graph)
    throw new ModelError("graph", "the file holds no graph: it is truncated or not an ONNX model");
  const opsets = decodeOpsets(proto.opsetImport ?? [], "opset_import");
  if (opsets.size === 0) opsets.set("", 1);
  return {
    irVersion: toNumber(proto.irVersion),
    producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(" "),
    opsets,
    graph: decodeGraph(proto.graph, "graph", 0),
    functions: (proto.functions ?? []).map((fn, i) =>
      decodeFunction(fn, defaults[i] ?? [], `functions[${i}]`),
    ),
    metadata: new Map((proto.metadataProps ?? []).map((entry) => [entry.key ?? "", entry.value ?? ""])),
  };
}

function checkMagic(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new ModelError("", "the file is empty");
  const start = toText(bytes.subarray(0, 64)).trimStart().toLowerCase();
  if (start.startsWith("<!doctype") || start.startsWith("<html")) {
    throw new ModelError("", "got HTML instead of an ONNX model: the address does not lead to the file");
  }
  if (start.startsWith("version https://git-lfs")) {
    throw new ModelError("", "got a Git LFS pointer instead of an ONNX model: fetch the file itself");
  }
  if (start.startsWith("pk\u0003\u0004"))
    throw new ModelError("", "got a ZIP archive instead of an ONNX model");
}

function decodeOpsets(list: readonly onnx.IOperatorSetIdProto[], path: string): Map<string, number> {
  const opsets = new Map<string, number>();
  for (const { domain, version } of list) {
    const number = toNumber(version);
    if (!Number.isSafeInteger(number) || number < 0)
      throw new ModelError(path, `opset version ${number} is not usable`);
    opsets.set(normalizeDomain(domain), number);
  }
  return opsets;
}

const normalizeDomain = (domain: string | null | undefined): string =>
  domain === undefined || domain === null || domain === "ai.onnx" ? "" : domain;

function decodeGraph(proto: onnx.IGraphProto, path: string, depth: number): GraphModel {
  if (depth > MAX_GRAPH_DEPTH) throw new ModelError(path, `graphs are nested deeper than ${MAX_GRAPH_DEPTH}`);
  const dense = (proto.initializer ?? []).map((tensor, i): [string, TensorModel] => {
    const name = tensor.name ?? "";
    return [name, decodeTensor(tensor, `${path}.initializer[${i}] ${JSON.stringify(name)}`)];
  });
  const sparse = (proto.sparseInitializer ?? []).map(({ values }, i): [string, TensorModel] => {
    const reason = `${path}.sparse_initializer[${i}]: sparse tensors are not supported`;
    return [values?.name ?? "", { kind: "unsupported", reason }];
  });
  const initializers = mapOfUnique([...dense, ...sparse], path, "initializers");
  return {
    name: proto.name ?? "",
    nodes: (proto.node ?? []).map((node, i) => decodeNode(node, `${path}.node[${i}]`, depth)),
    initializers,
    inputs: (proto.input ?? []).map((value, i) => decodeValue(value, `${path}.input[${i}]`)),
    outputs: (proto.output ?? []).map((value, i) => decodeValue(value, `${path}.output[${i}]`)),
  };
}

function decodeNode(proto: onnx.INodeProto, path: string, depth: number): NodeModel {
  const label = `${path} ${proto.opType ?? "?"} ${JSON.stringify(proto.name ?? "")}`;
  if (!proto.opType) throw new ModelError(path, "the node has no op_type");
  return {
    name: proto.name ?? "",
    op: proto.opType,
    domain: normalizeDomain(proto.domain),
    inputs: proto.input ?? [],
    outputs: proto.output ?? [],
    attributes: decodeAttributes(proto.attribute ?? [], label, depth),
  };
}

function decodeAttributes(
  list: readonly onnx.IAttributeProto[],
  path: string,
  depth: number,
): ReadonlyMap<string, AttributeModel> {
  return mapOfUnique(
    list.map((a) => [a.name ?? "", decodeAttribute(a, `${path}.${a.name ?? "?"}`, depth)]),
    path,
    "attributes",
  );
}

function mapOfUnique<T>(entries: readonly [string, T][], path: string, what: string): Map<string, T> {
  const map = new Map<string, T>();
  for (const [name, value] of entries) {
    if (map.has(name)) throw new ModelError(path, `two ${what} are called ${JSON.stringify(name)}`);
    map.set(name, value);
  }
  return map;
}

function decodeAttribute(proto: onnx.IAttributeProto, path: string, depth: number): AttributeModel {
  if (proto.refAttrName) return { kind: "reference", value: proto.refAttrName };
  const { AttributeType } = onnx.AttributeProto;
  switch (proto.type || guessType(proto)) {
    case AttributeType.FLOAT:
      return { kind: "float", value: proto.f ?? 0 };
    case AttributeType.INT:
      return { kind: "int", value: toNumber(proto.i) };
    case AttributeType.STRING:
      return { kind: "string", value: toText(proto.s ?? new Uint8Array()) };
    case AttributeType.TENSOR:
      if (!proto.t) throw new ModelError(path, "the attribute says TENSOR and holds none");
      return { kind: "tensor", value: decodeTensor(proto.t, path) };
    case AttributeType.GRAPH:
      if (!proto.g) throw new ModelError(path, "the attribute says GRAPH and holds none");
      return { kind: "graph", value: decodeGraph(proto.g, path, depth + 1) };
    case AttributeType.FLOATS:
      return { kind: "floats", value: proto.floats ?? [] };
    case AttributeType.INTS:
      return { kind: "ints", value: (proto.ints ?? []).map(toNumber) };
    case AttributeType.STRINGS:
      return { kind: "strings", value: (proto.strings ?? []).map(toText) };
    case AttributeType.TENSORS:
      return {
        kind: "tensors",
        value: (proto.tensors ?? []).map((t, i) => decodeTensor(t, `${path}[${i}]`)),
      };
    default:
      return { kind: "unsupported", value: AttributeType[proto.type ?? 0] ?? String(proto.type) };
  }
}

/** Files before IR version 2 may leave the type out. */
function guessType(proto: onnx.IAttributeProto): onnx.AttributeProto.AttributeType {
  const { AttributeType } = onnx.AttributeProto;
  if (proto.t) return AttributeType.TENSOR;
  if (proto.g) return AttributeType.GRAPH;
  if (proto.floats?.length) return AttributeType.FLOATS;
  if (proto.ints?.length) return AttributeType.INTS;
  if (proto.strings?.length) return AttributeType.STRINGS;
  if (proto.s?.length) return AttributeType.STRING;
  if (proto.f) return AttributeType.FLOAT;
  return AttributeType.INT;
}

function decodeValue(proto: onnx.IValueInfoProto, path: string): ValueModel {
  if (!proto.name) throw new ModelError(path, "the value has no name");
  return { name: proto.name, type: decodeType(proto.type, path) };
}

/** The container, dtype and dims that a TypeProto states; nested containers keep the innermost tensor's. */
export function decodeType(
  proto: onnx.ITypeProto | null | undefined,
  path: string,
  depth = 0,
): TypeModel | undefined {
  if (depth > MAX_GRAPH_DEPTH) throw new ModelError(path, `types are nested deeper than ${MAX_GRAPH_DEPTH}`);
  if (!proto) return undefined;
  if (proto.tensorType) {
    const { elemType, shape } = proto.tensorType;
    return {
      container: "tensor",
      dtype: dtypeOfNumber(elemType ?? 0),
      dims: shape?.dim?.map(decodeDim) ?? (shape ? [] : undefined),
    };
  }
  if (proto.mapType) {
    const keys = dtypeOfNumber(proto.mapType.keyType ?? 0);
    const isTaken = keys === "string" || keys === "int64";
    const values = decodeType(proto.mapType.valueType, path, depth + 1);
    return {
      container: "map",
      dtype: isTaken ? values?.dtype : undefined,
      dims: undefined,
      ...(isTaken && { keys }),
    };
  }
  const inner = proto.sequenceType ?? proto.optionalType;
  if (!inner) return { container: "tensor", dtype: undefined, dims: undefined };
  const held = decodeType(inner.elemType, path, depth + 1);
  const isNested = held?.container === "sequence" || held?.container === "map";
  return {
    container: proto.sequenceType ? "sequence" : "optional",
    dtype: held?.dtype,
    dims: held?.dims,
    ...(isNested && { held: held.container as "sequence" | "map" }),
    ...(held?.keys && { keys: held.keys }),
  };
}

/** Negative and absent sizes are sizes nobody knows. */
function decodeDim(dim: onnx.TensorShapeProto.IDimension): Dim {
  if (dim.dimParam) return dim.dimParam;
  if (dim.dimValue === undefined || dim.dimValue === null) return "?";
  const size = toNumber(dim.dimValue);
  return size < 0 ? "?" : size;
}

function decodeFunction(
  proto: onnx.IFunctionProto,
  defaults: readonly onnx.IAttributeProto[],
  path: string,
): FunctionModel {
  return {
    name: proto.name ?? "",
    domain: normalizeDomain(proto.domain),
    inputs: proto.input ?? [],
    outputs: proto.output ?? [],
    attributeNames: proto.attribute ?? [],
    attributeDefaults: decodeAttributes(defaults, path, 0),
    nodes: (proto.node ?? []).map((node, i) => decodeNode(node, `${path}.node[${i}]`, 0)),
    opsets: decodeOpsets(proto.opsetImport ?? [], `${path}.opset_import`),
  };
}

const MODEL_FUNCTIONS = 25;
const FUNCTION_ATTRIBUTE_PROTO = 11;

/** FunctionProto.attribute_proto came with IR version 9, which onnx-proto's schema does not know: read it by hand. */
function functionAttributeDefaults(bytes: Uint8Array, readerOf: ReaderOf): onnx.IAttributeProto[][] {
  const functions: onnx.IAttributeProto[][] = [];
  forEachField(bytes, MODEL_FUNCTIONS, (fn) => {
    const attributes: onnx.IAttributeProto[] = [];
    forEachField(fn, FUNCTION_ATTRIBUTE_PROTO, (attribute) =>
      attributes.push(onnx.AttributeProto.decode(readerOf(attribute))),
    );
    functions.push(attributes);
  });
  return functions;
}

function forEachField(bytes: Uint8Array, field: number, visit: (message: Uint8Array) => void): void {
  const reader = Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === field && (tag & 7) === 2) visit(reader.bytes());
    else reader.skipType(tag & 7);
  }
}
