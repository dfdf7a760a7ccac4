import { type CompileOptions, compile, prepare, type Stage } from "../../src/compile.ts";
import { execute } from "../../src/execute.ts";
import type { Fact, FusedActivation, Graph, Node } from "../../src/graph/graph.ts";
import { verifyGraph } from "../../src/graph/verify.ts";
import { defaultAttributes } from "../../src/ops/attributes.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { inferNode } from "../../src/ops/infer.ts";
import { findOp } from "../../src/ops/table.ts";
import { createExecutor } from "../../src/runtime/executor.ts";
import type { TensorData } from "../../src/tensor.ts";
import { sameBits } from "../fuzz/compare-values.ts";
import { createInstrumentedExecutor, POISONS } from "../fuzz/instrumented.ts";
import { difference } from "../support/compare.ts";
import type { Draw, Sample } from "./draw.ts";
import { splitName } from "./operators.ts";

/** How an image reaches the operator: as it is fed, channels-last, or as a channel slice of a wider one. */
export const PLACEMENTS = ["row-major", "channels-last", "slice"] as const;
export type Placement = (typeof PLACEMENTS)[number];

/** The parts that calls are shared out among, in two orders: none may need what another does, nor write in its place. */
const ORDERS = [
  [0, 1, 2],
  [2, 1, 0],
] as const;
const PARTS = 3;
/** Those who share take turns on it: each run begins with poison. */
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });

/** Of each build the executor that sessions have, and some that look after every call and every byte. */
const BUILDS = (["plain", "relaxed"] as const).map((simd) => ({
  simd,
  alone: createExecutor(simd),
  sharing: ORDERS.map((order, i) =>
    createInstrumentedExecutor(simd, {
      ...{ placing: "apart", poison: POISONS[i] as number, parts: PARTS, memory },
      order: () => order,
    }),
  ),
}));

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

/** An operator in a graph, and that compiled for one part. */
interface Planned {
  readonly graph: Graph;
  readonly feeds: ReadonlyMap<string, TensorData>;
  readonly options: CompileOptions;
  readonly prepared: Graph;
  readonly stage: Stage;
  /** The kernels that do the operator itself, not what stands around it; undefined where its definition does. */
  readonly kernels: readonly string[] | undefined;
}

/** Plans an operator on a sample, as `runSample` runs it. */
export function planSample(name: string, sample: Sample, trial: Trial): Planned {
  const { graph, feeds } = graphOf(name, sample, trial);
  const options = { level: "layout", verify: verifyGraph, winograd: trial.winograd !== false } as const;
  const prepared = prepare(graph, options);
  const stage = compile(prepared, dimsOf(feeds), options);
  const [, type] = splitName(name);
  const own = stage.plan.steps.filter((step) => step.op === type);
  const kernels = own.flatMap((step) => (step.kind === "kernel" ? [step.kernel] : []));
  const lowered = own.length > 0 && kernels.length === own.length;
  return { graph, feeds, options, prepared, stage, kernels: lowered ? kernels : undefined };
}

const dimsOf = (feeds: Planned["feeds"]) => new Map([...feeds].map(([name, { dims }]) => [name, dims]));

function graphOf(name: string, sample: Sample, trial: Trial): Pick<Planned, "graph" | "feeds"> {
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
  const count = sample.gives?.length ?? sample.outputs ?? 1;
  const outputs = Array.from({ length: count }, (_, i) => `y${i}`);
  const takesActivation = sample.gives === undefined && findOp(domain, type)?.epilogue;
  const activation = takesActivation && drawActivation(sample, draw);
  const apply = (names: string[]): void =>
    builder.node(type, inputs, names, attributes, domain, sample.opset ?? 22, activation || undefined);
  apply(outputs);
  const wanted =
    placement === "slice"
      ? outputs.map((output, i) => (i === 0 ? widen(builder, output, draw) : output))
      : outputs;
  // Half the time it is done twice: the first time not in place, and what is left of the inputs must do for the second.
  const again = draw.maybe() ? outputs.map((output) => `${output}_again`) : [];
  if (again.length > 0) apply(again);
  return { graph: builder.close([...wanted, ...again]), feeds: builder.feeds };
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

/**
 * Runs an operator by its definition and compiled, on both builds: in one part, and with its calls shared out among
 * several, where every byte that it has not written is poison and whatever it writes elsewhere is a Violation.
 */
export function runSample(name: string, sample: Sample, trial: Trial): Outcome {
  const { graph, feeds, options, prepared, stage, kernels } = planSample(name, sample, trial);
  const { tolerance: allowed = 3e-6, gives = [] } = sample;
  const { compare = closely } = trial;
  const lowered = kernels !== undefined;
  const found = (output: string, who: string, wrong: string): Outcome => ({
    wrong: `${output} ${who}: ${wrong}`,
    lowered,
  });
  const inParts = { ...options, parts: PARTS, verify: undefined };
  const shared = compile(prepared, dimsOf(feeds), inParts);
  const defined = interpret(graph, [...feeds.values()]) as TensorData[];
  for (const [i, given] of gives.entries()) {
    const wrong = closely(defined[i] as TensorData, given, allowed);
    if (wrong !== undefined) return found(`y${i}`, "by its definition", wrong);
  }
  const sums = graph.nodes.some(({ activation }) => activation !== undefined)
    ? (interpret(withoutActivations(graph), [...feeds.values()]) as TensorData[])
    : undefined;
  for (const { simd, alone, sharing } of BUILDS) {
    const actual = execute(alone, stage, feeds, graph.outputs, options) as TensorData[];
    const others = sharing.map((executor) => execute(executor, shared, feeds, graph.outputs, inParts));
    for (const [i, output] of graph.outputs.entries()) {
      const [own, wanted] = [actual[i], gives[i] ?? defined[i]] as [TensorData, TensorData];
      // What an activation leaves of sums is as exact as they were.
      const shrunk = sums === undefined ? 1 : largest(sums[i] as TensorData) / largest(wanted);
      const tolerance = allowed * (shrunk > 1 && shrunk < Infinity ? shrunk : 1);
      const wrong = compare(own, wanted, tolerance);
      if (wrong !== undefined) return found(output, `on ${simd}`, wrong);
      if (!others.every((results) => sameBits(results[i], own)))
        return found(output, `on ${simd}`, `other bits in ${PARTS} parts than in one`);
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
