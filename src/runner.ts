import { type CompileOptions, compiling, type InputDims, preparing, type Stage } from "./compile.ts";
import { MemoryError, UsageError } from "./errors.ts";
import { compilingRest, type Execution, executing, signatureBehind, type Values } from "./execute.ts";
import type { Graph } from "./graph/graph.ts";
import type { Work } from "./interruptible.ts";
import type { Executor, RunControl } from "./runtime/executor.ts";
import { isTensor, type RuntimeValue } from "./value.ts";

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
  /** Compiles a program for the dims of its inputs before they come. */
  planning(program: Program, dims: InputDims): Work<void>;
  /** Runs a program; gives the outputs asked for, those of its graph where none are. */
  running(
    program: Program,
    feeds: Values,
    outputs?: readonly string[],
    control?: RunControl,
  ): Work<RuntimeValue[]>;
  /** Lets go of the programs whose keys begin so, and of what only they use. */
  forget(keysBegin: string): void;
  /** Lets the executor go, when the work under way has ended. */
  release(): void;
}

/** The dims of what is a tensor. */
export const dimsOf = (values: Values): InputDims =>
  new Map([...values].flatMap(([name, value]) => (isTensor(value) ? [[name, value.dims] as const] : [])));

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

  function planned({ made, stages }: Kept<Graph>, dims: InputDims): Work<Kept<Stage>> {
    const key = [...dims].map(([name, sizes]) => `${name}:${sizes}`).join(";");
    return keeping(stages, key, () => compiling(made, dims, options));
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
      if (busy) throw new UsageError("a run is under way: another can start when it has ended");
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
    *planning(program, dims) {
      yield* planned(yield* prepared(program), dims);
    },
    *running(program, feeds, outputs, control) {
      const root = yield* prepared(program);
      const first = yield* planned(root, dimsOf(feeds));
      let last = first;
      const execution: Execution = {
        run(plan, ...given) {
          place(plan);
          return executor.run(plan, ...given);
        },
        *behind(cut, values) {
          const key = signatureBehind(cut, values);
          last = yield* keeping(last.stages, key, () => compilingRest(cut, values, options));
          return last.made;
        },
        maxBytes: options.maxMemoryBytes,
        control,
      };
      return yield* executing(execution, first.made, feeds, outputs ?? root.made.outputs);
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
