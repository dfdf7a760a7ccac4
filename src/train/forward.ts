import { compile, prepare } from "../compile.ts";
import { MemoryError, UsageError } from "../errors.ts";
import { execute, type Values } from "../execute.ts";
import { concreteDims, type Fact, type Graph, isConcrete } from "../graph/graph.ts";
import { finish, type Work } from "../interruptible.ts";
import { graphBuilder } from "../nn/build.ts";
import type { Network } from "../nn/network.ts";
import type { OptimizationLevel } from "../passes/pipeline.ts";
import { propagateFacts } from "../passes/propagate-facts.ts";
import { createRunner, type Program, type Runner } from "../runner.ts";
import { createExecutor, type ExecutorThreads } from "../runtime/executor.ts";
import type { Simd } from "../runtime/kernels.ts";
import { elementCount, type TensorData } from "../tensor.ts";
import type { RuntimeValue } from "../value.ts";
import { checkTensor, networkOf } from "./check-network.ts";
import { DivergenceError } from "./errors.ts";
import type { Loss } from "./losses.ts";
import { FEEDS, withBatch } from "./training-graph.ts";

export interface ForwardResult {
  readonly output: TensorData;
  readonly loss: number | undefined;
}

/** A network as it stands, run without training it. */
export interface Forward {
  /** The output for a batch, and the loss where labels are given. */
  run(x: TensorData, labels?: TensorData): ForwardResult;
  /** The same as work that can be interrupted; one at a time. */
  running(x: TensorData, labels?: TensorData): Work<ForwardResult>;
  release(): void;
}

/** A network as it stands, on a runner of its own. Plans are made for each batch size that comes. Labels need the loss. */
export function forwardOf(
  network: Network,
  loss: Loss | undefined,
  simd: Simd,
  threads?: ExecutorThreads,
  level: OptimizationLevel = "all",
): Forward {
  const executor = createExecutor(simd, threads);
  const runner = createRunner(executor, { level, parts: executor.parts });
  return { ...forwardOn(runner, "", network, loss), release: runner.release };
}

/**
 * A network as it stands, on a runner that others use as well; its programs' keys begin with `name`. Where a run of theirs
 * gives turns of the event loop, and where the runner is released, it runs on one of its own.
 */
export function forwardOn(runner: Runner, name: string, network: Network, loss: Loss | undefined): Forward {
  const sample = sampleDims(network);
  let own: Runner | undefined;
  const ownRunner = (): Runner => {
    const { executor, options } = runner;
    own ??= createRunner(createExecutor(executor.simd), { ...options, parts: 1 });
    return own;
  };
  const forward: Forward = {
    run: (x, labels) => finish(forward.running(x, labels)),
    *running(x, labels) {
      checkTensor("the input", x, "float32", ["N", ...sample]);
      if (labels !== undefined && loss === undefined) throw new UsageError("labels need a loss");
      const batch = x.dims[0] as number;
      const program: Program = {
        key: `${name}${batch}${labels === undefined ? "" : " with loss"}`,
        graph: () => forwardGraph(network.graph, batch, labels && loss),
      };
      const feeds = new Map<string, RuntimeValue>([[network.graph.inputs[0] as string, x]]);
      if (labels !== undefined) feeds.set(FEEDS.labels, labels);
      const free = runner.isFree ? runner : ownRunner();
      const [output, value] = yield* free.alone(allOutputs(free, program, feeds));
      return { output: output as TensorData, loss: value && Number(value.data[0]) };
    },
    release() {
      runner.forget(name);
      own = undefined;
    },
  };
  return forward;
}

function* allOutputs(runner: Runner, program: Program, feeds: Values): Work<TensorData[]> {
  const { outputs } = yield* runner.preparing(program);
  return (yield* runner.running(program, feeds, outputs)) as TensorData[];
}

/** The network for one batch size, with its loss as second output where one is given. */
function forwardGraph(graph: Graph, batch: number, loss: Loss | undefined): Graph {
  const bound = propagateFacts(withBatch(graph, batch));
  const output = graph.outputs[0] as string;
  if (loss === undefined) return bound;
  const builder = graphBuilder({ name: graph.name, from: bound });
  const labels = loss.labels(concreteDims(builder.fact(output) as Fact));
  builder.input(FEEDS.labels, labels.dtype, labels.dims);
  builder.output(output);
  builder.output(loss.build(builder, output, FEEDS.labels));
  return builder.finish();
}

/** What an update says whose loss is not finite: where its values stop being numbers. */
export function divergence(
  network: Network,
  x: TensorData,
  { step, loss, simd }: { readonly step: number; readonly loss: number; readonly simd: Simd },
): DivergenceError {
  let layer: string | undefined;
  let where = "every layer is finite, only the loss is not";
  try {
    layer = firstNonFinite(network, x, simd);
    if (layer !== undefined) where = `first in ${layer}`;
  } catch (error) {
    // All values of a network at once are more than an update needs.
    if (!(error instanceof MemoryError)) throw error;
    where = "there is no memory to look where";
  }
  const message = `the loss is ${loss} at update ${step} (${where}): try a smaller learning rate or clipNorm`;
  return new DivergenceError(step, layer, message);
}

/** The first weight, input or layer of a network whose values are not all finite for a batch. */
function firstNonFinite(network: Network, x: TensorData, simd: Simd): string | undefined {
  const isFiniteTensor = (tensor: TensorData): boolean =>
    tensor.dtype !== "float32" || (tensor.data as Float32Array).every(Number.isFinite);
  if (!isFiniteTensor(x)) return "the input";
  const { graph } = network;
  for (const [name, { data }] of graph.facts)
    if (data !== undefined && !isFiniteTensor(data)) return `the weight ${JSON.stringify(name)}`;
  const bound = propagateFacts(withBatch(graph, x.dims[0] as number));
  const values = bound.nodes.flatMap((node) =>
    node.outputs
      .filter((name) => isConcrete(bound.facts.get(name)) && bound.facts.get(name)?.container === undefined)
      .map((name) => [name, `${node.op} ${JSON.stringify(node.name)}`] as const),
  );
  const options = { level: "disabled" } as const;
  const all = { ...bound, outputs: values.map(([name]) => name) };
  const executor = createExecutor(simd);
  const stage = compile(prepare(all, options), new Map(), options);
  const results = execute(executor, stage, new Map([[graph.inputs[0] as string, x]]), all.outputs, options);
  executor.release();
  return values.find((_, i) => !isFiniteTensor(results[i] as TensorData))?.[1];
}

/** The dims of one sample, as a network takes it. */
export function sampleDims(network: Network): readonly number[] {
  const { inputs, facts } = networkOf("training", network).graph;
  if (inputs.length !== 1)
    throw new UsageError(
      `training needs a network with one input, not ${inputs.length}: ${inputs.join(", ")}`,
    );
  const [name] = inputs as [string];
  const fact = facts.get(name);
  if (fact?.dtype !== "float32" || fact.container !== undefined)
    throw new UsageError(
      `training needs a network that takes float32, ${name} is ${fact?.dtype ?? "unknown"}`,
    );
  const dims = fact.dims?.slice(1);
  if (dims === undefined || dims.some((dim) => typeof dim !== "number"))
    throw new UsageError(
      `training needs to know the size of a sample, ${name} leaves it open ([${fact.dims ?? "?"}]): networkFromModel takes inputDims`,
    );
  return dims as readonly number[];
}

export const sampleElements = (network: Network): number => elementCount(sampleDims(network));
