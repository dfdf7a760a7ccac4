import type { Fact, Layout, Node } from "../graph/graph.ts";
import type { LowerContext, Operand } from "../ops/lowering.ts";

/** A value as it is known before anything is placed. */
export interface Known {
  readonly name: string;
  readonly fact: Fact & { readonly dims: readonly number[] };
  /** Logical dims, ONNX order. */
  readonly dims: readonly number[];
}

/** What is the same for all nodes of a graph. */
export interface Settings {
  /** How many threads run each kernel call: scratch that a kernel wants for each part is this many times as large. */
  readonly parts: number;
  /** Whether 3×3 convolutions may use Winograd's algorithm, which is faster and a little less exact. */
  readonly winograd: boolean;
  /** Whether the graph has states, as training graphs do: then the kernels of training are there. */
  readonly training: boolean;
}

/** A node of a concrete graph, before layouts are settled. */
export interface Site<A = unknown> extends Settings {
  readonly node: Node;
  readonly attributes: A;
  readonly opset: number;
  /** Undefined for one left out. */
  readonly inputs: readonly (Known | undefined)[];
  /** Those that are made. */
  readonly outputs: readonly Known[];
  input(index: number): Known;
  output(index?: number): Known;
  /** A ShapeError that names the node. */
  fail(message: string): never;
}

/** A node whose operands lie in some way. */
export interface Placed<A = unknown> extends Site<A> {
  readonly inputs: readonly (Operand | undefined)[];
  readonly outputs: readonly Operand[];
  input(index: number): Operand;
  output(index?: number): Operand;
}

/** How a node's operands lie, by index: row-major past the ends. */
export interface Layouts {
  readonly inputs: readonly Layout[];
  readonly outputs: readonly Layout[];
}

/**
 * One way in which wasm does an operator. `A` is the operator's attributes, `R` what `resolve` has worked out. All are
 * methods, so that the table can hold lowerings of any `A` and `R`.
 */
export interface Lowering<A = unknown, R = unknown> {
  readonly name: string;
  /** What a node needs to be done so, worked out once; undefined or false where it cannot be. */
  resolve(site: Site<A>): R | undefined | false;
  /** The layouts that it takes and gives, best first; without it, row-major. */
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

/** The node with its operands in these layouts, channels-last pixels `gap` elements further apart than they need be. */
export function placed<A>(site: Site<A>, layouts: Layouts, gap = 0): Placed<A> {
  const operand = (value: Known, layout: Layout = "rowMajor"): Operand => ({
    ...value,
    layout,
    pixelStride: layout === "channelsLast" ? (value.dims[1] as number) + gap : 0,
  });
  const inputs = site.inputs.map((value, i) => value && operand(value, layouts.inputs[i]));
  const outputs = site.outputs.map((value, i) => operand(value, layouts.outputs[i]));
  return {
    ...site,
    inputs,
    outputs,
    input: (index) => inputs[index] ?? operand(site.input(index)),
    output: (index = 0) => outputs[index] ?? operand(site.output(index)),
  };
}

/** Lowerings by operator: `Conv`, or with its domain `lanewise:Relayout`. */
export type Lowerings = Readonly<Record<string, readonly Lowering[]>>;
