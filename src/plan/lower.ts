import { dtypeInfo } from "../dtype.ts";
import { InternalError } from "../errors.ts";
import { concreteDims, type Fact, type Graph, type Node } from "../graph/graph.ts";
import {
  type Address,
  BeyondInt32,
  type BufferRef,
  type Float,
  int32,
  type KernelArgument,
  type StructRef,
} from "../kernels/arguments.ts";
import type { Choice } from "../kernels/choose.ts";
import type { LowerContext, Operand } from "../kernels/context.ts";
import type { KernelCalls, Structs } from "../kernels/contract.ts";
import type { Settings } from "../kernels/site.ts";
import { structWords } from "../kernels/struct-words.ts";
import { type AttributeSchema, type AttributesOf, failShape } from "../ops/define.ts";
import { copyBytes, elementCount, type TensorData } from "../tensor.ts";
import type { BufferTable } from "./buffers.ts";
import type { KernelStep } from "./plan.ts";
import type { StoragePlan } from "./storage.ts";

/** How a value's bytes lie, as its storage says. */
export function operandOf(name: string, graph: Graph, storage: StoragePlan): Operand {
  const fact = graph.facts.get(name) as Fact & { dims: readonly number[] };
  const place = storage.of.get(name);
  return {
    name,
    fact,
    dims: concreteDims(fact),
    layout: fact.layout ?? "rowMajor",
    pixelStride: place?.pixelStride ?? 0,
  };
}

/**
 * The kernel calls of a node as it was chosen to be done; undefined where that is by its definition, or where one of the
 * numbers is more than a kernel's i32 can hold.
 */
export function lowerNode(
  node: Node,
  { lowering, resolved }: Choice,
  at: number,
  graph: Graph,
  storage: StoragePlan,
  buffers: BufferTable,
  settings: Settings,
): KernelStep[] | undefined {
  if (lowering === undefined) return undefined;
  const steps: KernelStep[] = [];
  try {
    lowering.emit(lowerContext(node, at, graph, storage, buffers, settings, steps), resolved);
    return steps;
  } catch (error) {
    if (error instanceof BeyondInt32) return undefined;
    throw error;
  }
}

function lowerContext(
  node: Node,
  at: number,
  graph: Graph,
  storage: StoragePlan,
  buffers: BufferTable,
  settings: Settings,
  steps: KernelStep[],
): LowerContext<AttributesOf<AttributeSchema>> {
  const operand = (name: string): Operand => operandOf(name, graph, storage);
  const inputs = node.inputs.map((name) => (name === "" ? undefined : operand(name)));
  const outputs = node.outputs.filter((name) => name !== "").map(operand);
  const need = (value: Operand | undefined, what: string): Operand => {
    if (value === undefined)
      throw new InternalError(`${node.op} ${node.name}: lowering asked for absent ${what}`);
    return value;
  };
  return {
    node,
    attributes: node.attributes as AttributesOf<AttributeSchema>,
    opset: node.opset,
    inputs,
    outputs,
    ...settings,
    input: (index) => need(inputs[index], `input ${index}`),
    fail: (message) => failShape(node, message),
    output: (index = 0) => need(outputs[index], `output ${index}`),
    at: (value, offsetElements = 0) =>
      value === undefined ? 0 : address(value, offsetElements, storage, buffers),
    call: (kernel, ...args) => {
      steps.push(kernelStep(node.name, node.op, kernel, ...args));
    },
    scratch: (bytes) => ({ buffer: buffers.scratch(int32(bytes), at), offsetBytes: 0 }),
    table: (data) => ({ buffer: buffers.table(data), offsetBytes: 0 }),
    struct: (name, fields) => structAt(name, fields, buffers),
    packed(value, key, type, elements, fill) {
      const source = value.fact.data;
      if (source === undefined)
        throw new InternalError(`${node.op} ${node.name}: ${value.name} is not constant`);
      const write = (from: TensorData, target: Uint8Array): void => {
        fill(from, new type(target.buffer, target.byteOffset, elements));
      };
      const bytes = elements * type.BYTES_PER_ELEMENT;
      return { buffer: buffers.constant(source, key, bytes, write), offsetBytes: 0 };
    },
  };
}

/** A kernel call as a plan has it. */
export function kernelStep<Name extends keyof KernelCalls>(
  node: string,
  op: string,
  kernel: Name,
  ...args: KernelCalls[Name]
): KernelStep {
  const plain = (args as readonly (KernelArgument | Float)[]).map((arg) =>
    typeof arg === "number" ? int32(arg) : "float" in arg ? arg.float : arg,
  );
  return { kind: "kernel", node, op, kernel, args: plain };
}

/** A struct placed in memory. */
export const structAt = <Name extends keyof Structs>(
  name: Name,
  fields: Structs[Name],
  buffers: BufferTable,
): StructRef<Name> =>
  ({ buffer: buffers.table(structWords(name, fields)), offsetBytes: 0 }) as StructRef<Name>;

function address(
  value: Operand,
  offsetElements: number,
  storage: StoragePlan,
  buffers: BufferTable,
): Address {
  const offsetBytes = offsetElements * dtypeInfo[value.fact.dtype].bytes;
  const { data } = value.fact;
  if (data !== undefined) return { buffer: rawConstant(data, buffers), offsetBytes };
  const place = storage.of.get(value.name);
  if (place === undefined) throw new InternalError(`${value.name} has no storage`);
  return {
    buffer: buffers.root(place.root),
    offsetBytes: place.offsetBytes + offsetBytes,
  } satisfies BufferRef;
}

/** A constant placed as it is. */
export function rawConstant(source: TensorData, buffers: BufferTable): number {
  const bytes = elementCount(source.dims) * dtypeInfo[source.dtype].bytes;
  return buffers.constant(source, "raw", bytes, copyBytes);
}
