import type { AttributeValue } from "../graph/graph.ts";
import type { TensorData } from "../tensor.ts";

/** What an operator that is made of others builds its nodes with; values go by name, "" is one left out. */
export interface Composer<A> {
  readonly attributes: A;
  /** One name for each input of the schema, and for each that repeats. */
  readonly inputs: readonly string[];
  /** Adds a node (of ai.onnx, unless its name says otherwise) and gives the name of its output. */
  emit(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeValue>>): string;
  /** The same for a node of several outputs. */
  emitMany(op: string, inputs: readonly string[], outputs: number): string[];
  constant(data: TensorData): string;
  fail(message: string): never;
}

/** How an operator is made of others: gives the names of its outputs. The importer puts those nodes in its place. */
export type Compose = (composer: Composer<never>) => readonly string[];

/** Version of ai.onnx that composed nodes are written in. */
export const COMPOSED_OPSET = 21;
