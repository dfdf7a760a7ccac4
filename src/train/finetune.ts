import { arrayOf, COUNT, dimsOf, functionOf, numberIn, objectOf, stringOf } from "../arguments.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { renameInputs } from "../graph/edit.ts";
import { concreteDims, type Fact, type Graph, isConcrete, type Node, nodeReads } from "../graph/graph.ts";
import type { Layer } from "../nn/layer.ts";
import { relu } from "../nn/layers/activation.ts";
import { dense, flatten } from "../nn/layers/dense.ts";
import { globalAveragePool2d } from "../nn/layers/pool.ts";
import { BATCH, type Network, sequential } from "../nn/network.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";
import { removeDead } from "../passes/remove-dead.ts";
import { chooseThreads } from "../runtime/choose-threads.ts";
import { chooseSimd, type Simd } from "../runtime/kernels.ts";
import type { Threading } from "../runtime/threading.ts";
import { elementCount } from "../tensor.ts";
import { graphOf, networkOf } from "./check-network.ts";
import { type CacheOptions, roomFor } from "./data/cached.ts";
import { datasetOf } from "./data/check-dataset.ts";
import { asTheyLie, createBatch, type Dataset, fillBatch, fromArrays } from "./data/dataset.ts";
import { roomOf } from "./data/room.ts";
import { forwardOf, sampleDims } from "./forward.ts";
import { openBatch } from "./model-network.ts";
import { paceOf } from "./pace.ts";
import { withBatch } from "./training-graph.ts";

/**
 * The part of a graph that a value needs, as a network that gives the value, with nothing to train. Throws a UsageError
 * for a value that is not there, that no input leads to, or that is no float32 tensor.
 */
export function cutNetwork(graph: Graph, value: string): Network {
  graphOf("cutNetwork: the graph", graph);
  stringOf("cutNetwork: the value", value);
  const written = graph.nodes.flatMap((node) => node.outputs.filter((name) => name !== ""));
  if (!written.includes(value)) {
    const what = graph.inputs.includes(value)
      ? "is the input itself"
      : graph.facts.has(value)
        ? "is a constant"
        : "is not there";
    throw new UsageError(
      `cannot cut ${graph.name}: the value ${JSON.stringify(value)} ${what}; the last ones are ${written.slice(-5).join(", ")}`,
    );
  }
  const cut = removeDead({ ...graph, outputs: [value] });
  const fact = propagateFacts(withBatch(cut, 1)).facts.get(value);
  if (fact?.dtype !== "float32" || fact.container !== undefined)
    throw new UsageError(`cannot cut at ${JSON.stringify(value)}: it is ${fact?.dtype ?? "of unknown type"}`);
  if (fact.data !== undefined)
    throw new UsageError(`cannot cut at ${JSON.stringify(value)}: it does not depend on the input`);
  return { graph: openBatch(cut), trainable: new Set() };
}

/**
 * The part of a network behind one value and up to another, as a network that takes the one and gives the other; trainable is
 * what was. With `cutNetwork` up to the first it is the network in two parts, of which this one goes on training. Throws a
 * UsageError where the second needs something of what lies before the first by another way.
 *
 * @param from - What the part takes; the network's input for all up to the other value.
 * @param to - What it gives.
 */
export function tailNetwork(network: Network, from: string, to: string): Network {
  const { graph, trainable } = networkOf("tailNetwork", network);
  const whole = cutNetwork(graph, to).graph;
  const front = whole.inputs.includes(from) ? undefined : cutNetwork(graph, from);
  const dims = front && [hasOpenBatch(front.graph) ? BATCH : 1, ...outputDims(front)];
  const facts = new Map(whole.facts);
  if (dims !== undefined) facts.set(from, { dtype: "float32", dims });
  const nodes = whole.nodes.filter(({ outputs }) => !outputs.includes(from));
  const tail = removeDead({ ...whole, nodes, inputs: [from], facts });
  const written = new Set([from, "", ...tail.nodes.flatMap(({ outputs }) => outputs)]);
  const known = (name: string): boolean => written.has(name) || tail.facts.get(name)?.data !== undefined;
  for (const node of tail.nodes)
    for (const name of nodeReads(node))
      if (!known(name))
        throw new UsageError(
          `cannot go on from ${JSON.stringify(from)} in ${graph.name}: ${node.op} ${JSON.stringify(node.name)} also reads ${JSON.stringify(name)}, which does not come from there`,
        );
  const weights = [...trainable].filter((name) => tail.facts.get(name)?.data !== undefined);
  return { graph: tail, trainable: new Set(weights) };
}

/** Dims of what a network gives for one sample, without the batch. Throws a UsageError where they are not known. */
export function outputDims(network: Network): readonly number[] {
  const { graph } = networkOf("outputDims", network);
  const [name, ...others] = graph.outputs;
  const fact = propagateFacts(withBatch(graph, 1)).facts.get(name ?? "");
  if (others.length > 0 || !isConcrete(fact))
    throw new UsageError(`${graph.name} must have one output whose dims are known`);
  return concreteDims(fact).slice(1);
}

/** The version of ai.onnx that a graph's nodes are of: what is built to be joined to it must have the same. */
export const opsetOf = (graph: Graph): number | undefined =>
  graphOf("opsetOf: the graph", graph).nodes.find(({ domain }) => domain === "")?.opset;

/**
 * Two networks as one: the second takes what the first gives. Values of the second that are called like ones of the
 * first get other names; trainable is what was. Throws a ShapeError where the dims differ, a UsageError where either has
 * several inputs or outputs.
 */
export function join(frozen: Network, head: Network): Network {
  const [given, taken] = [outputDims(frozen), sampleDims(head)];
  if (given.join() !== taken.join())
    throw new ShapeError(
      undefined,
      `${frozen.graph.name} gives [${given}], ${head.graph.name} takes [${taken}]`,
    );
  const [first, second] = [frozen.graph, head.graph];
  const names = new Set([
    ...first.facts.keys(),
    ...first.inputs,
    ...first.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const values = new Map<string, string>([
    ["", ""],
    [second.inputs[0] as string, first.outputs[0] as string],
  ]);
  const rename = renamer(names, values);
  const nameNode = renamer(new Set(first.nodes.map(({ name }) => name)), new Map());
  const facts = new Map(first.facts);
  for (const [name, fact] of second.facts) if (fact.data !== undefined) facts.set(rename(name), fact);
  const nodes = second.nodes.map((node): Node => {
    const outputs = node.outputs.map(rename);
    return {
      ...renameInputs(node, (name) => values.get(name) ?? name),
      name: nameNode(node.name),
      outputs,
    };
  });
  return {
    graph: { ...first, nodes: [...first.nodes, ...nodes], outputs: second.outputs.map(rename), facts },
    trainable: new Set([...frozen.trainable, ...[...head.trainable].map(rename)]),
  };
}

/** Gives every name one that is not taken, the same each time; `known` holds what has been given. */
function renamer(taken: Set<string>, known: Map<string, string>): (name: string) => string {
  return (name) => {
    const given = known.get(name);
    if (given !== undefined) return given;
    let fresh = name;
    for (let i = 1; taken.has(fresh); i++) fresh = `${name}_${i}`;
    taken.add(fresh);
    known.set(name, fresh);
    return fresh;
  };
}

/** What `denseHead` is made of. */
export interface HeadOptions {
  /** How many classes it tells apart. */
  readonly classes: number;
  /** Units of dense layers with rectifiers between the features and the classes; none by default. */
  readonly hidden?: readonly number[];
  /** Weights follow from it; 0 by default. */
  readonly seed?: number;
  /** The version of ai.onnx; that of the network it will be joined to (`opsetOf`). */
  readonly opset?: number | undefined;
}

/**
 * What a new head begins with and has no weights: maps [C, H, W] become their means [C], other features one row.
 *
 * @param featureDims - Dims of the features of one sample, without the batch.
 * @param opset - The version of ai.onnx of the model that it is to be joined to.
 */
export function pooling(featureDims: readonly number[], opset?: number): Network {
  dimsOf("pooling: the features' dims", featureDims);
  const layers: Layer[] =
    featureDims.length === 3
      ? [globalAveragePool2d({ name: "head.pool" }), flatten({ name: "head.features" })]
      : [flatten({ name: "head.features" })];
  const base = { input: featureDims, inputName: "features", name: "pooling" };
  return sequential({ ...base, ...(opset !== undefined && { opset }) }, layers);
}

/** Dense layers from a row of features to scores of classes. */
export function denseHead(features: number, options: HeadOptions): Network {
  const { classes, hidden = [], seed = 0, opset } = objectOf("denseHead: the options", options);
  numberIn("denseHead: features", features, COUNT);
  numberIn("denseHead: classes", classes, COUNT);
  arrayOf("denseHead: hidden", hidden);
  const layers = hidden.flatMap((units, i) => [dense({ name: `head.hidden${i + 1}`, units }), relu()]);
  return sequential(
    { input: [features], inputName: "features", name: "head", seed, ...(opset !== undefined && { opset }) },
    [...layers, dense({ name: "head.scores", units: classes })],
  );
}

/** What `featuresOf` takes besides the network and the data. */
export interface FeatureOptions extends CacheOptions {
  /** Samples at a time; default 32. One at a time where the model fixes its batch. */
  readonly batchSize?: number;
  /** Threads that share each kernel call: a count, or "auto" for one a core. Default 1. */
  readonly threads?: "auto" | number;
  /** `threading` of `lanewise/threads`, which browsers need for more than one thread. */
  readonly threading?: Threading;
  /** Which kernels to use; default "auto". */
  readonly simd?: "auto" | Simd;
  /**
   * Told how many of all samples are done.
   *
   * @param length - How many there are.
   */
  onProgress?(done: number, length: number): void;
}

/**
 * What a network gives for every sample of a data set, computed once and kept in memory, with the samples' labels.
 * Samples are read as in epoch 0. Throws a MemoryError before it begins where the features do not fit into `maxBytes`.
 */
export async function featuresOf(
  network: Network,
  dataset: Dataset,
  options: FeatureOptions = {},
): Promise<Dataset> {
  const { name, length, labelDims, classes } = datasetOf("featuresOf", dataset);
  const { batchSize = 32, onProgress } = objectOf("featuresOf: the options", options);
  numberIn("featuresOf: batchSize", batchSize, COUNT);
  if (onProgress !== undefined) functionOf("featuresOf: onProgress", onProgress);
  const pace = paceOf("featuresOf", options);
  if (sampleDims(network).join() !== dataset.inputDims.join())
    throw new UsageError(
      `the network takes [${sampleDims(network)}], samples of ${name} are [${dataset.inputDims}]`,
    );
  const dims = outputDims(network);
  const most = hasOpenBatch(network.graph) ? Math.max(1, Math.min(batchSize, length)) : 1;
  const x = roomFor(`features of ${name}`, length, dims, options);
  const y = roomOf<Float32Array | Int32Array>(
    `labels of ${name}`,
    classes === undefined ? Float32Array : Int32Array,
    length * elementCount(labelDims),
  );
  const [size, ySize] = [elementCount(dims), elementCount(labelDims)];
  const room = createBatch(dataset, most);
  const threads = await chooseThreads(options.threads ?? 1, options.threading);
  const forward = forwardOf(network, undefined, chooseSimd(options.simd), threads);
  try {
    for (let from = 0; from < length; from += most) {
      if (pace.due()) await pace.turn();
      pace.check();
      const count = Math.min(most, length - from);
      const reading = fillBatch(dataset, asTheyLie, from, count, 0, room, pace);
      if (reading !== undefined) await reading;
      const data = room.x.subarray(0, count * elementCount(dataset.inputDims)) as Float32Array<ArrayBuffer>;
      const { output } = await pace.run(
        forward.running({ dtype: "float32", dims: [count, ...dataset.inputDims], data }),
      );
      if (output.dims[0] !== count)
        throw new ShapeError(
          undefined,
          `${network.graph.name}: ${count} samples come out as [${output.dims}], not as a batch`,
        );
      x.set(output.data as Float32Array, from * size);
      y.set(room.y.subarray(0, count * ySize), from * ySize);
      onProgress?.(from + count, length);
    }
  } finally {
    forward.release();
  }
  const common = { name: `features of ${name}`, x, y, inputDims: dims, labelDims };
  return fromArrays({ ...common, ...(classes !== undefined && { classes }) });
}

/** Whether a network takes as many samples at once as it is given. */
export const hasOpenBatch = ({ inputs, facts }: Graph): boolean =>
  typeof (facts.get(inputs[0] as string) as Fact).dims?.[0] === "string";
