import type { DType } from "../../dtype.ts";
import type { Attributes, AttributeValue, Node } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";

/** What a gradient rule sees of a node and its surroundings; every value's dims are numbers. */
export interface GradientContext {
  /** The node whose gradient is wanted. */
  readonly node: Node;
  /** Its attributes, defaults among them. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /**
   * Name of an input; `""` for one left out.
   *
   * @param index - Its place; 0 by default.
   */
  x(index?: number): string;
  /**
   * Name of an output.
   *
   * @param index - Its place; 0 by default.
   */
  y(index?: number): string;
  /**
   * Gradient of the loss by an output; undefined where the loss does not depend on it.
   *
   * @param index - The output's place; 0 by default.
   */
  dy(index?: number): string | undefined;
  /**
   * Whether the gradient by an input is asked for.
   *
   * @param index - The input's place.
   */
  wants(index: number): boolean;
  /**
   * The dims of a value.
   *
   * @param value - Its name.
   */
  dims(value: string): readonly number[];
  /**
   * The element type of a value.
   *
   * @param value - Its name.
   */
  dtype(value: string): DType;
  /** The data of a value known while the graph is built. */
  constant(value: string): TensorData | undefined;
  /**
   * Adds an ordinary node; gives the name of its output.
   *
   * @param op - Its type, with its domain before a colon where that is not ai.onnx.
   * @param inputs - Names of values.
   * @param attributes - What is not the default.
   */
  emit(op: string, inputs: readonly string[], attributes?: Attributes): string;
  /**
   * The same for a node with several outputs; gives all their names.
   *
   * @param op - Its type, with its domain before a colon where that is not ai.onnx.
   * @param inputs - Names of values.
   * @param attributes - What is not the default.
   * @param outputs - How many it has.
   */
  emitAll(op: string, inputs: readonly string[], attributes: Attributes, outputs: number): readonly string[];
  /** A constant of the graph. */
  tensor(data: TensorData): string;
  /**
   * An int64 vector, as Reshape and its kin take it.
   *
   * @param values - Whole numbers.
   */
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
