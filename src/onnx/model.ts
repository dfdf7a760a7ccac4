import type { DType } from "../dtype.ts";
import type { Dim } from "../graph/graph.ts";
import type { TensorData } from "../tensor.ts";
import type { MapKeys } from "../value.ts";

/** Graphs nested deeper than this are refused rather than followed. */
export const MAX_GRAPH_DEPTH = 64;

/** What an ONNX file says, as plain data: nothing is resolved or checked against the op table. */
export interface Model {
  readonly irVersion: number;
  readonly producer: string;
  /** Version by domain; `""` is ai.onnx. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: GraphModel;
  readonly functions: readonly FunctionModel[];
  readonly metadata: ReadonlyMap<string, string>;
}

export interface GraphModel {
  readonly name: string;
  readonly nodes: readonly NodeModel[];
  readonly initializers: ReadonlyMap<string, TensorModel>;
  readonly inputs: readonly ValueModel[];
  readonly outputs: readonly ValueModel[];
}

export interface NodeModel {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeModel>;
}

export type AttributeModel =
  | { readonly kind: "int" | "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "ints" | "floats"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  | { readonly kind: "tensor"; readonly value: TensorModel }
  | { readonly kind: "tensors"; readonly value: readonly TensorModel[] }
  | { readonly kind: "graph"; readonly value: GraphModel }
  | { readonly kind: "reference"; readonly value: string }
  | { readonly kind: "unsupported"; readonly value: string };

/** A tensor in the file, or a place in another file. */
export type TensorModel =
  | { readonly kind: "data"; readonly tensor: TensorData }
  | {
      readonly kind: "external";
      readonly dtype: DType;
      readonly dims: readonly number[];
      readonly location: string;
      readonly offset: number;
      readonly length: number | undefined;
      readonly path: string;
    }
  | { readonly kind: "unsupported"; readonly reason: string };

export interface ValueModel {
  readonly name: string;
  /** Undefined where the file gives no type. */
  readonly type: TypeModel | undefined;
}

export interface TypeModel {
  readonly container: "tensor" | "sequence" | "optional" | "map";
  /** Of an optional that holds a sequence, and of a sequence that holds maps. */
  readonly held?: "sequence" | "map";
  readonly keys?: MapKeys;
  /** Undefined for an element type lanewise does not take. */
  readonly dtype: DType | undefined;
  readonly dims: readonly Dim[] | undefined;
}

export interface FunctionModel {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributeNames: readonly string[];
  readonly attributeDefaults: ReadonlyMap<string, AttributeModel>;
  readonly nodes: readonly NodeModel[];
  readonly opsets: ReadonlyMap<string, number>;
}
