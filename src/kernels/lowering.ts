import type { LowerContext } from "./context.ts";
import type { Layouts, Site } from "./site.ts";

/**
 * One way in which wasm does an operator. `A` is the operator's attributes, `R` what `resolve` has worked out. All are
 * methods, so that the table can hold lowerings of any `A` and `R`.
 */
export interface Lowering<A = unknown, R = unknown> {
  readonly name: string;
  /** What a node needs to be done so, worked out once; undefined or false where it cannot be. */
  resolve(site: Site<A>): R | undefined | false;
  /** The layouts that it takes and gives, best first, or none after all; without it, row-major. */
  layouts?(site: Site<A>, resolved: R): readonly Layouts[];
  /** Whether channels-last operands may have pixels further apart than their channels; by default they may not. */
  apart?(site: Site<A>, resolved: R, layouts: Layouts): boolean;
  /** Bytes that it moves beyond reading inputs and writing outputs; by default none. */
  cost?(site: Site<A>, resolved: R, layouts: Layouts): number;
  /**
   * Output 0 has the bytes of input 0 as they lie, so that nothing need be done. `emit` is for where storage refuses: it
   * copies.
   */
  readonly view?: boolean;
  /** Inputs whose bytes output 0 may take over where nobody reads them afterwards. */
  readonly inPlace?: readonly number[];
  /** Of further outputs: the input whose bytes each may take over likewise. */
  readonly inPlaceOf?: Readonly<Record<number, number>>;
  /** It writes output 0 before it has read all inputs: no other input may lie where one lies that is taken over. */
  readonly rereads?: boolean;
  /**
   * It walks from pixel to pixel of one channel, in input 0 and output 0: pixels a power of two apart would share a few
   * sets of the cache.
   */
  readonly walksPixels?: boolean;
  /** The kernel calls. */
  emit(context: LowerContext<A>, resolved: R): void;
}

/** Lowerings by operator: `Conv`, or with its domain `lanewise:Relayout`. */
export type Lowerings = Readonly<Record<string, readonly Lowering[]>>;
