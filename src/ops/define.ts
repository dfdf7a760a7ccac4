import { type DType, isFloat } from "../dtype.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import type { Attributes, AttributeValue, Dim, Fact, FusedActivation, Graph, Node } from "../graph/graph.ts";
import type { Work } from "../interruptible.ts";
import type { TensorData } from "../tensor.ts";
import type { RuntimeValue } from "../value.ts";
import type { Compose } from "./composing.ts";

export { isTensor, type OptionalData, type RuntimeValue, type SequenceData } from "../value.ts";

// ── Attribute schema ──────────────────────────────────────────────────────────────────────────────────────────────

/** One attribute: which kind ONNX stores, and its default (undefined: absent; `required` throws instead). */
export interface AttributeSpec<T> {
  readonly kind: "int" | "float" | "string" | "ints" | "floats" | "strings" | "tensor" | "tensors" | "graph";
  readonly required?: boolean;
  /** Whether files must say it even at its default, which only early opsets have. */
  readonly written?: boolean;
  readonly default: T;
  /** All that a string may be. */
  readonly choices?: readonly string[];
}

type Maker<T> = {
  (): AttributeSpec<T | undefined>;
  (fallback: T): AttributeSpec<T>;
};

const maker = <T>(kind: AttributeSpec<T>["kind"]): Maker<T> =>
  ((fallback?: T) => ({ kind, default: fallback })) as Maker<T>;

export const int = maker<number>("int");
export const float = maker<number>("float");
export const string = maker<string>("string");
export const ints = maker<readonly number[]>("ints");
export const floats = maker<readonly number[]>("floats");
export const strings = maker<readonly string[]>("strings");
export const tensor = maker<TensorData>("tensor");
export const tensors = maker<readonly TensorData[]>("tensors");
export const graph = maker<Graph>("graph");

/** A string that is one of these; the first is its default. */
export const choice = (...choices: readonly [string, ...string[]]): AttributeSpec<string> => ({
  kind: "string",
  default: choices[0],
  choices,
});

/** Marks an attribute that a node must carry. */
export const required = <T>(spec: AttributeSpec<T | undefined>): AttributeSpec<T> =>
  ({ ...spec, required: true }) as AttributeSpec<T>;

export type AttributeSchema = Readonly<Record<string, AttributeSpec<unknown>>>;
export type AttributesOf<S extends AttributeSchema> = {
  readonly [K in keyof S]: S[K] extends AttributeSpec<infer T> ? T : never;
};

// ── Operands by name ──────────────────────────────────────────────────────────────────────────────────────────────

type WithoutMark<Name> = Name extends `${infer Bare}${"?" | "*"}` ? Bare : Name;

/** What a schema names: `Needed` without a mark, else `Other`. */
type Named<Names extends readonly string[], Needed, Other> = {
  readonly [Name in Names[number] as WithoutMark<Name>]: Name extends WithoutMark<Name> ? Needed : Other;
};

export type FactsOf<Names extends readonly string[]> = Named<Names, Fact, Fact | undefined>;
export type TensorsOf<Names extends readonly string[]> = Named<Names, TensorData, TensorData | undefined>;

type PlacesOf<Names extends readonly string[]> = {
  readonly [Place in keyof Names & `${number}` as WithoutMark<
    Names[Place]
  >]: Place extends `${infer Index extends number}` ? Index : never;
};

/** Something of each of a schema's operands, by its name there without the mark. */
export function byName<T>(names: readonly string[], of: (index: number, isNeeded: boolean) => T) {
  const found: Record<string, T> = {};
  names.forEach((name, i) => {
    const bare = name.replace(/\W/, "");
    found[bare] = of(i, bare === name);
  });
  return found;
}

/** Where each of a schema's operands stands: what lowerings and passes, which see lists, find them by. */
export const placesOf = <const Names extends readonly string[]>(names: Names): PlacesOf<Names> =>
  byName(names, (index) => index) as PlacesOf<Names>;

// ── Contexts ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** What `infer` and `evaluate` both see. */
interface NodeContext<A> {
  readonly node: Node;
  readonly attributes: A;
  /** The version of the operator's domain that the model imports. */
  readonly opset: number;
  /** Inputs that the node names, absent optional ones in the middle included. */
  readonly inputCount: number;
  readonly outputCount: number;
  /** A ShapeError that names the node. */
  fail(message: string): never;
  /** A DTypeError that names the node. */
  failType(message: string): never;
}

export interface InferContext<
  A = Record<string, AttributeValue>,
  Inputs extends readonly string[] = readonly never[],
> extends NodeContext<A> {
  readonly inputs: readonly (Fact | undefined)[];
  /** What is known of each input, by the schema's names. */
  facts(): FactsOf<Inputs>;
  /** The fact of a required input. */
  fact(index: number): Fact;
  /** The input's dims; undefined while its rank is unknown or the input is absent. */
  dims(index: number): readonly Dim[] | undefined;
  /** The input's data, where it is a known constant. */
  data(index: number): TensorData | undefined;
  /** Rounds in which a loop's facts may settle here: fewer inside other loops, whose rounds multiply them. */
  readonly rounds: number;
  /** Facts of a subgraph's outputs, given facts for its inputs. */
  inferSubgraph(graph: Graph, inputs: readonly Fact[], rounds?: number): (Fact | undefined)[];
}

export interface EvaluateContext<
  A = Record<string, AttributeValue>,
  Inputs extends readonly string[] = readonly never[],
> extends NodeContext<A> {
  readonly values: readonly (RuntimeValue | undefined)[];
  /** The inputs, all tensors, by the schema's names. */
  tensors(): TensorsOf<Inputs>;
  /** A required tensor input. */
  tensor(index: number): TensorData;
  /** An optional tensor input. */
  optional(index: number): TensorData | undefined;
  /** Runs a subgraph on values for its inputs, to be yielded to; it sees the values around the node. */
  runSubgraph(graph: Graph, inputs: readonly RuntimeValue[]): Work<RuntimeValue[]>;
  /** Throws a MemoryError where the node has come to hold more than it may. */
  assertFits(bytes: number): void;
}

/** What a facet sees: a node's attributes, and what is known of the values that it reads and writes. */
export interface FacetContext<A = Record<string, AttributeValue>> {
  readonly attributes: A;
  readonly opset: number;
  readonly inputs: readonly (Fact | undefined)[];
  readonly outputs: readonly (Fact | undefined)[];
}

/** Along an axis, output element i sees the input's elements from start + i·stride on, `extent` of them. */
export interface SeenAxis {
  readonly extent: number;
  readonly stride: number;
  readonly start: number;
}

/** Windows of a tensor along an axis: where each starts. */
export interface Windows {
  readonly axis: number;
  readonly starts: readonly number[];
}

/** A node's outputs; undefined where an optional one is not made. */
export type Outputs = readonly (RuntimeValue | undefined)[];

export interface OpDefinition<
  S extends AttributeSchema = AttributeSchema,
  Inputs extends readonly string[] = readonly string[],
> {
  readonly type: string;
  /** `""` (the default) is ai.onnx. */
  readonly domain?: string;
  /** Versions of the domain in which the operator was introduced or changed, oldest first. */
  readonly since: readonly number[];
  /** Names of inputs; `?` marks an optional one, a trailing `*` one that repeats. */
  readonly inputs: Inputs;
  readonly outputs?: readonly string[];
  /** By camel-case name; the file says `auto_pad`, the schema `autoPad`. */
  readonly attributes: S;
  /** Facts of the outputs. `dims` stays absent while the rank is unknown. */
  infer(context: InferContext<AttributesOf<S>, Inputs>): readonly Fact[];
  /**
   * The definition, as the ONNX text reads, on any dtype the operator allows. Inputs are never written to. What runs
   * subgraphs is a generator, so that it can be interrupted.
   */
  evaluate(context: EvaluateContext<AttributesOf<S>, Inputs>): Outputs | Work<Outputs>;
  /** Output 0 is input 0's row-major bytes under other dims. */
  readonly view?: boolean;
  /** What it does to each element of input 0, in the kernels' words; undefined where it is more than that. */
  activation?(context: FacetContext<AttributesOf<S>>): FusedActivation | undefined;
  /** Whether output 0 is input 0 as it is, as long as nobody reads another output. */
  identity?(context: FacetContext<AttributesOf<S>>): boolean;
  /** Where the outputs lie in input 0, if they are windows of it that follow one another or stand alone along one axis. */
  windows?(context: FacetContext<AttributesOf<S>>): Windows | undefined;
  /** The axis along which the inputs lie one behind the other in output 0. */
  joins?(context: FacetContext<AttributesOf<S>>): number | undefined;
  /** The zeros that it puts around input 0 and nothing else: begins of all axes, then ends. */
  pads?(context: FacetContext<AttributesOf<S>>): readonly number[] | undefined;
  /** Its attributes with so many zeros more around the image of input 0 (begins of all its axes, then ends). */
  takesPads?(context: FacetContext<AttributesOf<S>>, pads: readonly number[]): Attributes | undefined;
  /** Output 0 has elements of input 0 as they are, in other places or fewer. */
  readonly moves?: boolean;
  /** Its constants are settings, not weights that were learnt. */
  readonly settings?: boolean;
  /** Multiply-accumulates; asked where the dims of all inputs and of output 0 are known. Absent: none. */
  macs?(context: FacetContext<AttributesOf<S>>): number;
  /**
   * What of its inputs' images an output element sees: its own place in each of them, or along each image axis of input 0
   * so much; undefined where it sees everything, or nothing regular.
   */
  receptiveField?(context: FacetContext<AttributesOf<S>>): "own place" | readonly SeenAxis[] | undefined;
  /** It applies the activation that a pass has put into its node to what it gives. */
  readonly epilogue?: boolean;
  /** How many inputs its subgraphs declare, by how many the node has. */
  readonly subgraphInputs?: (inputCount: number, opset: number) => number;
  /** The operator stands for others, which the importer puts in its place (`composing.ts`). */
  readonly compose?: Compose;
  /** The result may differ from run to run (random operators): never folded. */
  readonly impure?: boolean;
}

/** The op table's entry with its attribute types erased. */
export type Op = OpDefinition;

export function defineOp<
  const S extends AttributeSchema,
  const Inputs extends readonly string[] = readonly string[],
>(definition: OpDefinition<S, Inputs>): Op {
  return definition as unknown as Op;
}

// ── Helpers that schemas and contexts share ───────────────────────────────────────────────────────────────────────

/** ONNX's name of a schema key: snake_case, but for the transA and transB of matrix products. */
export const onnxAttributeName = (key: string): string =>
  /^trans[AB]/.test(key) ? key : key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** A fact with the dtype and dims of another, without its data, container or layout. */
export const sameAs = (fact: Fact): Fact =>
  fact.dims === undefined ? { dtype: fact.dtype } : { dtype: fact.dtype, dims: fact.dims };

/** A fact whose dims may be unknown. */
export const factOf = (dtype: DType, dims: readonly Dim[] | undefined): Fact =>
  dims === undefined ? { dtype } : { dtype, dims };

export function failShape(node: Node, message: string): never {
  throw new ShapeError(node, message);
}

export function failType(node: Node, message: string): never {
  throw new DTypeError(node, message);
}

/** Whether every floating-point tensor of a lowering is float32 (integers may stand beside it). */
export const isFloat32 = (facts: readonly (Fact | undefined)[]): boolean =>
  facts.every(
    (fact) =>
      fact === undefined ||
      (fact.container === undefined && (fact.dtype === "float32" || !isFloat(fact.dtype))),
  ) && facts.some((fact) => fact?.dtype === "float32");

export type { FusedActivation };
