import { bytesOf, dimsOf, objectOf, shown, stringOf } from "../arguments.ts";
import { LanewiseError, UsageError } from "../errors.ts";
import type { Dim, Fact, Graph } from "../graph/graph.ts";
import { BATCH, type Network } from "../nn/network.ts";
import { decodeModel } from "../onnx/decode.ts";
import { type ExportedParts, exportModel, exportParts } from "../onnx/export.ts";
import type { ExternalData } from "../onnx/external.ts";
import { assertSupported, type Imported, importModel } from "../onnx/import.ts";
import { bindInputs, propagateFacts } from "../passes/propagate-facts.ts";
import { graphOf, networkOf } from "./check-network.ts";

/** What a model does not say itself. */
export interface ModelNetworkOptions {
  /**
   * Dims of one sample, without the batch: [3, 224, 224]. Needed where the model leaves them open; where it fixes others, its
   * nodes must take these, as those of a network do that is convolutional up to a pool over all positions.
   */
  readonly inputDims?: readonly number[];
  /** Bytes of the files beside the model that hold its weights, by their names in the model. */
  readonly external?: ExternalData;
}

/**
 * An ONNX model as a network. Trainable are the float32 initialisers that Conv, ConvTranspose, Gemm, MatMul,
 * BatchNormalization (scale and bias), PRelu, RNN, GRU and LSTM read as weights. A batch that the model fixes is opened where its nodes
 * allow that. Throws a ModelError for what is no model, an UnsupportedOperatorError that lists what lanewise lacks, and
 * a UsageError for `inputDims` that it cannot take. What it takes, `gradient` does; training wants one float32 tensor.
 *
 * @param bytes - An ONNX file's; they are copied.
 */
export function networkFromModel(bytes: Uint8Array, options: ModelNetworkOptions = {}): Network {
  const model = new Uint8Array(bytesOf("networkFromModel: the model", bytes));
  const { external } = objectOf("networkFromModel: the options", options);
  // Weights are views of these bytes, which the caller may want back.
  if (external !== undefined && !(external instanceof Map))
    throw new UsageError(`networkFromModel: external must be a Map, got ${shown(external)}`);
  const own = new Map<string, Uint8Array>();
  for (const [name, file] of external ?? [])
    own.set(name, new Uint8Array(bytesOf(`networkFromModel: external ${shown(name)}`, file)));
  return networkFromImport(importModel(decodeModel(model), own), options);
}

/**
 * The same for a model that has been imported already.
 *
 * @param options - Dims that the model leaves open.
 */
export function networkFromImport(
  imported: Imported,
  options: Pick<ModelNetworkOptions, "inputDims"> = {},
): Network {
  const { inputDims } = objectOf("networkFromImport: the options", options);
  if (inputDims !== undefined) dimsOf("networkFromImport: inputDims", inputDims);
  graphOf("networkFromImport: the model's graph", objectOf("networkFromImport: the model", imported).graph);
  assertSupported(imported);
  const graph = openBatch(withSampleDims(imported.graph, inputDims));
  return { graph, trainable: new Set(weightsOf(graph)) };
}

/**
 * A network as the bytes of an ONNX file. Throws a UsageError for more than an ONNX file holds, 2 GB, and for nodes that ONNX
 * cannot say.
 */
export const exportNetwork = (network: Network): Uint8Array =>
  exportModel(networkOf("exportNetwork", network).graph);

/**
 * A network as an ONNX file without its large weights and the bytes of a file beside it: for more than 2 GB, where ONNX files
 * end, or for runtimes that map weights into memory.
 *
 * @param location - The other file's name; it lies in the model's folder.
 */
export function exportNetworkParts(network: Network, location: string): ExportedParts {
  stringOf("exportNetworkParts: location", location);
  return exportParts(networkOf("exportNetworkParts", network).graph, location);
}

/** Names of weights, or what says of a name whether it is meant. */
export type WeightSelection = Iterable<string> | ((name: string) => boolean);

/** The network with these weights left alone by training. Throws a UsageError for names that are no trainable weights. */
export function freeze(network: Network, which: WeightSelection): Network {
  networkOf("freeze", network);
  const chosen = selected(which, [...network.trainable], "a trainable weight", network);
  return { ...network, trainable: new Set([...network.trainable].filter((name) => !chosen.has(name))) };
}

/**
 * The network with these weights trainable. By name that is any float32 constant of the graph; a function is asked about
 * those that `networkFromModel` would make trainable.
 */
export function unfreeze(network: Network, which: WeightSelection): Network {
  const { graph, trainable } = networkOf("unfreeze", network);
  const candidates =
    typeof which === "function"
      ? weightsOf(graph)
      : [...graph.facts].filter(([, fact]) => isFloat(fact)).map(([name]) => name);
  const chosen = selected(which, candidates, "a float32 constant", network);
  return { graph, trainable: new Set([...trainable, ...chosen]) };
}

function selected(
  which: WeightSelection,
  candidates: readonly string[],
  what: string,
  { graph }: Network,
): Set<string> {
  if (typeof which === "function") return new Set(candidates.filter(which));
  if (typeof which !== "string" && typeof objectOf("the weights", which)[Symbol.iterator] !== "function")
    throw new UsageError(`the weights must be names or a function, got ${shown(which)}`);
  const names = new Set(typeof which === "string" ? [which] : which);
  const known = new Set(candidates);
  for (const name of names)
    if (!known.has(name)) throw new UsageError(`${graph.name}: ${JSON.stringify(name)} is not ${what}`);
  return names;
}

/** Which inputs of an operator are weights. */
const WEIGHT_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2],
  PRelu: [1],
  RNN: [1, 2, 3],
  GRU: [1, 2, 3],
  LSTM: [1, 2, 3],
};

const isFloat = (fact: Fact | undefined): boolean => fact?.data?.dtype === "float32";

function weightsOf(graph: Graph): string[] {
  const read = new Set<string>();
  for (const { op, domain, inputs } of graph.nodes) {
    const at = domain === "" && Object.hasOwn(WEIGHT_INPUTS, op) ? WEIGHT_INPUTS[op] : undefined;
    for (const i of at ?? []) read.add(inputs[i] ?? "");
  }
  return [...graph.facts].filter(([name, fact]) => read.has(name) && isFloat(fact)).map(([name]) => name);
}

interface Input {
  readonly name: string;
  readonly fact: Fact;
}

/** The graph's one input, where it is one tensor of float32. */
function soleInput({ inputs, facts }: Graph): Input | undefined {
  const [name, ...others] = inputs;
  const fact = facts.get(name ?? "");
  if (name === undefined || others.length > 0) return undefined;
  return fact?.dtype === "float32" && fact.container === undefined ? { name, fact } : undefined;
}

const withInputDims = (graph: Graph, { name, fact }: Input, dims: readonly Dim[]): Graph => ({
  ...graph,
  facts: new Map([...graph.facts, [name, { ...fact, dims }]]),
});

function withSampleDims(graph: Graph, given: readonly number[] | undefined): Graph {
  if (given === undefined) return graph;
  const input = soleInput(graph);
  if (input === undefined)
    throw new UsageError(
      `networkFromModel: inputDims are for a model that takes one float32 tensor, ${graph.name} takes ${graph.inputs.join(", ")}`,
    );
  const { name, fact } = input;
  const dims = fact.dims ?? [BATCH, ...given];
  if (dims.length !== given.length + 1)
    throw new UsageError(`${name} takes [${dims}], samples of [${given}] do not fit`);
  const sized = withInputDims(graph, input, [dims[0] as Dim, ...given]);
  if (given.some((size, i) => typeof dims[i + 1] === "number" && dims[i + 1] !== size))
    checkSize(sized, `${name} takes [${dims}]; with samples of [${given}]`);
  return sized;
}

/** Throws a UsageError where some node does not take what comes to it now. */
function checkSize(graph: Graph, what: string): void {
  const [name] = graph.inputs as [string];
  const dims = graph.facts.get(name)?.dims?.map((dim) => (typeof dim === "number" ? dim : 1));
  try {
    propagateFacts(bindInputs(graph, new Map([[name, dims]])));
  } catch (cause) {
    if (!(cause instanceof LanewiseError)) throw cause;
    throw new UsageError(`${what} it cannot run: ${cause.message}`, { cause });
  }
}

/** The batch as a symbol, where every output then has it first; else the graph as it is. */
export function openBatch(graph: Graph): Graph {
  const input = soleInput(graph);
  const dims = input?.fact.dims;
  if (input === undefined || dims === undefined || dims.length === 0) return graph;
  const isBatch = (batch: number) => batchOf(graph, input, [batch, ...dims.slice(1)]);
  return isBatch(2) && isBatch(3) ? withInputDims(graph, input, [BATCH, ...dims.slice(1)]) : graph;
}

/** Whether a batch comes out as one. */
function batchOf(graph: Graph, input: Input, dims: readonly Dim[]): boolean {
  try {
    const { facts } = propagateFacts(withInputDims(graph, input, dims));
    return graph.outputs.every((name) => facts.get(name)?.dims?.[0] === dims[0]);
  } catch {
    return false;
  }
}
