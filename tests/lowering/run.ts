import { compile, prepare } from "../../src/compile.ts";
import { execute } from "../../src/execute.ts";
import type { Fact, FusedActivation, Graph, Node } from "../../src/graph/graph.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { defaultAttributes } from "../../src/ops/attributes.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { inferNode } from "../../src/ops/infer.ts";
import { findOp } from "../../src/ops/table.ts";
import { createExecutor } from "../../src/runtime/executor.ts";
import type { TensorData } from "../../src/tensor.ts";
import { difference } from "../support/compare.ts";
import type { Draw, Sample } from "./draw.ts";
import { splitName } from "./operators.ts";

/** How an image reaches the operator: as it is fed, channels-last, or as a channel slice of a wider one. */
export type Placement = "row-major" | "channels-last" | "slice";

const executors = { plain: createExecutor("plain"), relaxed: createExecutor("relaxed") };
const BEFORE = 1;
const BEHIND = 2;

interface Outcome {
  /** What set the compiled run apart from the definitions; undefined where they agree. */
  readonly wrong: string | undefined;
  /** Whether the operator itself ran in kernels. */
  readonly lowered: boolean;
}

const isImage = (tensor: TensorData): boolean =>
  tensor.dtype === "float32" && (tensor.dims.length === 3 || tensor.dims.length === 4);

export interface Trial {
  readonly placement: Placement;
  readonly draw: Draw;
  /** What becomes of each input before it is fed or made a constant. */
  readonly alter?: (tensor: TensorData, input: number) => TensorData;
  /** False: 3×3 convolutions go without Winograd's algorithm. */
  readonly winograd?: boolean;
  /** What sets two results apart; undefined where they agree. */
  readonly compare?: (actual: TensorData, expected: TensorData, tolerance: number) => string | undefined;
}

const closely: NonNullable<Trial["compare"]> = (actual, expected, tolerance) =>
  difference(actual, expected, { rtol: tolerance, atol: tolerance });

/** Runs an operator compiled, on both builds, and by its definition. */
export function runSample(name: string, sample: Sample, trial: Trial): Outcome {
  const { placement, draw, alter = (tensor) => tensor } = trial;
  const [domain, type] = splitName(name);
  const builder = graphBuilder();
  const inputs = sample.inputs.map((tensor, i) => {
    if (tensor === undefined) return "";
    if (sample.constants?.includes(i)) return builder.constant(`c${i}`, alter(tensor, i));
    return placement === "row-major" || !isImage(tensor)
      ? builder.feed(`x${i}`, alter(tensor, i))
      : place(builder, i, tensor, trial);
  });
  const attributes = { ...defaultAttributes(findOp(domain, type)?.attributes ?? {}) };
  for (const [key, value] of Object.entries(sample.attributes ?? {}))
    if (value !== undefined) attributes[key] = value;
  const outputs = Array.from({ length: sample.outputs ?? 1 }, (_, i) => `y${i}`);
  const activation = findOp(domain, type)?.epilogue && drawActivation(sample, draw);
  builder.node(type, inputs, outputs, attributes, domain, sample.opset ?? 22, activation || undefined);
  const wanted =
    placement === "slice"
      ? outputs.map((output, i) => (i === 0 ? widen(builder, output, draw) : output))
      : outputs;
  return compare(builder.close(wanted), builder.feeds, sample, type, trial);
}

/** Half the time, what a pass may have put into a node: a clamp, or what comes after the sums. */
const drawActivation = (sample: Sample, draw: Draw): FusedActivation | undefined =>
  sample.inputs[0]?.dtype === "float32" && draw.maybe()
    ? draw.pick(
        { kind: "relu", alpha: 0, beta: 0 },
        { kind: "clip", alpha: -0.5, beta: 0.75 },
        { kind: "leakyRelu", alpha: 0.25, beta: 0 },
        { kind: "tanh", alpha: 0, beta: 0 },
      )
    : undefined;

function compare(
  graph: Graph,
  feeds: ReadonlyMap<string, TensorData>,
  sample: Sample,
  type: string,
  trial: Trial,
): Outcome {
  const options = { level: "layout", verify: verifyGraph, winograd: trial.winograd !== false } as const;
  const dims = new Map([...feeds].map(([name, tensor]) => [name, tensor.dims]));
  const stage = compile(prepare(graph, options), dims, options);
  const own = stage.plan.steps.filter((step) => step.op === type);
  const lowered = own.length > 0 && own.every((step) => step.kind === "kernel");
  const expected = interpret(graph, [...feeds.values()]) as TensorData[];
  const sums = graph.nodes.some(({ activation }) => activation !== undefined)
    ? (interpret(withoutActivations(graph), [...feeds.values()]) as TensorData[])
    : expected;
  for (const [simd, executor] of Object.entries(executors)) {
    const actual = execute(executor, stage, feeds, graph.outputs, options) as TensorData[];
    for (const [i, name] of graph.outputs.entries()) {
      const [own, wanted] = [actual[i], expected[i]] as [TensorData, TensorData];
      // What an activation leaves of sums is as exact as they were.
      const shrunk = largest(sums[i] as TensorData) / largest(wanted);
      const tolerance = (sample.tolerance ?? 3e-6) * (shrunk > 1 && shrunk < Infinity ? shrunk : 1);
      const wrong = (trial.compare ?? closely)(own, wanted, tolerance);
      if (wrong !== undefined) return { wrong: `${name} on ${simd}: ${wrong}`, lowered };
    }
  }
  return { wrong: undefined, lowered };
}

const withoutActivations = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map(({ activation: _, ...node }) => node),
});

/** The largest finite magnitude. */
const largest = ({ data }: TensorData): number =>
  Array.from(data as ArrayLike<number>, Number).reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    0,
  );

interface GraphBuilder {
  readonly feeds: ReadonlyMap<string, TensorData>;
  feed(name: string, tensor: TensorData): string;
  constant(name: string, tensor: TensorData): string;
  node(
    op: string,
    inputs: string[],
    outputs: string[],
    attributes?: Node["attributes"],
    domain?: string,
    opset?: number,
    activation?: FusedActivation,
  ): void;
  fact(name: string): Fact;
  close(outputs: readonly string[]): Graph;
}

function graphBuilder(): GraphBuilder {
  const feeds = new Map<string, TensorData>();
  const facts = new Map<string, Fact>();
  const nodes: Node[] = [];
  return {
    feeds,
    feed(name, tensor) {
      feeds.set(name, tensor);
      facts.set(name, { dtype: tensor.dtype, dims: tensor.dims });
      return name;
    },
    constant(name, tensor) {
      facts.set(name, { dtype: tensor.dtype, dims: tensor.dims, data: tensor });
      return name;
    },
    node(op, inputs, outputs, attributes, domain = "", opset = 22, activation) {
      const complete = attributes ?? defaultAttributes(findOp(domain, op)?.attributes ?? {});
      const node: Node = {
        name: outputs[0] as string,
        op,
        domain,
        opset,
        attributes: complete,
        inputs,
        outputs,
        ...(activation && { activation }),
      };
      nodes.push(node);
      inferNode(node, (name) => facts.get(name)).forEach((fact, i) => {
        facts.set(outputs[i] as string, fact);
      });
    },
    fact: (name) => facts.get(name) as Fact,
    close: (outputs) => ({ name: "graph", inputs: [...feeds.keys()], outputs, nodes, facts }),
  };
}

/** A pool of one pixel changes nothing, and wants its image channels-last. */
function channelsLast(builder: GraphBuilder, from: string, to: string): void {
  const kernelShape = (builder.fact(from).dims as readonly number[]).slice(2).map(() => 1);
  const attributes = { ...defaultAttributes(findOp("", "AveragePool")?.attributes ?? {}), kernelShape };
  builder.node("AveragePool", [from], [to], attributes);
}

function place(
  builder: GraphBuilder,
  i: number,
  tensor: TensorData,
  { placement, draw, alter = (tensor) => tensor }: Trial,
): string {
  if (placement === "channels-last") {
    channelsLast(builder, builder.feed(`x${i}`, alter(tensor, i)), `last${i}`);
    return `last${i}`;
  }
  const [n, c, ...image] = tensor.dims as [number, number, ...number[]];
  const wide = builder.feed(
    `x${i}`,
    alter(draw.tensor([n, c + BEFORE + BEHIND, ...image], minimum(tensor), maximum(tensor)), i),
  );
  channelsLast(builder, wide, `last${i}`);
  const sizes = {
    dtype: "int64",
    dims: [3],
    data: BigInt64Array.of(BigInt(BEFORE), BigInt(c), BigInt(BEHIND)),
  } as const;
  const parts = [`before${i}`, `slice${i}`, `behind${i}`];
  builder.node("Split", [`last${i}`, builder.constant(`sizes${i}`, sizes)], parts, { axis: 1 });
  return `slice${i}`;
}

const minimum = ({ data }: TensorData): number =>
  (data as Float32Array).reduce((a, b) => Math.min(a, b), Infinity);
const maximum = ({ data }: TensorData): number =>
  (data as Float32Array).reduce((a, b) => Math.max(a, b), -Infinity);

/** Joins an image with another before it: it may be written where it lies in the wider one. */
function widen(builder: GraphBuilder, output: string, draw: Draw): string {
  const fact = builder.fact(output);
  const dims = fact.dims as readonly number[];
  if (fact.dtype !== "float32" || (dims.length !== 3 && dims.length !== 4) || dims.includes(0)) return output;
  const other = builder.feed("other", draw.tensor(dims.map((dim, i) => (i === 1 ? 3 : dim))));
  channelsLast(builder, other, "other_last");
  builder.node("Concat", ["other_last", output], ["joined"], {
    ...defaultAttributes(findOp("", "Concat")?.attributes ?? {}),
    axis: 1,
  });
  return "joined";
}
