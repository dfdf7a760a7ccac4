import { InternalError } from "../errors.ts";
import { type Fact, isConcrete, type Layout, type Node } from "../graph/graph.ts";
import { failShape } from "../ops/define.ts";

/** A value as it is known before anything is placed. */
export interface Known {
  readonly name: string;
  readonly fact: Fact & { readonly dims: readonly number[] };
  /** Logical dims, ONNX order. */
  readonly dims: readonly number[];
}

/** A value as a lowering sees it: concrete dims, and how its bytes lie. */
export interface Operand extends Known {
  readonly layout: Layout;
  /** Channels-last: elements from one pixel to the next (at least the channel count). Row-major: 0. */
  readonly pixelStride: number;
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

/** How a node's operands lie, by index: row-major past the ends. */
export interface Layouts {
  readonly inputs: readonly Layout[];
  readonly outputs: readonly Layout[];
}

/** A node of a concrete graph with what is known of its operands. */
class NodeSite<A, V extends Known> implements Settings {
  readonly node: Node;
  readonly #settings: Settings;
  /** Undefined for one left out. */
  readonly inputs: readonly (V | undefined)[];
  /** Those that are made. */
  readonly outputs: readonly V[];

  constructor(node: Node, settings: Settings, inputs: readonly (V | undefined)[], outputs: readonly V[]) {
    this.node = node;
    this.#settings = settings;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  get attributes(): A {
    return this.node.attributes as A;
  }

  get opset(): number {
    return this.node.opset;
  }

  get parts(): number {
    return this.#settings.parts;
  }

  get winograd(): boolean {
    return this.#settings.winograd;
  }

  get training(): boolean {
    return this.#settings.training;
  }

  input(index: number): V {
    return this.#needed(this.inputs[index], `input ${index}`);
  }

  output(index = 0): V {
    return this.#needed(this.outputs[index], `output ${index}`);
  }

  /** A ShapeError that names the node. */
  fail(message: string): never {
    return failShape(this.node, message);
  }

  #needed(value: V | undefined, what: string): V {
    if (value === undefined) throw new InternalError(`${this.node.op} ${this.node.name} has no ${what}`);
    return value;
  }
}

type Open<T> = Pick<T, keyof T>;

/** A node before layouts are settled. */
export type Site<A = unknown> = Open<NodeSite<A, Known>>;

/** A node whose operands lie in some way. */
export type Placed<A = unknown> = Open<NodeSite<A, Operand>>;

/** The node as lowerings see it; undefined where an operand is nothing that kernels know. */
export function siteOf(
  node: Node,
  factOf: (name: string) => Fact | undefined,
  settings: Settings,
): Site | undefined {
  const known = (name: string): Known | undefined => {
    const fact = factOf(name);
    const plain = isConcrete(fact) && fact.container === undefined && fact.dtype !== "string";
    return plain ? { name, fact, dims: fact.dims } : undefined;
  };
  const inputs: (Known | undefined)[] = [];
  for (const name of node.inputs) {
    const value = name === "" ? undefined : known(name);
    if (value === undefined && name !== "") return undefined;
    inputs.push(value);
  }
  const outputs: Known[] = [];
  for (const name of node.outputs) {
    if (name === "") continue;
    const value = known(name);
    if (value === undefined) return undefined;
    outputs.push(value);
  }
  return new NodeSite(node, settings, inputs, outputs);
}

const operandOf = ({ name, fact, dims }: Known, layout: Layout = "rowMajor", gap: number): Operand => ({
  name,
  fact,
  dims,
  layout,
  pixelStride: layout === "channelsLast" ? (dims[1] as number) + gap : 0,
});

/** The node with its operands in these layouts, channels-last pixels `gap` elements further apart than they need be. */
export const placed = <A>(site: Site<A>, { inputs, outputs }: Layouts, gap = 0): Placed<A> =>
  new NodeSite(
    site.node,
    site,
    site.inputs.map((value, i) => value && operandOf(value, inputs[i], gap)),
    site.outputs.map((value, i) => operandOf(value, outputs[i], gap)),
  );
