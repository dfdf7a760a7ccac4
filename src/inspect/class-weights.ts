import { UsageError } from "../errors.ts";
import type { Node } from "../graph/graph.ts";
import { toNumbers } from "../ops/shared/elements.ts";
import type { TensorData } from "../tensor.ts";
import { FORMS, producersOf, type SizedGraph } from "./class-values.ts";

// What of a network's end CAM needs: feature maps, their means, and the weights by which a class takes these.

/** The last feature maps of a network that ends in their means. */
export interface PooledMaps {
  /** The name of their value. */
  readonly maps: string;
  /** The weights that a class gives to the maps. */
  readonly weightsOf: (target: number) => Float32Array;
}

/** The layer that gives scores of features. */
export interface ScoringLayer {
  /** The value that it reads, without what only changes its form. */
  readonly features: string;
  /** The weight of a feature for a class. */
  readonly weight: (feature: number, target: number) => number;
  /** How many features there are. */
  readonly count: number;
}

/** Where scores come from, past changes of form and biases. */
function sourceOf(
  graph: SizedGraph,
  value: string,
): { readonly value: string; readonly node: Node | undefined } {
  const producers = producersOf(graph.nodes);
  const isConstant = (name: string): boolean => name === "" || graph.facts.get(name)?.data !== undefined;
  for (let at = value; ; ) {
    const node = producers.get(at);
    if (node === undefined || node.domain !== "") return { value: at, node: undefined };
    const taken = node.inputs.filter((name) => !isConstant(name));
    const isForm = FORMS.has(node.op) || node.op === "Add" || isRounding(node);
    if (!isForm || taken.length !== 1) return { value: at, node };
    at = taken[0] as string;
  }
}

/** What an 8-bit network does to a value between two layers. */
const isRounding = ({ op }: Node): boolean => op === "QuantizeLinear" || op === "DequantizeLinear";

/** The dense layer, or 1×1 convolution, that gives the scores; undefined where they come of something else. */
export function scoringLayer(graph: SizedGraph, scores: string): ScoringLayer | undefined {
  const { node } = sourceOf(graph, scores);
  const matrix = node && matrixOf(graph, node);
  if (node === undefined || matrix === undefined) return undefined;
  return { ...matrix, features: sourceOf(graph, node.inputs[0] as string).value };
}

function matrixOf({ facts }: SizedGraph, node: Node): Omit<ScoringLayer, "features"> | undefined {
  const data = facts.get(node.inputs[1] ?? "")?.data;
  const { alpha = 1, transA = 0, transB = 0, group = 1 } = node.attributes;
  if (data === undefined) return undefined;
  if (node.op === "MatMul" && data.dims.length === 2) return weightsIn(data, false, 1);
  if (node.op === "Gemm" && transA === 0) return weightsIn(data, transB !== 0, alpha as number);
  const isPointwise = data.dims.length === 4 && data.dims[2] === 1 && data.dims[3] === 1 && group === 1;
  return node.op === "Conv" && isPointwise ? weightsIn(data, true, 1) : undefined;
}

/** Weights [features, classes], or [classes, features, …]. */
function weightsIn(data: TensorData, classesFirst: boolean, factor: number): Omit<ScoringLayer, "features"> {
  const numbers = toNumbers(data);
  const [rows, columns] = data.dims as [number, number];
  const at = (row: number, column: number): number => factor * (numbers[row * columns + column] as number);
  return classesFirst
    ? { count: columns, weight: (feature, target) => at(target, feature) }
    : { count: rows, weight: at };
}

/** Whether a node gives the mean of each map over all its places. */
function isGlobalAverage({ facts, axisOf }: SizedGraph, node: Node): boolean {
  const [maps = "", list = ""] = node.inputs;
  const dims = facts.get(maps)?.dims;
  if (node.domain !== "" || dims?.length !== 4) return false;
  if (node.op === "GlobalAveragePool") return true;
  const { axes, kernelShape, pads } = node.attributes;
  if (node.op === "AveragePool") {
    const isPadded = (pads as readonly number[] | undefined)?.some((pad) => pad !== 0) === true;
    return !isPadded && String(kernelShape) === String(dims.slice(2));
  }
  if (node.op !== "ReduceMean") return false;
  const given = facts.get(list)?.data;
  const reduced = given === undefined ? ((axes as readonly number[] | undefined) ?? []) : toNumbers(given);
  const places = [1, 2, 3].filter((axis) => axis !== axisOf(maps));
  return String(Array.from(reduced, (axis) => (axis < 0 ? axis + 4 : axis)).sort()) === String(places);
}

/**
 * The maps whose means give the scores, through one dense layer or 1×1 convolution, or as they are, a map a class. Throws a
 * UsageError that says what a network of another kind is missing.
 */
export function pooledMaps(graph: SizedGraph, scores: string): PooledMaps {
  const layer = scoringLayer(graph, scores);
  const { node } = sourceOf(graph, layer?.features ?? scores);
  if (node !== undefined && isGlobalAverage(graph, node)) {
    const maps = node.inputs[0] as string;
    const count = layer?.count ?? (graph.facts.get(maps)?.dims?.[graph.axisOf(maps)] as number);
    const weight = layer?.weight ?? ((map: number, target: number) => (map === target ? 1 : 0));
    return {
      maps,
      weightsOf: (target) => Float32Array.from({ length: count }, (_, map) => weight(map, target)),
    };
  }
  const found =
    node === undefined ? "the input" : `${node.op} ${JSON.stringify(node.name || node.outputs[0])}`;
  const missing =
    layer === undefined
      ? `no dense layer, 1×1 convolution or global average pool gives ${JSON.stringify(scores)}, but ${found}`
      : `the layer that gives ${JSON.stringify(scores)} reads no global average pool, but ${found}`;
  throw new UsageError(`cam: ${missing}; gradCam explains networks of any kind`);
}
