import type { FusedActivation } from "../graph/graph.ts";
import type { ScalarName } from "../ops/elementwise/scalars.ts";
import type { TensorData } from "../tensor.ts";
import { type Address, asFloat, type BufferRef, type Float, type StructRef } from "./arguments.ts";
import { type KernelCalls, type Structs, type UnaryCode, unaryCode } from "./contract.ts";
import type { Operand, Placed } from "./site.ts";

export type { Operand };

/** The typed arrays, one of which packed constants are. */
interface PackedType<Packed extends ArrayBufferView> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offsetBytes: number, elements: number): Packed;
}

/** What `emit` calls. Decisions only: nothing is allocated and nothing runs until the session binds the plan. */
export interface LowerContext<A> extends Placed<A> {
  /** Where the operand's bytes are; for an absent operand 0. A constant is placed in memory as it is. */
  at(operand: Operand | undefined, offsetElements?: number): Address;
  /** Appends a kernel call; `part, parts` are added by the session. Numbers that are not `asFloat` must be `int32`. */
  call<Name extends keyof KernelCalls>(kernel: Name, ...args: KernelCalls[Name]): void;
  /** Bytes that only this node uses, while it runs. */
  scratch(bytes: number): BufferRef;
  /** A table computed by the host. */
  table(data: Float32Array | Int32Array): BufferRef;
  /** A struct of `assembly/shapes.ts`, of `int32`. */
  struct<Name extends keyof Structs>(name: Name, fields: Structs[Name]): StructRef<Name>;
  /**
   * A constant operand in packed form: `fill` writes `elements` numbers of the type from the operand's data, once per
   * session; what lies there before is not said. `key` tells apart packings of the same constant.
   */
  packed<Packed extends ArrayBufferView>(
    operand: Operand,
    key: string,
    type: PackedType<Packed>,
    elements: number,
    fill: (source: TensorData, target: Packed) => void,
  ): BufferRef;
}

/** The kernels' codes go by the names of the definitions that they are held to. */
const CODES: Readonly<Record<ScalarName, UnaryCode>> = unaryCode;

/** The three arguments `activation, alpha, beta` of a kernel. */
export function activationArgs(activation: FusedActivation | undefined): [UnaryCode, Float, Float] {
  if (activation === undefined) return [0, 0, 0];
  const { kind, alpha, beta } = activation;
  return [CODES[kind as ScalarName], asFloat(alpha), asFloat(beta)];
}

/** Whether the operand's data is known while planning. */
export const isConstant = (operand: Pick<Operand, "fact"> | undefined): boolean =>
  operand?.fact.data !== undefined;

/** `[rows, columns, stride]` of an operand seen as a matrix whose rows lie `stride` apart: pixels × channels, or one run. */
export function asRows(operand: Operand): [number, number, number] {
  const count = operand.dims.reduce((a, b) => a * b, 1);
  if (operand.layout === "rowMajor") return [1, count, count];
  const channels = operand.dims[1] as number;
  if (operand.pixelStride === channels) return [1, count, count];
  return [channels === 0 ? 0 : count / channels, channels, operand.pixelStride];
}

/** Element strides of each logical axis, whatever the layout. */
export function logicalStrides(operand: Operand): number[] {
  const { dims } = operand;
  const rank = dims.length;
  const strides = new Array<number>(rank).fill(0);
  if (operand.layout === "rowMajor") {
    let stride = 1;
    for (let axis = rank - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= dims[axis] as number;
    }
    return strides;
  }
  strides[1] = 1;
  let stride = operand.pixelStride;
  for (let axis = rank - 1; axis >= 2; axis--) {
    strides[axis] = stride;
    stride *= dims[axis] as number;
  }
  strides[0] = stride;
  return strides;
}

/** The axes in the order in which the bytes lie, outermost first. */
export function physicalAxes(operand: Operand): number[] {
  const axes = operand.dims.map((_, axis) => axis);
  return operand.layout === "rowMajor" ? axes : [0, ...axes.slice(2), 1];
}
