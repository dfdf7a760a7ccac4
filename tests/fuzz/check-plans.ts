import { type CompileOptions, compile, prepare, type Stage } from "../../src/compile.ts";
import { InternalError, LanewiseError } from "../../src/errors.ts";
import { execute } from "../../src/execute.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import type { OptimizationLevel } from "../../src/passes/pipeline.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { createExecutor, type Executor } from "../../src/runtime/executor.ts";
import type { Simd } from "../../src/runtime/kernels.ts";
import type { TensorData } from "../../src/tensor.ts";
import type { RuntimeValue } from "../../src/value.ts";
import { difference } from "../support/compare.ts";
import { type Random, random } from "../support/random.ts";
import { type Comparison, differs, sameBits } from "./compare-values.ts";
import { interpretNudged, settled } from "./conditioning.ts";
import { type Placing, sharedWhileLive } from "./ground.ts";
import { createInstrumentedExecutor, POISONS, type Tampering } from "./instrumented.ts";

type Feeds = ReadonlyMap<string, TensorData>;

/** A fault that is planted to be found. */
export interface Fault extends Tampering {
  /** What becomes of the graph before it is planned. */
  readonly graph?: (graph: Graph) => Graph;
}

export interface PlanCheck {
  readonly graph: Graph;
  /** One run after another; states go on from run to run. */
  readonly feeds: readonly Feeds[];
  readonly states?: ReadonlyMap<string, TensorData>;
  /** Decides builds, parts and their order. */
  readonly seed: number;
  readonly compare?: Comparison;
  /** Whether the definitions are the measure; otherwise results are compared with one another alone. */
  readonly definitions?: boolean;
  readonly fault?: Fault | undefined;
  /** Plans beyond these are left alone. */
  readonly limits?: { readonly arenaBytes: number; readonly steps: number; readonly maxMemoryBytes: number };
}

const LEVELS: readonly OptimizationLevel[] = ["all", "disabled"];

/** Graphs deep in layers add up rounding; a planner's mistake is far beyond. */
const deep: Comparison = (actual, expected) => difference(actual, expected, { rtol: 1e-3, atol: 2e-4 });

type StageName = "one" | "many";

interface Way {
  readonly name: string;
  readonly stage: StageName;
  readonly executor: Executor;
}

/**
 * Runs a graph in every way that must give the same bits: buffers apart and packed, two poisons, its steps in parts that
 * run in any order, and on the executor that users have; at both levels, and by its definitions. What differs, or what
 * wrote where it must not, in one line; undefined where all is well.
 */
export function checkPlans(check: PlanCheck): string | undefined {
  const { graph, seed, compare = deep, fault, limits, states = new Map() } = check;
  const draw = random(seed);
  const simd: Simd = draw.pick(["plain", "relaxed"]);
  const parts = draw.pick([2, 3, 4, 7]);
  const order = (): number[] => draw.shuffle(Array.from({ length: parts }, (_, i) => i));
  const ways = waysOf(simd, parts, order, fault);
  const runs = runsOf(check);
  let nudgedRuns: readonly Run[][] | undefined;
  const strays = (k: number): RuntimeValue[][] => {
    nudgedRuns ??= Array.from({ length: NUDGED_RUNS }, () => runsOf(check, draw));
    return nudgedRuns.flatMap((again) => {
      const run = again[k];
      return run === undefined ? [] : [[...run.expected, ...run.next]];
    });
  };
  const fetched = outputsOf(graph);
  const spoilt = fault?.graph?.(graph) ?? graph;
  for (const level of LEVELS) {
    const given = { level, maxMemoryBytes: limits?.maxMemoryBytes };
    const options: Record<StageName, CompileOptions> = {
      one: { ...given, parts: 1 },
      many: { ...given, parts },
    };
    for (const { executor } of ways) for (const [name, value] of states) executor.setState(name, value);
    const from = `at ${level} on ${simd}`;
    for (const [k, { feeds, expected, next }] of runs.entries()) {
      const dims = new Map([...feeds].map(([name, tensor]) => [name, tensor.dims]));
      const stages = {
        one: compile(prepare(spoilt, options.one), dims, options.one),
        many: compile(prepare(spoilt, options.many), dims, options.many),
      };
      if (limits && Object.values(stages).some(({ plan }) => !isWithin(plan, limits))) continue;
      for (const stage of Object.values(stages)) {
        const shared = level === "disabled" ? undefined : soundness(stage, fault);
        if (shared !== undefined) return `${shared}, ${from}`;
      }
      let usual: (RuntimeValue | undefined)[] | undefined;
      for (const { name, stage, executor } of ways) {
        const outputs = execute(executor, stages[stage], feeds, fetched, options[stage]);
        const results = [...outputs, ...[...states.keys()].map((state) => executor.state(state))];
        const unlike = usual?.findIndex((want, i) => !sameBits(results[i], want)) ?? -1;
        if (unlike >= 0)
          return `output ${unlike} differs from ${ways[0]?.name}: ${name}, ${from}, feeds ${k}`;
        usual ??= results;
      }
      const want = [...expected, ...next];
      if (differs(usual ?? [], want, compare) === undefined) continue;
      const wrong = differs(settled(usual ?? [], want, strays(k)), want, compare);
      if (wrong !== undefined) return `output ${wrong} (by the definitions), ${from}, feeds ${k}`;
    }
  }
  return undefined;
}

/** All instrumented executors take turns on one memory: none leaves anything there that another may count on. */
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });

function waysOf(simd: Simd, parts: number, order: () => readonly number[], fault: Fault | undefined): Way[] {
  const instrumented = (placing: Placing, poison: number, among: number): Executor => {
    const shuffled = among > 1 ? { order } : {};
    return createInstrumentedExecutor(simd, {
      placing,
      poison,
      parts: among,
      ...shuffled,
      tamper: fault,
      memory,
    });
  };
  const [first, second] = POISONS;
  const ways: Way[] = [
    { name: "buffers apart", stage: "one", executor: instrumented("apart", first, 1) },
    { name: "another poison", stage: "one", executor: instrumented("apart", second, 1) },
    { name: "packed", stage: "one", executor: instrumented("arena", second, 1) },
    { name: `${parts} parts`, stage: "many", executor: instrumented("apart", second, parts) },
    { name: `packed, ${parts} parts`, stage: "many", executor: instrumented("arena", first, parts) },
  ];
  // Faults are planted in the instrumented executors only.
  if (fault === undefined)
    ways.push({ name: "users' executor", stage: "one", executor: createExecutor(simd) });
  return ways;
}

/** How often what differs from the definitions is asked whether they themselves stray. */
const NUDGED_RUNS = 16;

interface Run {
  readonly feeds: Feeds;
  /** Outputs and the states behind them, by the definitions. */
  readonly expected: readonly RuntimeValue[];
  readonly next: readonly RuntimeValue[];
}

/** The runs that the definitions take, with what they make of them; off by roundings where these are drawn. */
function runsOf(
  { graph, feeds, states = new Map(), definitions = true }: PlanCheck,
  roundings?: Random,
): Run[] {
  let current = states;
  const nextOutputs = new Map((graph.states ?? []).map(({ input, next }) => [input, next]));
  const fetched = new Set(outputsOf(graph));
  return feeds.flatMap((given) => {
    if (!definitions) return [{ feeds: given, expected: [], next: [] }];
    const results = byDefinition(graph, new Map([...current, ...given]), roundings);
    if (results === undefined) return [];
    current = new Map(
      [...current].map(([name, value]) => [
        name,
        (results[nextOutputs.get(name) ?? -1] as TensorData) ?? value,
      ]),
    );
    const expected = results.filter((_, i) => fetched.has(graph.outputs[i] as string));
    return [{ feeds: given, expected, next: [...current.values()] }];
  });
}

/** The outputs that are no state's next value. */
const outputsOf = ({ outputs, states = [] }: Graph): string[] => {
  const next = new Set(states.map((state) => state.next));
  return outputs.filter((_, i) => !next.has(i));
};

/** What the definitions make of feeds; undefined where they refuse them. */
function byDefinition(graph: Graph, given: Feeds, roundings: Random | undefined): RuntimeValue[] | undefined {
  const feeds = graph.inputs.map((name) => given.get(name) as TensorData);
  try {
    return roundings === undefined
      ? interpret(graph, feeds)
      : (interpretNudged(graph, feeds, roundings) as RuntimeValue[]);
  } catch (error) {
    if (error instanceof LanewiseError && !(error instanceof InternalError)) return undefined;
    throw error;
  }
}

const isWithin = (plan: Plan, limits: NonNullable<PlanCheck["limits"]>): boolean =>
  plan.arenaBytes <= limits.arenaBytes && plan.steps.length <= limits.steps;

const soundness = ({ plan }: Stage, fault: Fault | undefined): string | undefined =>
  sharedWhileLive(fault?.plan?.(plan) ?? plan);
