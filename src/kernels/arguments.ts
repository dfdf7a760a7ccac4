import { InternalError } from "../errors.ts";

/** A place in memory that the session turns into an address: a buffer of the plan and an offset into it. */
export interface BufferRef {
  readonly buffer: number;
  readonly offsetBytes: number;
}

/** A pointer that a kernel takes; 0 stands for an absent one. */
export type Address = BufferRef | 0;

declare const struct: unique symbol;

/** The place of a struct of `assembly/shapes.ts`, by whose name it is typed. */
export type StructRef<Name extends string> = BufferRef & { readonly [struct]: Name };

/** A float that a kernel takes, wrapped so that it is not taken for an i32; 0 is 0 either way. */
export type Float = { readonly float: number } | 0;
export const asFloat = (value: number): Float => ({ float: value });

/** An argument of a kernel call in a plan: a number, or a place that the session turns into one. */
export type KernelArgument = number | BufferRef;

/** Thrown by `int32`: the node then runs by its definition. */
export class BeyondInt32 extends Error {}

/** The number, where a kernel's i32 can hold it. */
export function int32(value: number): number {
  if ((value | 0) === value) return value;
  throw value % 1 ? new InternalError(`${value} is no integer`) : new BeyondInt32();
}
