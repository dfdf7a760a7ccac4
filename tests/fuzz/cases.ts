import { decodeModel } from "../../src/onnx/decode.ts";
import { importModel } from "../../src/onnx/import.ts";
import { quantizedGraph } from "../differential/quantized-graph.ts";
import { randomGraph } from "../differential/random-graph.ts";
import { stepsApart } from "../differential/steps-apart.ts";
import { model } from "../support/onnx-model.ts";
import { type Random, random } from "../support/random.ts";
import { checkPlans, type Fault, type PlanCheck } from "./check-plans.ts";
import { checkpointBytes, mutateCheckpoint, RESTORE, type Restoring, runCheckpoint } from "./checkpoints.ts";
import type { Comparison } from "./compare-values.ts";
import { type Base, baseNames, openBase, type Places } from "./corpus.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { mutateModel } from "./mutate-model.ts";
import { LANEWISE, runModel, type Subject } from "./run-model.ts";
import { randomTraining } from "./training-graphs.ts";
import { finding, instrumented, judge, RAN, type Verdict } from "./verdict.ts";

export const TARGETS = ["graphs", "training", "models", "attributes", "checkpoints"] as const;
export type Target = (typeof TARGETS)[number];

/**
 * One attempt, which its line says all of: `target:base:seed`, and the edits that are left of those the seed draws
 * (`models:own-varied:71:0,2`).
 */
export interface FuzzCase {
  readonly target: Target;
  readonly base: string;
  readonly seed: number;
  readonly edits?: readonly number[];
}

export const lineOf = ({ target, base, seed, edits }: FuzzCase): string =>
  [target, base, seed, ...(edits === undefined ? [] : [edits.join()])].join(":");

/** Reads a line; a path to a model or checkpoint stands for it as it is. Throws for anything else. */
export function caseOf(line: string): FuzzCase {
  const [target, base, seed, edits] = line.split(":");
  if (target !== undefined && base === undefined)
    return {
      target: target.endsWith(".ckpt") ? "checkpoints" : "models",
      base: `file-${target}`,
      seed: 0,
      edits: [],
    };
  if (!TARGETS.includes(target as Target) || base === undefined)
    throw new Error(`no case ${line}: expected target:base:seed, targets ${TARGETS.join(", ")}, or a file`);
  return {
    target: target as Target,
    base,
    seed: Number(seed ?? 0),
    ...(edits !== undefined && { edits: edits.split(",").filter(Boolean).map(Number) }),
  };
}

/** The case that a target draws from a seed. */
export function drawCase(target: Target, seed: number, places: Places): FuzzCase {
  const draw = random(seed);
  const drawn = (): string => {
    if (target === "graphs")
      return `${draw.pick(["graph", "graph", "graph", "quantized"])}-${draw.whole(0, 2 ** 30)}`;
    if (target === "training") return `training-${draw.whole(0, 2 ** 30)}`;
    if (target === "attributes") return `operator-${draw.whole(0, 2 ** 30)}`;
    return target === "models" ? baseNames(draw, places) : "own-training";
  };
  return { target, base: drawn(), seed };
}

/** What is attacked, or stands in for it with a fault. */
export interface Attacked {
  readonly subject: Subject;
  readonly restoring: Restoring;
  readonly fault?: Fault | undefined;
}

export const AS_IT_IS: Attacked = { subject: LANEWISE, restoring: RESTORE };

/** The bytes that a case is made of, and which edits its seed draws. */
export async function broken(
  { target, base, seed, edits }: FuzzCase,
  places: Places,
): Promise<{ base: Base; edits: number[] }> {
  const draw = random(seed);
  const count = draw.pick([1, 1, 1, 1, 2, 2, 3]);
  const chosen = [...(edits ?? Array.from({ length: count }, (_, i) => i))];
  const own = base.startsWith("own-training")
    ? { bytes: await checkpointBytes(), feeds: {} }
    : openBase(base, places);
  let { bytes, external } = own;
  for (const edit of chosen) {
    // Each edit has numbers of its own, so that leaving others out changes nothing in it.
    const numbers = random(seed * 31 + edit * 7919 + 1);
    if (target === "checkpoints") bytes = mutateCheckpoint(bytes, numbers);
    else if (external !== undefined && numbers.chance(0.2))
      external = Object.fromEntries(
        Object.entries(external).map(([path, data]) => [path, mutateBytes(data, numbers)]),
      );
    else bytes = mutateModel(bytes, numbers);
  }
  return { base: { ...own, bytes, ...(external !== undefined && { external }) }, edits: chosen };
}

/** Runs a case. What it throws is a finding too. */
export async function runCase(given: FuzzCase, places: Places, attacked = AS_IT_IS): Promise<Verdict> {
  try {
    if (given.target === "graphs" || given.target === "training") return runGraph(given, attacked.fault);
    const { base } = await broken(given, places);
    const draw: Random = random(given.seed + 0.5);
    return given.target === "checkpoints"
      ? await runCheckpoint(base.bytes, draw, attacked.restoring)
      : await runModel(base, draw, attacked.subject);
  } catch (error) {
    return judge(error);
  }
}

/** A graph that nobody broke: whatever is wrong with it, is wrong with lanewise. */
function runGraph({ base, seed }: FuzzCase, fault: Fault | undefined): Verdict {
  try {
    const wrong = checkPlans({ ...drawnGraph(base), seed, fault });
    return wrong === undefined ? RAN : instrumented(wrong);
  } catch (error) {
    const verdict = judge(error);
    return verdict.status === "refused" ? finding("refused", String(error)) : verdict;
  }
}

/** All of so many outputs may hang on one rounding tie. */
const TIED = 64;
const withinSteps: Comparison = (actual, expected) => stepsApart(actual, expected, TIED);

function drawnGraph(base: string): Pick<PlanCheck, "graph" | "feeds" | "states" | "compare" | "definitions"> {
  const [kind, number] = base.split("-");
  if (kind === "training") return randomTraining(Number(number));
  const quantized = kind === "quantized";
  const drawn = quantized ? quantizedGraph(Number(number)) : randomGraph(Number(number));
  const feeds = (Array.isArray(drawn.feeds) ? drawn.feeds : [drawn.feeds]) as readonly Base["feeds"][];
  return {
    graph: importModel(decodeModel(model(drawn.spec))).graph,
    feeds: feeds.map((given) => new Map(Object.entries(given))),
    ...(quantized && { compare: withinSteps }),
  };
}
