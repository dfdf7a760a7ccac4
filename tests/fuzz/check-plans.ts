import { type CompileOptions, compile, execute, prepare, type Stage } from "../../src/compile.ts";
import { isFloat } from "../../src/dtype.ts";
import { InternalError, LanewiseError } from "../../src/errors.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import { toNumbers } from "../../src/ops/shared/elements.ts";
import type { OptimizationLevel } from "../../src/passes/pipeline.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { createExecutor, type Executor } from "../../src/runtime/executor.ts";
import type { Simd } from "../../src/runtime/kernels.ts";
import type { TensorData } from "../../src/tensor.ts";
import { isTensor, type RuntimeValue } from "../../src/value.ts";
import { difference, type Tolerance } from "../support/compare.ts";
import { random } from "../support/random.ts";
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
  readonly feeds: readonly Feeds[];
  /** Decides builds, parts and their order. */
  readonly seed: number;
  readonly tolerance?: Tolerance;
  /** Whether the definitions are the measure; otherwise results are compared with one another alone. */
  readonly definitions?: boolean;
  readonly fault?: Fault | undefined;
  /** Plans beyond these are left alone. */
  readonly limits?: { readonly arenaBytes: number; readonly steps: number };
}

const LEVELS: readonly OptimizationLevel[] = ["all", "disabled"];
/** Graphs deep in layers add up rounding; a planner's mistake is far beyond. */
export const DEEP: Tolerance = { rtol: 1e-3, atol: 2e-4 };

interface Way {
  readonly name: string;
  readonly stage: "one" | "many";
  readonly executor: Executor;
}

/**
 * Runs a graph in every way that must give the same bits: buffers apart and packed, two poisons, its steps in parts that
 * run in any order, and on the executor that users have; at both levels, and by its definitions. What differs, or what
 * wrote where it must not, in one line; undefined where all is well.
 */
export function checkPlans(check: PlanCheck): string | undefined {
  const { graph, feeds, seed, definitions = true, tolerance = DEEP, fault } = check;
  const draw = random(seed);
  const simd: Simd = draw.pick(["plain", "relaxed"]);
  const parts = draw.pick([2, 3, 4, 7]);
  const shuffled = (): number[] => draw.shuffle(Array.from({ length: parts }, (_, i) => i));
  const instrumented = (placing: Placing, poison: number, among: number): Executor =>
    createInstrumentedExecutor(simd, {
      placing,
      poison,
      parts: among,
      ...(among > 1 && { order: shuffled }),
      tamper: fault,
      memory,
    });
  const [first, second] = POISONS;
  const ways: Way[] = [
    { name: "buffers apart", stage: "one", executor: instrumented("apart", first, 1) },
    { name: "another poison", stage: "one", executor: instrumented("apart", second, 1) },
    { name: "packed", stage: "one", executor: instrumented("arena", second, 1) },
    { name: `${parts} parts`, stage: "many", executor: instrumented("apart", second, parts) },
    { name: `packed, ${parts} parts`, stage: "many", executor: instrumented("arena", first, parts) },
    ...(fault === undefined
      ? ([{ name: "its own executor", stage: "one", executor: createExecutor(simd) }] as const)
      : []),
  ];
  const cases = feeds.flatMap((given) => {
    const expected = definitions ? byDefinition(graph, given) : [];
    return expected === undefined ? [] : [{ given, expected }];
  });
  for (const level of LEVELS) {
    const options: Record<Way["stage"], CompileOptions> = {
      one: { level, parts: 1 },
      many: { level, parts },
    };
    const spoilt = fault?.graph?.(graph) ?? graph;
    for (const [k, { given, expected }] of cases.entries()) {
      const dims = new Map([...given].map(([name, tensor]) => [name, tensor.dims]));
      const stages = {
        one: compile(prepare(spoilt, options.one), dims, options.one),
        many: compile(prepare(spoilt, options.many), dims, options.many),
      };
      const { limits } = check;
      if (limits && Object.values(stages).some(({ plan }) => !isWithin(plan, limits))) continue;
      for (const stage of Object.values(stages)) {
        const shared = level === "disabled" ? undefined : soundness(stage, fault);
        if (shared !== undefined) return `${shared}, at ${level}`;
      }
      let usual: RuntimeValue[] | undefined;
      for (const { name, stage, executor } of ways) {
        const where = `${name}, at ${level} on ${simd}, feeds ${k}`;
        const results = execute(executor, stages[stage], given, graph.outputs, options[stage]);
        const unlike = usual && unequal(results, usual);
        if (unlike !== undefined) return `output ${unlike} differs from ${ways[0]?.name}: ${where}`;
        usual ??= results;
      }
      const wrong = differs(usual as RuntimeValue[], expected, tolerance);
      if (wrong !== undefined)
        return `output ${wrong} (by the definitions), at ${level} on ${simd}, feeds ${k}`;
    }
  }
  return undefined;
}

/** All instrumented executors take turns on one memory: none leaves anything there that another may count on. */
const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });

/** What the definitions make of feeds; undefined where they refuse them. */
function byDefinition(graph: Graph, given: Feeds): RuntimeValue[] | undefined {
  try {
    return interpret(
      graph,
      graph.inputs.map((name) => given.get(name) as TensorData),
    );
  } catch (error) {
    if (error instanceof LanewiseError && !(error instanceof InternalError)) return undefined;
    throw error;
  }
}

const isWithin = (plan: Plan, limits: NonNullable<PlanCheck["limits"]>): boolean =>
  plan.arenaBytes <= limits.arenaBytes && plan.steps.length <= limits.steps;

const soundness = (stage: Stage, fault: Fault | undefined): string | undefined => {
  const plan: Plan = fault?.plan?.(stage.plan) ?? stage.plan;
  return sharedWhileLive(plan);
};

function differs(
  actual: readonly RuntimeValue[],
  expected: readonly RuntimeValue[],
  tolerance: Tolerance,
): string | undefined {
  for (const [i, want] of expected.entries()) {
    const got = actual[i];
    if (!isTensor(want) || !isTensor(got)) continue;
    const wrong = difference(got, want, tolerance);
    if (wrong !== undefined) return `${i}: ${wrong}`;
  }
  return undefined;
}

/** The first output whose bits differ; NaN is NaN, whatever its payload. */
function unequal(actual: readonly RuntimeValue[], expected: readonly RuntimeValue[]): number | undefined {
  const i = expected.findIndex((want, k) => !sameBits(actual[k], want));
  return i < 0 ? undefined : i;
}

export function sameBits(a: RuntimeValue | undefined, b: RuntimeValue | undefined): boolean {
  if (!isTensor(a) || !isTensor(b)) return a === b || (!isTensor(a) && !isTensor(b));
  if (a.dtype !== b.dtype || a.dims.join() !== b.dims.join()) return false;
  if (!isFloat(a.dtype))
    return (a.data as ArrayLike<unknown> as unknown[]).every((value, i) => value === b.data[i]);
  const [got, want] = [toNumbers(a), toNumbers(b)];
  for (let i = 0; i < want.length; i++) if (!Object.is(got[i], want[i])) return false;
  return true;
}
