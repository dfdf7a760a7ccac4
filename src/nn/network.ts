import { arrayOf, functionOf, numberIn, objectOf, oneOf, shown } from "../arguments.ts";
import type { DType } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import type { Dim, Graph } from "../graph/graph.ts";
import { randomFrom } from "../ops/random/generator.ts";
import { graphBuilder } from "./build.ts";
import { type Construction, type Layer, requireSame, type Value, valueNamed } from "./layer.ts";
import type { SharedParameter, Sharing } from "./sharing.ts";

/**
 * A network: an ordinary graph for inference, and which of its constants training may change. The weights are
 * constants among the graph's facts (its inputs, where they are counted only); BatchNormalization and Dropout stand in their inference form. Plain data: a
 * network with other weights or fewer trainable ones is made by copying.
 */
export interface Network {
  /** What it computes. */
  readonly graph: Graph;
  /** Names of constants of the graph; of its inputs, where weights are counted only. */
  readonly trainable: ReadonlySet<string>;
}

/** What `network` and `sequential` take. */
export interface NetworkOptions {
  /** Dims of the input without the batch: `[channels, height, width]`, or `[features]`. */
  readonly input: readonly Dim[];
  /** The input's name; "x" by default. */
  readonly inputName?: string;
  /** The type of the input's elements; "float32" by default, as training needs it. */
  readonly inputType?: DType;
  /** The graph's name: it stands in errors and in the exported model; "network" by default. */
  readonly name?: string;
  /** Weights follow from it; 0 by default. */
  readonly seed?: number;
  /**
   * "counted" makes no weights: they are inputs of the graph, of known dims. `summarizeNetwork` of `lanewise/inspect` says what
   * such a network would take, however large; it cannot be trained. "made" by default.
   */
  readonly weights?: "made" | "counted";
  /** The version of ai.onnx; 21 by default. */
  readonly opset?: number;
}

/** The batch's size, open until the network runs. */
export const BATCH = "N";

/**
 * A network by function: `build` gets the input and returns the output (or several).
 *
 * ```ts
 * network({ input: [16, 8, 8] }, (x) => {
 *   const branch = conv2d({ filters: 16, kernelSize: 3, padding: "same" })(x);
 *   return relu()(add([x, branch]));
 * });
 * ```
 *
 * Throws a UsageError or a ShapeError that names the layer, and a MemoryError before parameters are made that wasm's
 * memory could not hold.
 */
export function network(options: NetworkOptions, build: (x: Value) => Value | readonly Value[]): Network {
  const {
    input,
    inputName = "x",
    inputType = "float32",
    name = "network",
    seed = 0,
    weights = "made",
    opset,
  } = objectOf("network: the options", options);
  const isDim = (dim: unknown): boolean =>
    typeof dim === "string" ? dim !== "" : Number.isSafeInteger(dim) && (dim as number) > 0;
  if (!arrayOf("network: input", input).every(isDim))
    throw new UsageError(
      `network: input must be the dims of one tensor, positive integers or symbols, got ${shown(input)}`,
    );
  numberIn("network: seed", seed);
  oneOf("network: weights", weights, ["made", "counted"]);
  functionOf("network: build", build);
  const builder = graphBuilder({ name, ...(opset !== undefined && { opset }) });
  const construction: Construction = {
    builder,
    trainable: new Set(),
    kinds: new Map(),
    seeds: randomFrom(seed),
    bytes: 0,
    counted: weights === "counted",
    sharing: undefined,
  };
  builder.input(inputName, inputType, [BATCH, ...input]);
  const result = build(valueNamed(construction, inputName));
  for (const value of Array.isArray(result) ? result : [result]) {
    requireSame(construction, value, "the network's output");
    builder.output(value.name);
  }
  return { graph: builder.finish(), trainable: construction.trainable };
}

/** A network of layers one behind the other. */
export const sequential = (options: NetworkOptions, layers: readonly Layer[]): Network =>
  network(options, chain(layers));

/**
 * Layers one behind the other, as one; none at all is the identity.
 *
 * @param layers - The first one takes the chain's input.
 */
export function chain(layers: readonly Layer[]): Layer {
  for (const layer of arrayOf("a chain's layers", layers)) functionOf("a layer", layer);
  return (x) => layers.reduce((value, layer) => layer(value), x);
}

/**
 * A layer whose applications in one network all use the parameters that the first one made: siamese branches, a word's
 * table read in two places, a block applied again and again. Its gradients add up, and training moves the one weight.
 * Names of parameters are those of the first application; where the layer's has a name, that of later ones has a number
 * behind it. Constants and the running statistics of batch normalisation are no parameters: every place has its own.
 *
 * @param layer - Any layer, chains and functions of several layers too; it must ask for the same parameters each time.
 */
export function shared(layer: Layer): Layer {
  functionOf("shared: the layer", layer);
  const known = new WeakMap<Construction, SharedParameter[]>();
  return (x) => {
    const construction = x?.construction;
    if (construction === undefined) throw new UsageError("shared needs an input");
    const made = known.get(construction);
    const sharing: Sharing = { parameters: made ?? [], taken: made && 0 };
    const outer = construction.sharing;
    construction.sharing = sharing;
    try {
      const y = layer(x);
      const { parameters, taken = parameters.length } = sharing;
      if (taken < parameters.length)
        throw new UsageError(
          `shared: ${parameters[taken]?.name} has no place in this application of the layer`,
        );
      known.set(construction, parameters);
      return y;
    } finally {
      construction.sharing = outer;
    }
  };
}
