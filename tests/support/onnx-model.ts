import { onnx } from "onnx-proto";
import { type DType, dtypeInfo } from "../../src/dtype.ts";
import type { Dim } from "../../src/graph/graph.ts";
import type { TensorData } from "../../src/tensor.ts";

/** What a graph declares of an input or output; `dims` undefined leaves the rank unknown. */
export interface TypeSpec {
  readonly dtype: DType;
  readonly dims?: readonly Dim[] | undefined;
  readonly container?: "sequence" | "optional";
}

/** A float attribute, which a bare number is only where it is not whole. */
export interface FloatAttribute {
  readonly float: number | readonly number[];
}
export const float = (value: number | readonly number[]): FloatAttribute => ({ float: value });

/** In a function: the value of the attribute with that name at the call. */
export interface ReferenceAttribute {
  readonly reference: string;
  readonly kind: "int" | "float" | "ints" | "floats" | "string" | "tensor";
}

/** Any other attribute, as protobufjs writes it. */
export interface RawAttribute {
  readonly proto: onnx.IAttributeProto;
}

export type AttributeSpec =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | FloatAttribute
  | ReferenceAttribute
  | RawAttribute
  | TensorData
  | GraphSpec;

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  readonly domain?: string;
  readonly name?: string;
}

export interface GraphSpec {
  readonly nodes: readonly NodeSpec[];
  readonly inputs?: Readonly<Record<string, TypeSpec>>;
  /** Names alone leave the types to inference. */
  readonly outputs: readonly string[] | Readonly<Record<string, TypeSpec>>;
  readonly initializers?: Readonly<Record<string, TensorData>>;
}

export interface FunctionSpec {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly NodeSpec[];
  readonly attributes?: readonly string[];
  /** Defaults of attributes (IR version 9). */
  readonly defaults?: Readonly<Record<string, AttributeSpec>>;
}

export interface ModelSpec extends GraphSpec {
  /** The version of ai.onnx, or of every domain. */
  readonly opset?: number | Readonly<Record<string, number>>;
  readonly irVersion?: number;
  readonly functions?: readonly FunctionSpec[];
}

/** The node `op(inputs) → outputs`. */
export const node = (
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeSpec>> = {},
  domain = "",
): NodeSpec => ({ op, inputs, outputs, attributes, domain });

/** ONNX bytes of a model. */
export function model(spec: ModelSpec): Uint8Array {
  const proto = onnx.ModelProto.encode(onnx.ModelProto.create(modelProto(spec))).finish();
  return plain(appendFunctions(proto, spec));
}

/** The same before it is written, for tests that break it. */
export function modelProto(spec: ModelSpec): onnx.IModelProto {
  return {
    irVersion: spec.irVersion ?? 8,
    producerName: "lanewise-tests",
    opsetImport: opsetImports(spec.opset ?? 17),
    graph: graphProto(spec, "graph"),
  };
}

const opsetImports = (opset: number | Readonly<Record<string, number>>): onnx.IOperatorSetIdProto[] =>
  Object.entries(typeof opset === "number" ? { "": opset } : opset).map(([domain, version]) => ({
    domain,
    version,
  }));

/** protobufjs writes into Node's pooled Buffers; tests want bytes of their own. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

function graphProto(spec: GraphSpec, name: string): onnx.IGraphProto {
  const { outputs } = spec;
  const named = (
    outputs instanceof Array ? outputs.map((output) => [output, undefined]) : Object.entries(outputs)
  ) as [string, TypeSpec | undefined][];
  return {
    name,
    node: spec.nodes.map(nodeProto),
    input: Object.entries(spec.inputs ?? {}).map(([input, type]) => valueProto(input, type)),
    output: named.map(([output, type]) => valueProto(output, type)),
    initializer: Object.entries(spec.initializers ?? {}).map(([tensor, data]) => tensorProto(data, tensor)),
  };
}

function valueProto(name: string, type: TypeSpec | undefined): onnx.IValueInfoProto {
  return type === undefined ? { name } : { name, type: typeProto(type) };
}

function typeProto({ dtype, dims, container }: TypeSpec): onnx.ITypeProto {
  if (container === "sequence") return { sequenceType: { elemType: typeProto({ dtype, dims }) } };
  if (container === "optional") return { optionalType: { elemType: typeProto({ dtype, dims }) } };
  const shape = dims && {
    dim: dims.map((dim) =>
      typeof dim === "number" ? { dimValue: dim } : dim === "?" ? {} : { dimParam: dim },
    ),
  };
  return { tensorType: { elemType: dtypeInfo[dtype].onnx, ...(shape && { shape }) } };
}

/** A TensorProto with its elements in raw_data (strings in string_data). */
export function tensorProto(tensor: TensorData, name = ""): onnx.ITensorProto {
  const proto = { name, dims: [...tensor.dims], dataType: dtypeInfo[tensor.dtype].onnx };
  if (tensor.dtype === "string") {
    return { ...proto, stringData: (tensor.data as string[]).map((text) => new TextEncoder().encode(text)) };
  }
  const { buffer, byteOffset, byteLength } = tensor.data as Float32Array;
  return { ...proto, rawData: new Uint8Array(buffer, byteOffset, byteLength) };
}

function nodeProto({ op, inputs, outputs, attributes, domain, name }: NodeSpec): onnx.INodeProto {
  return {
    name: name ?? `${op}_${outputs.find((output) => output !== "") ?? ""}`,
    opType: op,
    domain: domain ?? "",
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes ?? {}).map(([key, value]) => attributeProto(key, value)),
  };
}

const { AttributeType } = onnx.AttributeProto;
const REFERENCE_TYPES = {
  int: AttributeType.INT,
  float: AttributeType.FLOAT,
  ints: AttributeType.INTS,
  floats: AttributeType.FLOATS,
  string: AttributeType.STRING,
  tensor: AttributeType.TENSOR,
};

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function attributeProto(name: string, value: AttributeSpec): onnx.IAttributeProto {
  if (typeof value === "number") {
    return Number.isInteger(value)
      ? { name, type: AttributeType.INT, i: value }
      : { name, type: AttributeType.FLOAT, f: value };
  }
  if (typeof value === "string") return { name, type: AttributeType.STRING, s: text(value) };
  if (value instanceof Array) {
    return typeof value[0] === "string"
      ? { name, type: AttributeType.STRINGS, strings: (value as string[]).map(text) }
      : { name, type: AttributeType.INTS, ints: [...(value as number[])] };
  }
  if ("proto" in value) return { name, ...value.proto };
  if ("float" in value) {
    return typeof value.float === "number"
      ? { name, type: AttributeType.FLOAT, f: value.float }
      : { name, type: AttributeType.FLOATS, floats: [...value.float] };
  }
  if ("reference" in value) return { name, type: REFERENCE_TYPES[value.kind], refAttrName: value.reference };
  if ("nodes" in value) return { name, type: AttributeType.GRAPH, g: graphProto(value, name) };
  return { name, type: AttributeType.TENSOR, t: tensorProto(value) };
}

// onnx-proto's schema ends before FunctionProto.attribute_proto: functions are put together field by field.
const MODEL_FUNCTIONS = 25;
const FUNCTION_ATTRIBUTE_PROTO = 11;

function appendFunctions(bytes: Uint8Array, { functions = [], opset = 17 }: ModelSpec): Uint8Array {
  const parts = [bytes];
  for (const fn of functions) {
    const known = onnx.FunctionProto.encode(
      onnx.FunctionProto.create({
        name: fn.name,
        domain: fn.domain,
        input: [...fn.inputs],
        output: [...fn.outputs],
        attribute: [...(fn.attributes ?? [])],
        node: fn.nodes.map(nodeProto),
        opsetImport: opsetImports(opset),
      } as onnx.IFunctionProto),
    ).finish();
    const defaults = Object.entries(fn.defaults ?? {}).map(([name, value]) =>
      message(
        FUNCTION_ATTRIBUTE_PROTO,
        onnx.AttributeProto.encode(onnx.AttributeProto.create(attributeProto(name, value))).finish(),
      ),
    );
    parts.push(message(MODEL_FUNCTIONS, join([known, ...defaults])));
  }
  return join(parts);
}

/** A length-delimited protobuf field. */
export function message(number: number, bytes: Uint8Array): Uint8Array {
  return join([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
