import { InternalError } from "../errors.ts";
import { type Watch, type Work, watching } from "../interruptible.ts";
import type { HostStep, Plan, PlannedValue, Step } from "../plan/plan.ts";
import type { TensorData } from "../tensor.ts";
import { isTensor, type RuntimeValue } from "../value.ts";
import type { Kernel } from "./instantiate.ts";
import { instantiateKernels, type KernelInstance, type Simd } from "./kernels.ts";
import { createHeap, type Heap } from "./memory.ts";
import { createPlacement } from "./placement.ts";
import type { Threading } from "./threading.ts";
import { readTensor, viewTensor, writeTensor } from "./transfer.ts";

/** The time of one step, in milliseconds. */
export interface StepTime {
  /** The name of the node, or of the last one that the step covers. */
  readonly node: string;
  /** Its operator. */
  readonly op: string;
  /** The kernel's name, or "host". */
  readonly kernel: string;
  /** How long it took. */
  readonly ms: number;
}

/** Runs plans, one at a time: whoever lets a run give turns sees to it that nothing else is asked meanwhile. */
export interface Executor {
  readonly simd: Simd;
  /** Threads that share each kernel call. */
  readonly parts: number;
  /** Lets the workers forget this executor's memory. */
  release(): void;
  /** Gives a state its value; before the first run of a plan that has it, or to change it between runs. */
  setState(name: string, value: TensorData): void;
  /** A copy of a state as the last run left it; undefined for one that was never set. */
  state(name: string): TensorData | undefined;
  /** Takes what a plan needs of the memory, if it has not; `run` does so, too. Throws a MemoryError where that is too much. */
  place(plan: Plan): void;
  /** Gives back what only this plan uses of the memory; it may run again all the same. */
  forget(plan: Plan): void;
  /** Runs a plan on feeds in the order of its inputs; the outputs in the order of its outputs. */
  run(plan: Plan, feeds: readonly RuntimeValue[], options?: RunControl): Work<RuntimeValue[]>;
  memoryUsage(): { readonly totalBytes: number; readonly constantBytes: number; readonly arenaBytes: number };
}

export interface RunControl {
  /** Called after each step, where times are wanted. */
  readonly onStep?: ((time: StepTime) => void) | undefined;
}

interface Bound {
  readonly addresses: readonly number[];
  /** The plan's number among the team's. */
  readonly shared: number;
  readonly steps: readonly BoundStep[];
}

interface BoundStep {
  readonly step: Step;
  readonly kernel: Kernel | undefined;
  readonly args: readonly number[];
}

/** The threads an executor runs its kernels on. */
export interface ExecutorThreads {
  readonly threading: Threading;
  readonly parts: number;
}

/** One memory, one instance of the kernels, and the constants of all plans that run on them. */
export function createExecutor(
  simd: Simd,
  threads?: ExecutorThreads,
  maxBytes?: number,
  module?: WebAssembly.Module,
): Executor {
  const heap: Heap = createHeap(threads !== undefined, maxBytes);
  const compile = threads?.threading.compileModule;
  const instance: KernelInstance = instantiateKernels(simd, heap.memory, compile, module);
  heap.reserve(instance.heapBase);
  const team = threads?.threading.createTeam(threads.parts, instance.module, heap);
  const placement = createPlacement(heap);
  const bindings = new WeakMap<Plan, Bound>();

  const bind = (plan: Plan): Bound => {
    const known = bindings.get(plan);
    const addresses = placement.addresses(plan);
    if (known?.addresses === addresses) return known;
    const steps = plan.steps.map((step): BoundStep => {
      if (step.kind === "host") return { step, kernel: undefined, args: [] };
      const args = step.args.map((arg) =>
        typeof arg === "number" ? arg : (addresses[arg.buffer] as number) + arg.offsetBytes,
      );
      return { step, kernel: instance.kernel(step.kernel), args: [...args, 0, team?.parts ?? 1] };
    });
    const calls = steps.map(({ step, args }) =>
      step.kind === "kernel" ? { kernel: step.kernel, args } : undefined,
    );
    const bound = { addresses, steps, shared: team?.bind(calls, instance.beside(), known?.shared) ?? 0 };
    bindings.set(plan, bound);
    return bound;
  };

  const addressOf = (plan: Plan, place: Extract<PlannedValue["place"], { kind: "memory" }>): number =>
    (placement.addresses(plan)[place.buffer] as number) + place.offsetBytes;

  const write = (plan: Plan, slots: RuntimeValue[], value: PlannedValue, data: RuntimeValue): void => {
    const { place } = value;
    if (place.kind === "host") slots[place.slot] = data;
    else if (place.kind === "memory") {
      if (!isTensor(data) || data.dtype !== value.dtype || data.dims.join() !== value.dims.join()) {
        const got = isTensor(data) ? `${data.dtype} [${data.dims}]` : data.container;
        throw new InternalError(`${value.name}: planned ${value.dtype} [${value.dims}], got ${got}`);
      }
      writeTensor(heap.memory, addressOf(plan, place), value, place, data);
    }
  };

  const read = (
    plan: Plan,
    slots: readonly RuntimeValue[],
    value: PlannedValue,
    copy: boolean,
  ): RuntimeValue => {
    const { place } = value;
    if (place.kind === "constant") return copy ? copyOf(place.value) : place.value;
    if (place.kind === "host") return slots[place.slot] as RuntimeValue;
    return (copy ? readTensor : viewTensor)(heap.memory, addressOf(plan, place), value, place);
  };

  /**
   * All steps in order. The workers run the same ones and meet this thread after each; where this one fails, or the
   * event loop is to have its turn, or a host step may let it have some, they leave at the next barrier.
   */
  function* perform(
    plan: Plan,
    { steps, shared }: Bound,
    slots: RuntimeValue[],
    onStep: RunControl["onStep"],
  ): Work<void> {
    const watch = watching();
    let together = false;
    try {
      for (let i = 0; i < steps.length; i++) {
        const { step, kernel, args } = steps[i] as BoundStep;
        const start = onStep === undefined ? 0 : performance.now();
        if (team !== undefined && !together && kernel !== undefined) {
          team.start(shared, i);
          together = true;
        }
        if (kernel !== undefined) kernel(...args);
        else if (step.kind === "host") yield* runHost(plan, slots, step);
        const last = i === steps.length - 1;
        const part = !last && mustPart(watch, steps[i + 1] as BoundStep);
        if (team !== undefined && together) {
          // Whatever happens in the meeting, nobody waits for this thread after the last step.
          together = !last && !part;
          team.meet(part);
        }
        onStep?.({
          node: step.node,
          op: step.op,
          kernel: step.kind === "kernel" ? step.kernel : "host",
          ms: performance.now() - start,
        });
        watch?.check();
        if (watch?.due !== undefined && !together) yield;
      }
    } finally {
      if (together) team?.meet(true);
    }
  }

  /** Workers do not wait for what may take long: other sessions have them, too. */
  const mustPart = (watch: Watch | undefined, next: BoundStep): boolean =>
    watch?.due !== undefined && (next.kernel === undefined || watch.due());

  function* runHost(plan: Plan, slots: RuntimeValue[], step: HostStep): Work<void> {
    // What a sequence holds outlives this step; anything else is copied into memory before the next one runs.
    const copy = step.outputs.some((value) => value?.place.kind === "host");
    const inputs = step.inputs.map((value) => value && read(plan, slots, value, copy));
    const captures = new Map(step.captures.map((value) => [value.name, read(plan, slots, value, copy)]));
    const results = yield* step.evaluate(inputs, captures);
    step.outputs.forEach((value, i) => {
      const result = results[i];
      if (value === undefined) return;
      if (result === undefined) throw new InternalError(`${step.op} ${step.node} gave no output ${i}`);
      write(plan, slots, value, result);
    });
  }

  return {
    simd,
    setState: placement.setState,
    state: placement.state,
    place: bind,
    forget(plan) {
      placement.forget(plan);
      const bound = bindings.get(plan);
      bindings.delete(plan);
      if (bound !== undefined) team?.forget(bound.shared);
    },
    *run(plan, feeds, { onStep } = {}) {
      const bound = bind(plan);
      const slots: RuntimeValue[] = [];
      plan.inputs.forEach((value, i) => {
        write(plan, slots, value, feeds[i] as RuntimeValue);
      });
      yield* perform(plan, bound, slots, onStep);
      return plan.outputs.map((value) => read(plan, slots, value, true));
    },
    parts: team?.parts ?? 1,
    release: () => team?.release(),
    memoryUsage: () => ({ totalBytes: heap.memory.buffer.byteLength, ...placement.usage() }),
  };
}

const copyOf = (tensor: TensorData): TensorData => ({ ...tensor, data: tensor.data.slice() as never });
