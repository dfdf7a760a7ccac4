import { arrayOf, functionOf, type NumberRange, numberIn, objectOf, shown, stringOf } from "../arguments.ts";
import type { DType } from "../dtype.ts";
import { LanewiseError, MemoryError, UsageError } from "../errors.ts";
import type { Attributes, Dim } from "../graph/graph.ts";
import { MAX_MEMORY_BYTES } from "../memory-limit.ts";
import { type Random, randomFrom } from "../ops/random/generator.ts";
import { elementCount, type TensorData, tensorData } from "../tensor.ts";
import type { GraphBuilder } from "./build.ts";
import type { Initializer, ParameterShape } from "./initializers.ts";
import { type Sharing, takenParameter } from "./sharing.ts";

/** A value of a network that is being built. Layers take values and give values. */
export interface Value {
  /** Its name in the graph. */
  readonly name: string;
  /** With the batch first: `["N", 6, 28, 28]`. */
  readonly dims: readonly Dim[];
  /** The network that it belongs to. @internal */
  readonly construction: Construction;
}

/** From one value to the next. Every application makes parameters of its own. */
export type Layer = (x: Value) => Value;

/** Options that every layer takes. */
export interface LayerOptions {
  /** The layer's name: that of its output, and the first part of its parameters'. By default made from its kind. */
  readonly name?: string | undefined;
}

/** What the layers of one network share. */
export interface Construction {
  readonly builder: GraphBuilder;
  readonly trainable: Set<string>;
  /** How many layers took their name from a kind. */
  readonly kinds: Map<string, number>;
  /** Starts each parameter's own numbers. */
  readonly seeds: Random;
  /** Bytes of the parameters so far. */
  bytes: number;
  /** Whether parameters are left without data. */
  readonly counted: boolean;
  /** While a shared layer is applied: which parameters there are. */
  sharing: Sharing | undefined;
}

/** What a layer's definition works with; names it makes begin with the layer's. */
export interface LayerScope {
  /** The layer's name, which no other layer of the network has. */
  readonly name: string;
  /**
   * A constant that training may change, filled by the initialiser with random numbers of its own.
   *
   * @param role - What its name ends in.
   */
  parameter(role: string, shape: ParameterShape, initializer: Initializer): string;
  /**
   * A constant that training leaves alone, or changes by other means than a gradient (running statistics).
   *
   * @param role - What its name ends in.
   */
  fixed(role: string, data: TensorData): string;
  /**
   * A scalar of float32.
   *
   * @param role - What its name ends in.
   * @param value - The number.
   */
  scalar(role: string, value: number): string;
  /**
   * One operator; without a role it is the layer's last, and bears its name.
   *
   * @param op - The operator of ai.onnx.
   * @param inputs - Names of values.
   * @param attributes - Those that are not as by default.
   */
  node(op: string, inputs: readonly string[], attributes?: Attributes, role?: string): string;
  /**
   * As `node`, with several outputs by their roles; `""` is the layer's own.
   *
   * @param op - The operator of ai.onnx.
   * @param inputs - Names of values.
   * @param attributes - Those that are not as by default.
   */
  nodes(op: string, inputs: readonly string[], roles: readonly string[], attributes?: Attributes): string[];
  /** The dims of a value, batch first. */
  dims(value: string): readonly Dim[];
  /** The type of a value's elements. */
  dtype(value: string): DType;
  /**
   * A number in its range; a UsageError that names the layer and `what` otherwise.
   *
   * @param value - What was given.
   */
  number(what: string, value: unknown, range?: NumberRange): number;
  /**
   * A UsageError that names the layer.
   *
   * @param message - What is wrong.
   */
  fail(message: string): never;
}

/**
 * Runs a layer's definition on its inputs; `define` returns the name of the output.
 *
 * @param kind - What the layer is called after where its options have no name.
 */
export function applyLayer(
  kind: string,
  options: LayerOptions,
  inputs: readonly Value[],
  define: (scope: LayerScope) => string,
): Value {
  functionOf(`${stringOf("a layer's kind", kind)}: define`, define);
  return applyLayerWithOutputs(kind, options, inputs, (scope) => [define(scope)])[0] as Value;
}

/**
 * As `applyLayer`, for a layer of several outputs; `define` returns their names.
 *
 * @param kind - What the layer is called after where its options have no name.
 * @param inputs - Values of one network.
 */
export function applyLayerWithOutputs(
  kind: string,
  options: LayerOptions,
  inputs: readonly Value[],
  define: (scope: LayerScope) => readonly string[],
): Value[] {
  const { name: given } = layerOptions(kind, options);
  functionOf(`${kind}: define`, define);
  const construction = arrayOf(`${kind}: the inputs`, inputs)[0]?.construction;
  if (construction === undefined) throw new UsageError(`${kind} needs an input`);
  // A shared layer that has a name is applied more than once.
  const name =
    given !== undefined && construction.sharing === undefined
      ? given
      : freshName(construction, given ?? kind);
  const called = name === kind ? kind : `${kind} ${JSON.stringify(name)}`;
  for (const value of inputs) requireSame(construction, value, called);
  const outputs = define(layerScope(construction, called, name));
  return arrayOf(`${called}: what its definition gave`, outputs).map((output) => {
    if (construction.builder.fact(output) === undefined)
      throw new UsageError(`${called}: its definition gave ${shown(output)}, which is no value`);
    return valueNamed(construction, output);
  });
}

/** The options of a layer, whose own have not been looked at yet. */
export function layerOptions<T extends LayerOptions>(kind: string, options: T): T {
  const { name } = objectOf(`${stringOf("a layer's kind", kind)}: the options`, options);
  if (name !== undefined && stringOf(`${kind}: name`, name) === "")
    throw new UsageError(`${kind}: name must not be empty`);
  return options;
}

/**
 * A layer of one input.
 *
 * @param kind - What the layer is called after where its options have no name.
 * @param define - Makes the layer's nodes; gives the name of the output.
 */
export function defineLayer(
  kind: string,
  options: LayerOptions,
  define: (scope: LayerScope, x: Value) => string,
): Layer {
  layerOptions(kind, options);
  functionOf(`${kind}: define`, define);
  return (x) => applyLayer(kind, options, [x], (scope) => define(scope, x));
}

function layerScope(construction: Construction, called: string, name: string): LayerScope {
  const { builder, trainable, seeds } = construction;
  const fail = (message: string): never => {
    throw new UsageError(`${called}: ${message}`);
  };
  const join = (role: string): string => (role === "" ? name : `${name}.${role}`);
  const make = (
    op: string,
    inputs: readonly string[],
    roles: readonly string[],
    attributes?: Attributes,
  ): string[] => {
    const outputs = roles.map(join);
    for (const output of outputs)
      if (builder.fact(output) !== undefined) fail(`there is a ${output} already`);
    builder.node(op, inputs, attributes, { name: outputs[0] as string, outputs });
    return outputs;
  };
  const fixed = (role: string, data: TensorData): string => {
    if (builder.fact(join(role)) !== undefined) fail(`there is a ${join(role)} already`);
    return builder.constant(join(role), data);
  };
  const parameter = (role: string, shape: ParameterShape, initializer: Initializer): string => {
    functionOf(`${called}: the initialiser of ${role}`, initializer);
    if (construction.counted) {
      if (builder.fact(join(role)) !== undefined) fail(`there is a ${join(role)} already`);
      const counted = builder.input(join(role), "float32", shape.dims);
      trainable.add(counted);
      return counted;
    }
    const count = elementCount(shape.dims);
    const bytes = count * Float32Array.BYTES_PER_ELEMENT;
    const beyond = `${called}: ${role} [${shape.dims}] needs ${bytes} bytes`;
    construction.bytes += bytes;
    if (!(construction.bytes <= MAX_MEMORY_BYTES))
      throw new MemoryError(
        bytes,
        `${beyond}, the network ${construction.bytes} so far; allowed are ${MAX_MEMORY_BYTES}`,
      );
    const data = initialised(beyond, bytes, () => initializer(shape, randomFrom(seeds())));
    if (!(data instanceof Float32Array))
      return fail(`the initialiser of ${role} must give a Float32Array, got ${shown(data)}`);
    if (data.length !== count) fail(`the initialiser of ${role} gave ${data.length} values, not ${count}`);
    const made = fixed(role, tensorData("float32", shape.dims, data));
    trainable.add(made);
    return made;
  };
  return {
    name,
    fail,
    fixed,
    number: (what, value, range) => numberIn(`${called}: ${what}`, value, range),
    scalar: (role, value) => fixed(role, tensorData("float32", [], Float32Array.of(value))),
    parameter(role, shape, initializer) {
      const { sharing } = construction;
      const taken = takenParameter(sharing, role, shape.dims, fail);
      if (taken !== undefined) return taken;
      const made = parameter(role, shape, initializer);
      if (sharing !== undefined) sharing.parameters.push({ name: made, role, dims: shape.dims });
      return made;
    },
    node: (op, inputs, attributes, role = "") => make(op, inputs, [role], attributes)[0] as string,
    nodes: (op, inputs, roles, attributes) => make(op, inputs, roles, attributes),
    dims: (value) => builder.fact(value)?.dims ?? fail(`the rank of ${value} is unknown`),
    dtype: (value) => builder.fact(value)?.dtype ?? fail(`there is no value ${value}`),
  };
}

/** What an initialiser gives; where the engine has no room for it, a MemoryError. */
function initialised(what: string, bytes: number, make: () => Float32Array): Float32Array {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError) || cause instanceof LanewiseError) throw cause;
    throw new MemoryError(bytes, `${what}, which this engine does not give`, { cause });
  }
}

function freshName({ kinds }: Construction, kind: string): string {
  const count = kinds.get(kind) ?? 0;
  kinds.set(kind, count + 1);
  return count === 0 ? kind : `${kind}_${count}`;
}

export function requireSame(construction: Construction, value: Value, by: string): void {
  if (value?.construction !== construction) throw new UsageError(`${by}: a value of another network`);
}

export const valueNamed = (construction: Construction, name: string): Value => ({
  name,
  dims: construction.builder.fact(name)?.dims ?? [],
  construction,
});
