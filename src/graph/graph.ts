import type { DType } from "../dtype.ts";
import type { TensorData } from "../tensor.ts";
import type { MapKeys } from "../value.ts";

/** A size: known, or a symbol that stands for one. `"?"` is a size nobody has named. */
export type Dim = number | string;

/** How a value's bytes lie: ONNX order, or with the channel dim (index 1) moved last. */
export type Layout = "rowMajor" | "channelsLast";

/** What is known of a value. */
export interface Fact {
  /** The type of its elements. */
  readonly dtype: DType;
  /** Absent while the rank is unknown. */
  readonly dims?: readonly Dim[];
  /** The data, when it is constant. */
  readonly data?: TensorData;
  /** Absent for a tensor; sequences and optionals carry the fact of what they hold in `dtype` and `dims`. */
  readonly container?: "sequence" | "optional" | "map";
  /** Of an optional that holds a sequence, and of a sequence that holds maps. */
  readonly held?: "sequence" | "map";
  /** Of maps; `dtype` is that of their values. */
  readonly keys?: MapKeys;
  /** How its bytes lie; `rowMajor` where absent. */
  readonly layout?: Layout;
}

/** What an operator's attribute may be; `undefined` leaves its default. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | TensorData
  | readonly TensorData[]
  | Graph
  | readonly Graph[]
  | undefined;

/** An operator's attributes by their names in camelCase. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** An activation that runs in a kernel's epilogue; `kind` is a key of `unaryCode`. */
export interface FusedActivation {
  readonly kind: string;
  readonly alpha: number;
  readonly beta: number;
}

/** One operator's application. `""` among the inputs is an input left out. */
export interface Node {
  /** The node's name; it stands in errors. */
  readonly name: string;
  /** The operator. */
  readonly op: string;
  /** `""` is ai.onnx; `"lanewise"` holds what only passes insert. */
  readonly domain: string;
  /** The version of the domain that the model asks for. */
  readonly opset: number;
  /** Complete: the op's schema has filled the defaults in. */
  readonly attributes: Attributes;
  /** Names of values. */
  readonly inputs: readonly string[];
  /** Names of values; `""` is an output that nobody wants. */
  readonly outputs: readonly string[];
  /** What is done to each element of the output besides. */
  readonly activation?: FusedActivation;
}

/**
 * An input that lives in memory from run to run: weights, running statistics, an optimiser's moments. After each run it
 * holds what output number `next` was; without `next` it is only read. By number, so that a pass may rename outputs.
 */
export interface State {
  readonly input: string;
  readonly next?: number;
}

/** SSA: every value name is written once, by an input, a constant fact or a node. Nodes stand in topological order. */
export interface Graph {
  /** Stands in errors and in the exported model. */
  readonly name: string;
  /** Names of the values that are fed. */
  readonly inputs: readonly string[];
  /** Names of the values that come out. */
  readonly outputs: readonly string[];
  /** Inputs that nobody feeds; training graphs have them. */
  readonly states?: readonly State[];
  /** In an order in which they can run. */
  readonly nodes: readonly Node[];
  /** Facts by value name: inputs and constants always, the rest once inferred. */
  readonly facts: ReadonlyMap<string, Fact>;
}

/** Whether the value is a tensor of known rank whose every size is a number. */
export function isConcrete(fact: Fact | undefined): fact is Fact & { readonly dims: readonly number[] } {
  return fact?.dims?.every((dim) => typeof dim === "number") ?? false;
}

/** The dims as numbers; call only where `isConcrete` holds. */
export function concreteDims(fact: Fact): readonly number[] {
  return fact.dims as readonly number[];
}

/** Whether two values have the same dims, and both are known. */
export const sameDims = (a: Fact | undefined, b: Fact | undefined): boolean =>
  isConcrete(a) && isConcrete(b) && concreteDims(a).join() === concreteDims(b).join();

/** Names of outer values that a graph's nodes (and their subgraphs) read. */
export function captures(graph: Graph): Set<string> {
  const known = new Set<string>(graph.inputs);
  for (const [name, fact] of graph.facts) if (fact.data !== undefined) known.add(name);
  const outer = new Set<string>();
  for (const node of graph.nodes) {
    for (const name of nodeReads(node)) if (!known.has(name)) outer.add(name);
    for (const name of node.outputs) known.add(name);
  }
  for (const name of graph.outputs) if (!known.has(name)) outer.add(name);
  return outer;
}

/** The subgraphs among a node's attributes. */
export function subgraphs(node: Node): Graph[] {
  return Object.values(node.attributes).filter(isGraph);
}

export function isGraph(value: AttributeValue): value is Graph {
  return typeof value === "object" && value !== null && "nodes" in value && "facts" in value;
}

/** Nodes are never changed, so what one reads is found once. */
const readsOf = new WeakMap<Node, ReadonlySet<string>>();

/** Every value a node reads, with those that only its subgraphs read. */
export function nodeReads(node: Node): ReadonlySet<string> {
  const known = readsOf.get(node);
  if (known !== undefined) return known;
  const reads = new Set(node.inputs.filter((name) => name !== ""));
  for (const graph of subgraphs(node)) for (const name of captures(graph)) reads.add(name);
  readsOf.set(node, reads);
  return reads;
}
