import type { Graph } from "../../src/graph/graph.ts";
import * as nn from "../../src/nn/index.ts";
import { type TensorData, zeros } from "../../src/tensor.ts";
import { meanSquaredError, softmaxCrossEntropy } from "../../src/train/losses.ts";
import { adam, adamW, sgd } from "../../src/train/optimizers.ts";
import { FEEDS, trainingGraph } from "../../src/train/training-graph.ts";
import { type Random, random } from "../support/random.ts";

/** A few updates of a small network, as a graph with states and what each is fed. */
export interface TrainingRun {
  readonly graph: Graph;
  readonly states: ReadonlyMap<string, TensorData>;
  readonly feeds: readonly ReadonlyMap<string, TensorData>[];
  /** Adam divides a gradient by its size: of one that is nothing but rounding it makes a whole step, another elsewhere. */
  readonly definitions: boolean;
}

const UPDATES = 3;
const scalar = (value: number): TensorData => ({ dtype: "float32", dims: [], data: Float32Array.of(value) });

/** The training of a small convolutional network that the seed fixes. */
export function randomTraining(seed: number): TrainingRun {
  const draw = random(seed);
  const batch = draw.whole(1, 4);
  const classes = draw.whole(2, 5);
  const input = [draw.whole(1, 5), draw.whole(5, 9), draw.whole(5, 9)];
  const layers = Array.from({ length: draw.whole(1, 4) }, () => layer(draw));
  const network = nn.sequential({ input, seed }, [...layers, nn.flatten(), nn.dense({ units: classes })]);
  const classify = draw.chance(0.6);
  const optimizer = draw.pick([
    sgd({ learningRate: 0.05 }),
    sgd({ learningRate: 0.05, momentum: 0.9, nesterov: draw.chance(0.5), weightDecay: 0.01 }),
    adam({ learningRate: 0.01 }),
    adamW({ learningRate: 0.01 }),
  ]);
  const { graph } = trainingGraph(network, batch, {
    loss: classify ? softmaxCrossEntropy() : meanSquaredError(),
    optimizer,
    ...(draw.chance(0.3) && { clipNorm: 0.5 }),
  });
  const states = new Map(
    (graph.states ?? []).map(({ input: name }) => [
      name,
      network.graph.facts.get(name)?.data ??
        zeros("float32", graph.facts.get(name)?.dims as readonly number[]),
    ]),
  );
  const feeds = Array.from({ length: UPDATES }, (_, step) => {
    const labels = classify
      ? draw.tensor("int32", [batch], 0, classes - 1)
      : draw.tensor("float32", [batch, classes]);
    return new Map<string, TensorData>([
      ["x", draw.tensor("float32", [batch, ...input])],
      [FEEDS.labels, labels],
      [FEEDS.rate, scalar(0.02)],
      [FEEDS.step, scalar(step + 1)],
      [FEEDS.seed, { dtype: "int32", dims: [], data: Int32Array.of(draw.whole(0, 2 ** 30)) }],
    ]);
  });
  const known = feeds.map((given) => new Map([...given].filter(([name]) => graph.inputs.includes(name))));
  return { graph, states, feeds: known, definitions: optimizer.name === "sgd" };
}

/** A layer for images, and now and then what goes with it. */
function layer(draw: Random): nn.Layer {
  const kernelSize = draw.pick([1, 2, 3, 3]);
  const conv = nn.conv2d({
    filters: draw.pick([1, 3, 4, 8]),
    kernelSize,
    padding: "same",
    stride: draw.pick([1, 1, 2]),
    bias: draw.chance(0.5),
  });
  const between = draw.pick([
    nn.relu(),
    nn.tanh(),
    nn.hardSwish(),
    nn.batchNorm(),
    nn.dropout({ rate: 0.3 }),
    nn.maxPool2d({ kernelSize: 2, stride: 1, padding: "same" }),
    nn.averagePool2d({ kernelSize: 2, padding: "same" }),
    nn.separableConv2d({ filters: 4, kernelSize: 3, padding: "same" }),
  ]);
  return nn.chain([conv, between, nn.relu()]);
}
