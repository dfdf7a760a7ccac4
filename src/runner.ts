import { type CompileOptions, compiling, preparing, type Stage } from "./compile.ts";
import { MemoryError, UsageError } from "./errors.ts";
import { compilingRest, deciding, executing, signatureBehind, type Values } from "./execute.ts";
import { type Graph, isConcrete } from "./graph/graph.ts";
import type { Work } from "./interruptible.ts";
import type { Executor, RunControl } from "./runtime/executor.ts";
import type { RuntimeValue } from "./value.ts";

/** A graph to run, for whatever dims come. */
export interface Program {
  /** Tells it from the other programs of its runner. */
  readonly key: string;
  /** Gives the graph, where the runner does not keep it prepared. */
  graph(): Graph;
}

/** Prepares, compiles and runs programs on one executor; keeps what it has made, and of that what was used last. */
export interface Runner {
  readonly executor: Executor;
  readonly options: CompileOptions;
  /** Whether work that wants to be `alone` can begin: none is under way, and the runner is not released. */
  readonly isFree: boolean;
  /** Work that nothing else comes between, whatever turns it gives; throws a UsageError where other such work is under way. */
  alone<T>(work: Work<T>): Work<T>;
  /** A program's graph as prepared. */
  preparing(program: Program): Work<Graph>;
  /** Compiles a program before its inputs come, where it says all their dims. */
  planning(program: Program): Work<void>;
  /** Runs a program; gives the outputs asked for. */
  running(
    program: Program,
    feeds: Values,
    outputs: readonly string[],
    control?: RunControl,
  ): Work<RuntimeValue[]>;
  /** Lets go of the programs whose keys begin so, and of what only they use. */
  forget(keysBegin: string): void;
  /** Lets the executor go, when the work under way has ended. */
  release(): void;
}

/** So many prepared graphs and stages are kept, and all of the run under way. */
const MAX_KEPT = 32;

/** A prepared graph or a stage, and what was made of it. */
interface Kept<Made extends Graph | Stage = Graph | Stage> {
  readonly made: Made;
  readonly key: string;
  readonly among: { delete(key: string): boolean };
  /** Stages of a prepared graph by dims, those behind a stage by signature. */
  readonly stages: Map<string, Kept<Stage>>;
  /** The run that used it last. */
  run: number;
}

export function createRunner(executor: Executor, options: CompileOptions): Runner {
  const programs = new Map<string, Kept<Graph>>();
  /** All that is kept, the least recently used first. */
  const order = new Set<Kept>();
  let run = 0;
  let busy = false;
  let released = false;

  function* keeping<Made extends Graph | Stage>(
    among: Map<string, Kept<Made>>,
    key: string,
    make: () => Work<Made>,
  ): Work<Kept<Made>> {
    const known = among.get(key);
    const kept = known ?? { made: yield* make(), key, among, stages: new Map(), run };
    among.set(key, kept);
    order.delete(kept);
    order.add(kept);
    kept.run = run;
    if (known !== undefined) return kept;
    for (const oldest of order) {
      if (order.size <= MAX_KEPT || oldest.run === run) break;
      evict(oldest);
    }
    return kept;
  }

  const evict = (kept: Kept): void => {
    kept.among.delete(kept.key);
    order.delete(kept);
    if ("plan" in kept.made) executor.forget(kept.made.plan);
    for (const stage of kept.stages.values()) evict(stage);
  };

  const prepared = ({ key, graph }: Program): Work<Kept<Graph>> =>
    keeping(programs, key, () => preparing(graph(), options));

  /** The first stage of a program for values; where an input has none, for the dims that the program says. */
  function* planned(program: Program, values: Values): Work<Kept<Stage>> {
    const { made, stages } = yield* prepared(program);
    const { inputs, facts } = made;
    const dims = inputs.map((name) => {
      const known = (values.get(name) ?? facts.get(name)) as { dims?: readonly number[] } | undefined;
      return [name, known?.dims] as const;
    });
    return yield* keeping(stages, dims.join(";"), () => compiling(made, new Map(dims), options));
  }

  /** Where there is no room for a plan, the others give back what they hold. */
  const place: Executor["place"] = (plan) => {
    try {
      executor.place(plan);
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      for (const { made } of order) if ("plan" in made) executor.forget(made.plan);
      executor.place(plan);
    }
  };

  return {
    executor,
    options,
    get isFree() {
      return !busy && !released;
    },
    *alone(work) {
      if (busy) throw new UsageError("a run is under way: runSync cannot wait for it");
      busy = true;
      run++;
      try {
        return yield* work;
      } finally {
        busy = false;
        if (released) executor.release();
      }
    },
    *preparing(program) {
      return (yield* prepared(program)).made;
    },
    *planning(program) {
      const { inputs, facts } = (yield* prepared(program)).made;
      if (inputs.every((name) => isConcrete(facts.get(name)))) yield* planned(program, new Map());
    },
    *running(program, feeds, outputs, control) {
      const first = yield* planned(program, feeds);
      let last = first;
      return yield* executing(
        first.made,
        feeds,
        outputs,
        (plan, given) => {
          place(plan);
          return executor.run(plan, given, control);
        },
        function* (cut, values) {
          yield* deciding(cut, values, options.maxMemoryBytes);
          const key = signatureBehind(cut, values);
          last = yield* keeping(last.stages, key, () => compilingRest(cut, values, options));
          return last.made;
        },
      );
    },
    forget(keysBegin) {
      for (const [key, kept] of programs) if (key.startsWith(keysBegin)) evict(kept);
    },
    release() {
      released = true;
      if (!busy) executor.release();
    },
  };
}
