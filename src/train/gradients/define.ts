import type { DType } from "../../dtype.ts";
import type { Attributes, AttributeValue, Node } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";

/** What a gradient rule sees of a node and its surroundings; every value's dims are numbers. */
export interface GradientContext {
  readonly node: Node;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** Name of an input; `""` for one left out. */
  x(index?: number): string;
  /** Name of an output. */
  y(index?: number): string;
  /** Gradient of the loss by an output; undefined where the loss does not depend on it. */
  dy(index?: number): string | undefined;
  /** Whether the gradient by an input is asked for. */
  wants(index: number): boolean;
  dims(value: string): readonly number[];
  dtype(value: string): DType;
  /** The data of a value known while the graph is built. */
  constant(value: string): TensorData | undefined;
  /** Adds an ordinary node; `op` is its type, with its domain before a colon where that is not ai.onnx. */
  emit(op: string, inputs: readonly string[], attributes?: Attributes): string;
  /** The same for a node with several outputs; gives all their names. */
  emitAll(op: string, inputs: readonly string[], attributes: Attributes, outputs: number): readonly string[];
  /** A constant of the graph. */
  tensor(data: TensorData): string;
  /** An int64 vector, as Reshape and its kin take it. */
  ints(values: readonly number[]): string;
  /** Says that the rule does not cover the node; the reason ends up in the UnsupportedOperatorError. */
  decline(reason: string): never;
}

/** Gives the names of the gradients by the inputs, undefined where there is none. Called only if some dy is there. */
export type GradientRule = (context: GradientContext) => readonly (string | undefined)[];

/** Rules by operator: its type, with its domain before a colon where that is not ai.onnx. */
export type GradientRules = Readonly<Record<string, GradientRule>>;

/** The rules that the rows of a table stand for. */
export const rulesOf = <Row>(
  table: Readonly<Record<string, Row>>,
  rule: (row: Row) => GradientRule,
): GradientRules => Object.fromEntries(Object.entries(table).map(([op, row]) => [op, rule(row)]));
