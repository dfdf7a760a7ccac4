import { COUNT, numberIn } from "../arguments.ts";
import { compile, prepare } from "../compile.ts";
import { concreteDims, type Fact, type Graph, isConcrete, type Node, nodeReads } from "../graph/graph.ts";
import type { Network } from "../nn/network.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";
import { lazyTensor, type TensorData } from "../tensor.ts";
import { networkOf } from "../train/check-network.ts";
import { countedIn, withBatch } from "./counted.ts";

/** What a session would reserve. */
export interface MemoryNeed {
  /** Bytes that all values between the layers share. */
  readonly arenaBytes: number;
  /** Bytes of the weights, packed as the kernels read them. */
  readonly weightBytes: number;
  /** Whether the graph goes on behind a shape that depends on data, which is planned when its turn comes. */
  readonly partial: boolean;
}

/** What a graph of known sizes needs; a MemoryError for more than `maxMemoryBytes`. */
export function memoryOf(graph: Graph, maxMemoryBytes?: number): MemoryNeed {
  const options = { level: "all", maxMemoryBytes } as const;
  const { plan, cut } = compile(prepare(graph, options), new Map(), options);
  const seen = new Map<TensorData, Set<string>>();
  let weightBytes = 0;
  for (const buffer of plan.buffers) {
    if (buffer.kind !== "constant") continue;
    const keys = seen.get(buffer.source) ?? new Set<string>();
    seen.set(buffer.source, keys);
    if (keys.has(buffer.key)) continue;
    keys.add(buffer.key);
    weightBytes += buffer.bytes;
  }
  return { arenaBytes: plan.arenaBytes, weightBytes, partial: cut !== undefined };
}

/**
 * What a session would reserve for a network and a batch of one (or `batch`), found by planning it: no weights are packed, and
 * those of a network with `weights: "counted"` are never made. It says so of networks, too, that no wasm memory would hold.
 */
export function networkMemory(network: Network, batch = 1): MemoryNeed {
  const { graph } = networkOf("networkMemory", network);
  numberIn("networkMemory: the batch", batch, COUNT);
  const planned = withWeights(withBatch(graph, batch), countedIn(network));
  return memoryOf(planned, Number.POSITIVE_INFINITY);
}

/** Any number that no pass takes for a special case, as it would 0 and 1. */
const WEIGHT = 0.5;

/**
 * The graph with constants, made on demand, for the weights that were only counted, and for what is computed of them alone
 * (standardised filters), which folding would make.
 */
function withWeights(graph: Graph, counted: ReadonlySet<string>): Graph {
  if (counted.size === 0) return graph;
  const known = propagateFacts(graph);
  const weights = new Set(counted);
  const isConstant = (name: string): boolean =>
    name === "" || weights.has(name) || known.facts.get(name)?.data !== undefined;
  const isOfWeights = (node: Node): boolean =>
    node.inputs.some((name) => weights.has(name)) &&
    [...nodeReads(node)].every(isConstant) &&
    node.outputs.every((name) => name === "" || isPlain(known.facts.get(name)));
  const nodes = known.nodes.filter((node) => {
    if (!isOfWeights(node)) return true;
    for (const name of node.outputs) if (name !== "") weights.add(name);
    return false;
  });
  const facts = new Map(known.facts);
  for (const name of weights) facts.set(name, weightFact(known.facts.get(name) as Fact));
  return { ...known, inputs: known.inputs.filter((name) => !weights.has(name)), nodes, facts };
}

const isPlain = (fact: Fact | undefined): boolean => isConcrete(fact) && fact.dtype === "float32";

function weightFact(fact: Fact): Fact {
  const dims = concreteDims(fact);
  const data = lazyTensor("float32", dims, (target) => {
    new Float32Array(target.buffer, target.byteOffset, target.byteLength / 4).fill(WEIGHT);
  });
  return { dtype: "float32", dims, data };
}
