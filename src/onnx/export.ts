import { type DType, dtypeInfo, type TypedData } from "../dtype.ts";
import { ModelError, UsageError } from "../errors.ts";
import { type AttributeValue, type Dim, type Fact, type Graph, isGraph, type Node } from "../graph/graph.ts";
import { heldBytes } from "../memory-limit.ts";
import { type AttributeSpec, onnxAttributeName } from "../ops/define.ts";
import { inferNode } from "../ops/infer.ts";
import { findOp } from "../ops/table.ts";
import type { TensorData } from "../tensor.ts";
import { type ExternalDataWriter, externalDataWriter } from "./external-writer.ts";
import { pack } from "./packed.ts";
import { Int64 } from "./proto.ts";
import { onnx } from "./proto-writing.ts";

/** What a file says besides its graph. */
export interface ExportOptions {
  readonly producer?: string;
  /** The opset of ai.onnx where no node says one; 21 by default. */
  readonly opset?: number;
}

/** Read by every runtime of the last years; nothing that lanewise writes needs a later one. */
const IR_VERSION = 8;
const DEFAULT_OPSET = 21;

/**
 * A graph as the bytes of an ONNX file; `importModel(decodeModel(bytes))` gives the same graph again. Attributes at
 * their defaults are left out. Throws a UsageError for nodes that ONNX cannot say: those that passes have fused.
 * https://onnx.ai/onnx/repo-docs/IR.html
 */
export const exportModel = (graph: Graph, options: ExportOptions = {}): Uint8Array =>
  encodeModel(graph, options, undefined);

/** A model's file, and the one beside it that holds its large weights. */
export interface ExportedParts {
  /** The ONNX file's bytes. */
  readonly model: Uint8Array;
  /** The bytes of the other, made piece by piece as they are asked for: together they may be more than an array holds. */
  readonly data: Iterable<Uint8Array>;
}

/** As `exportModel`, with tensors of 1 KB and more in a file named `location`: protobuf's files end at 2 GB. */
export function exportParts(graph: Graph, location: string, options: ExportOptions = {}): ExportedParts {
  const outside = externalDataWriter(location);
  const model = encodeModel(graph, options, outside);
  return { model, data: { [Symbol.iterator]: () => outside.pieces()[Symbol.iterator]() } };
}

/** Protobuf's limit. https://protobuf.dev/programming-guides/proto-limits */
const MAX_FILE_BYTES = 2 ** 31 - 1;

function encodeModel(
  graph: Graph,
  { producer = "lanewise", opset = DEFAULT_OPSET }: ExportOptions,
  outside: ExternalDataWriter | undefined,
): Uint8Array {
  let inside = 0;
  if (outside === undefined)
    for (const { data } of graph.facts.values()) if (data !== undefined) inside += heldBytes(data);
  if (inside > MAX_FILE_BYTES)
    throw new UsageError(
      `${inside} bytes of weights do not fit into an ONNX file, which ends at ${MAX_FILE_BYTES}; write them beside it (exportNetworkParts)`,
    );
  const opsets = new Map<string, number>();
  const proto = encodeGraph(graph, opsets, new Map(), (tensor, name) => {
    const entries = outside?.place(tensor);
    return entries === undefined ? encodeTensor(tensor, name) : encodeExternal(tensor, name, entries);
  });
  if (!opsets.has("")) opsets.set("", opset);
  const bytes = onnx.ModelProto.encode({
    irVersion: IR_VERSION,
    producerName: producer,
    opsetImport: [...opsets].map(([domain, version]) => ({ domain, version })),
    graph: proto,
  }).finish();
  // In Node the writer hands out a part of a pooled Buffer.
  return Uint8Array.from(bytes);
}

function encodeGraph(
  graph: Graph,
  opsets: Map<string, number>,
  outer: ReadonlyMap<string, Fact>,
  encodeConstant: (tensor: TensorData, name: string) => onnx.ITensorProto = encodeTensor,
): onnx.IGraphProto {
  const facts = inferFacts(graph, outer);
  const initializer = [...graph.facts].flatMap(([name, { data }]) =>
    data === undefined ? [] : [encodeConstant(data, name)],
  );
  return {
    name: graph.name || "graph",
    node: graph.nodes.map((node) => encodeNode(node, opsets, facts)),
    initializer,
    input: graph.inputs.map((name) => encodeValue(name, facts.get(name))),
    output: graph.outputs.map((name) => encodeValue(name, facts.get(name))),
  };
}

/** Facts of all values: runtimes want the type of an output, which a graph may not have inferred. */
function inferFacts(graph: Graph, outer: ReadonlyMap<string, Fact>): ReadonlyMap<string, Fact> {
  const facts = new Map([...outer, ...graph.facts]);
  for (const node of graph.nodes) {
    const inferred = inferNode(node, (name) => facts.get(name));
    node.outputs.forEach((name, i) => {
      const fact = inferred[i];
      if (name !== "" && fact !== undefined && !facts.has(name)) facts.set(name, fact);
    });
  }
  return facts;
}

function encodeNode(
  node: Node,
  opsets: Map<string, number>,
  facts: ReadonlyMap<string, Fact>,
): onnx.INodeProto {
  const { name, op, domain, opset, inputs, outputs } = node;
  if (domain === "lanewise" || node.activation !== undefined) {
    throw new UsageError(`${op} ${JSON.stringify(name)} is no ONNX: export the graph before it is optimised`);
  }
  const imported = opsets.get(domain);
  if (imported !== undefined && imported !== opset) {
    throw new ModelError(
      `${op} ${JSON.stringify(name)}`,
      `opset ${opset} beside ${imported}: a file imports one of a domain`,
    );
  }
  opsets.set(domain, opset);
  return {
    name,
    opType: op,
    domain,
    input: [...inputs],
    output: [...outputs],
    attribute: encodeAttributes(node, opsets, facts),
  };
}

function encodeAttributes(
  node: Node,
  opsets: Map<string, number>,
  facts: ReadonlyMap<string, Fact>,
): onnx.IAttributeProto[] {
  const schema = findOp(node.domain, node.op)?.attributes;
  return Object.entries(node.attributes).flatMap(([key, value]) => {
    const spec = schema?.[key];
    if (spec === undefined)
      throw new UsageError(`${node.op} ${JSON.stringify(node.name)}: no attribute ${JSON.stringify(key)}`);
    if (value === undefined || (!spec.required && !spec.written && isDefault(value, spec))) return [];
    return [{ name: onnxAttributeName(key), ...encodeAttribute(value, spec, opsets, facts) }];
  });
}

/** Written out, a default may be an attribute that the opset does not have. */
function isDefault(value: AttributeValue, spec: AttributeSpec<unknown>): boolean {
  if (!Array.isArray(value) || !Array.isArray(spec.default)) return value === spec.default;
  const fallback: readonly unknown[] = spec.default;
  return value.length === fallback.length && value.every((entry, i) => entry === fallback[i]);
}

const encoder = new TextEncoder();

function encodeAttribute(
  value: NonNullable<AttributeValue>,
  { kind }: AttributeSpec<unknown>,
  opsets: Map<string, number>,
  facts: ReadonlyMap<string, Fact>,
): onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  switch (kind) {
    case "int":
      return { type: AttributeType.INT, i: int64(value as number) };
    case "float":
      return { type: AttributeType.FLOAT, f: value as number };
    case "string":
      return { type: AttributeType.STRING, s: encoder.encode(value as string) };
    case "ints":
      return { type: AttributeType.INTS, ints: (value as readonly number[]).map(int64) };
    case "floats":
      return { type: AttributeType.FLOATS, floats: [...(value as readonly number[])] };
    case "strings":
      return {
        type: AttributeType.STRINGS,
        strings: (value as readonly string[]).map((text) => encoder.encode(text)),
      };
    case "tensor":
      return { type: AttributeType.TENSOR, t: encodeTensor(value as TensorData) };
    case "tensors":
      return {
        type: AttributeType.TENSORS,
        tensors: (value as readonly TensorData[]).map((tensor) => encodeTensor(tensor)),
      };
    case "graph": {
      if (!isGraph(value)) throw new UsageError("a graph attribute that holds no graph");
      return { type: AttributeType.GRAPH, g: encodeGraph(value, opsets, facts) };
    }
  }
}

/** A whole number in 64 bits; the greatest, which a number holds rounded up to 2^63, stays the greatest. */
function int64(value: number): number {
  const greatest = 2n ** 63n - 1n;
  const whole = BigInt(value);
  // onnx-proto's types know numbers only; its encoder takes both.
  return Int64.fromBigInt(whole > greatest ? greatest : whole) as unknown as number;
}

/** A TensorProto with its elements as raw bytes (little-endian, as in every engine), strings as they are. */
function encodeTensor({ dtype, dims, data }: TensorData, name?: string): onnx.ITensorProto {
  const head = { ...(name !== undefined && { name }), dims: [...dims], dataType: dtypeInfo[dtype].onnx };
  if (dtype === "string")
    return { ...head, stringData: (data as string[]).map((text) => encoder.encode(text)) };
  if (dtypeInfo[dtype].bits < 8) return { ...head, rawData: pack(dtype, data as Uint8Array) };
  const { buffer, byteOffset, byteLength } = data as TypedData;
  return { ...head, rawData: new Uint8Array(buffer, byteOffset, byteLength) };
}

/** `DataLocation.EXTERNAL`, which the browsers' half of onnx-proto does not carry. */
const EXTERNAL = 1;

/** A TensorProto that says where its elements lie. */
const encodeExternal = (
  { dtype, dims }: TensorData,
  name: string,
  entries: Readonly<Record<string, string>>,
): onnx.ITensorProto => ({
  name,
  dims: [...dims],
  dataType: dtypeInfo[dtype].onnx,
  dataLocation: EXTERNAL,
  externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
});

/** A value without a fact is written without a type: ONNX lets runtimes infer it. */
function encodeValue(name: string, fact: Fact | undefined): onnx.IValueInfoProto {
  if (fact === undefined) return { name };
  const tensor = { tensorType: tensorType(fact.dtype, fact.dims) };
  const map = { mapType: { keyType: dtypeInfo[fact.keys ?? "int64"].onnx, valueType: tensor } };
  if (fact.container === "map") return { name, type: map };
  if (fact.container === "sequence")
    return { name, type: { sequenceType: { elemType: fact.held === "map" ? map : tensor } } };
  if (fact.container === "optional") {
    const elemType = fact.held === "sequence" ? { sequenceType: { elemType: tensor } } : tensor;
    return { name, type: { optionalType: { elemType } } };
  }
  return { name, type: tensor };
}

const tensorType = (dtype: DType, dims: readonly Dim[] | undefined): onnx.TypeProto.ITensor => ({
  elemType: dtypeInfo[dtype].onnx,
  ...(dims && { shape: { dim: dims.map(encodeDim) } }),
});

const encodeDim = (dim: Dim): onnx.TensorShapeProto.IDimension =>
  typeof dim === "number" ? { dimValue: dim } : dim === "?" ? {} : { dimParam: dim };
