/**
 * Networks from layers. A layer is a function from value to value; a network is an ordinary graph of ONNX's operators, which
 * `lanewise/train` trains and exports.
 *
 * @module lanewise/nn
 */
export type { NumberRange } from "../arguments.ts";
export type { Attributes, AttributeValue, Dim, Fact, Graph, Node } from "../graph/graph.ts";
export type { Random } from "../ops/random/generator.ts";
export type { TensorData } from "../tensor.ts";
export {
  type GraphBuilder,
  type GraphBuilderOptions,
  graphBuilder,
  type NodeOptions,
} from "./build.ts";
export type { Initializer, ParameterShape } from "./initializers.ts";
export * as initializers from "./initializers.ts";
export {
  applyLayer,
  applyLayerWithOutputs,
  defineLayer,
  type Layer,
  type LayerOptions,
  type LayerScope,
  type Value,
} from "./layer.ts";
export * from "./layers/activation.ts";
export * from "./layers/attention.ts";
export * from "./layers/combine.ts";
export type { Connections } from "./layers/connections.ts";
export * from "./layers/conv.ts";
export * from "./layers/conv-nd.ts";
export * from "./layers/dense.ts";
export * from "./layers/dropout.ts";
export * from "./layers/locally-connected.ts";
export * from "./layers/movement.ts";
export * from "./layers/normalization.ts";
export * from "./layers/parameters.ts";
export * from "./layers/pool.ts";
export * from "./layers/pool-1d.ts";
export * from "./layers/rbf.ts";
export * from "./layers/recurrent.ts";
export * from "./layers/reduce.ts";
export * from "./layers/resize.ts";
export type { WeightOptions } from "./layers/weights.ts";
export type { Padding, Pair, WindowOptions } from "./layers/window.ts";
export { BATCH, chain, type Network, type NetworkOptions, network, sequential, shared } from "./network.ts";

import { addExtra } from "../extra.ts";

// Builders take every operator.
addExtra();
