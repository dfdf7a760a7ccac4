import { arrayOf, objectOf, shown, stringOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import type { Network } from "../nn/network.ts";
import { elementCount, type TensorData } from "../tensor.ts";

/** A graph, as far as its form goes; a UsageError for anything else. */
export function graphOf(name: string, given: Graph): Graph {
  const { inputs, outputs, nodes, facts } = objectOf(name, given, "a graph");
  for (const value of [...arrayOf(`${name}'s inputs`, inputs), ...arrayOf(`${name}'s outputs`, outputs)])
    stringOf(`an input or output of ${name}`, value);
  if (!(facts instanceof Map)) throw new UsageError(`${name}'s facts must be a Map, got ${shown(facts)}`);
  for (const node of arrayOf(`${name}'s nodes`, nodes)) {
    stringOf(`an operator of ${name}`, objectOf(`a node of ${name}`, node).op);
    arrayOf(`the inputs of a node of ${name}`, node.inputs);
    arrayOf(`the outputs of a node of ${name}`, node.outputs);
  }
  return given;
}

/** A network; a UsageError for anything else. `by` names who takes it. */
export function networkOf(by: string, given: Network): Network {
  const { graph, trainable } = objectOf(`${by}: the network`, given, "a network");
  graphOf(`${by}: the network's graph`, graph);
  if (!(trainable instanceof Set))
    throw new UsageError(`${by}: the network's trainable must be a Set, got ${shown(trainable)}`);
  return given;
}

/** Throws a UsageError where a tensor is not of this dtype and these dims; "N" in their place is any batch from 1. */
export function checkTensor(
  name: string,
  tensor: TensorData,
  dtype: TensorData["dtype"],
  dims: readonly (number | "N")[],
): void {
  const expected = `${dtype} [${dims.join(", ")}]`;
  const { dims: own, data, dtype: ownType } = objectOf(name, tensor, `a tensor ${expected}`);
  const fits =
    ownType === dtype &&
    arrayOf(`the dims of ${name}`, own).length === dims.length &&
    own.every((size, i) => (dims[i] === "N" ? Number.isSafeInteger(size) && size > 0 : size === dims[i]));
  if (!fits) throw new UsageError(`${name} must be ${expected}, got ${ownType} [${own}]`);
  const type = dtype === "int32" ? Int32Array : dtype === "float32" ? Float32Array : undefined;
  if (type !== undefined && !(data instanceof type))
    throw new UsageError(`the data of ${name} must be a ${type.name}, got ${shown(data)}`);
  if (data.length !== elementCount(own))
    throw new UsageError(
      `${name} of [${own}] needs ${elementCount(own)} elements, its data has ${data.length}`,
    );
}
