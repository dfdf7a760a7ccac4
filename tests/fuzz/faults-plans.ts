import type { BufferRef, KernelArgument } from "../../src/kernels/arguments.ts";
import { assignArena } from "../../src/plan/arena.ts";
import type { Buffer, KernelStep, Place, Plan, PlannedValue, Step } from "../../src/plan/plan.ts";
import { buffersOf, lifetimesOf } from "./ground.ts";

type PlanFault = (plan: Plan) => Plan;

const isRef = (arg: KernelArgument): arg is BufferRef => typeof arg !== "number";

/** A plan with other arguments in its kernel calls. */
const withArguments = (plan: Plan, change: (step: KernelStep) => readonly KernelArgument[]): Plan => ({
  ...plan,
  steps: plan.steps.map((step): Step => (step.kind === "kernel" ? { ...step, args: change(step) } : step)),
});

const isArena = (plan: Plan, index: number): boolean => plan.buffers[index]?.kind === "arena";

/** A plan in which one buffer stands for another. */
function merged(plan: Plan, from: number, to: number): Plan {
  const place = (own: Place): Place =>
    own.kind === "memory" && own.buffer === from ? { ...own, buffer: to } : own;
  const value = <T extends PlannedValue | undefined>(own: T): T =>
    (own === undefined ? own : { ...own, place: place(own.place) }) as T;
  return {
    ...plan,
    outputs: plan.outputs.map(value),
    steps: plan.steps.map((step) =>
      step.kind === "kernel"
        ? {
            ...step,
            args: step.args.map((arg) => (isRef(arg) && arg.buffer === from ? { ...arg, buffer: to } : arg)),
          }
        : {
            ...step,
            inputs: step.inputs.map(value),
            captures: step.captures.map(value),
            outputs: step.outputs.map(value),
          },
    ),
  };
}

/** The buffers that a step is the first to touch. */
const startedBy = (plan: Plan, at: number): number[] => {
  const lifetimes = lifetimesOf(plan);
  return [...buffersOf(plan.steps[at] as Step)].filter((i) => isArena(plan, i) && lifetimes[i]?.first === at);
};

/** Moves the arena's buffers to where they would lie with other lifetimes. */
function rearranged(
  plan: Plan,
  change: (span: { first: number; last: number }) => { first: number; last: number },
): Plan {
  const lifetimes = lifetimesOf(plan);
  const arena = plan.buffers.flatMap((buffer, i) =>
    buffer.kind === "arena" ? [{ i, bytes: buffer.bytes }] : [],
  );
  const { offsets, bytes } = assignArena(
    arena.map(({ i, bytes }) => ({ bytes, ...change(lifetimes[i] as { first: number; last: number }) })),
  );
  const buffers: Buffer[] = [...plan.buffers];
  arena.forEach(({ i, bytes }, k) => {
    buffers[i] = { kind: "arena", bytes, offsetBytes: offsets[k] as number };
  });
  return { ...plan, buffers, arenaBytes: bytes };
}

/** Faults of the planner. */
export const PLAN_FAULTS: Readonly<Record<string, PlanFault>> = {
  "lifetimes end one step early": (plan) =>
    rearranged(plan, ({ first, last }) => ({ first, last: Math.max(first, last - 1) })),
  "inputs may be overwritten before they are read": (plan) =>
    rearranged(plan, ({ first, last }) => ({ first: first < 0 ? last : first, last })),
  "a live value is taken over": (plan) => {
    const lifetimes = lifetimesOf(plan);
    for (const [at, step] of plan.steps.entries()) {
      const [output] = startedBy(plan, at);
      const live = [...buffersOf(step)].find(
        (i) =>
          isArena(plan, i) &&
          i !== output &&
          (lifetimes[i]?.last as number) > at &&
          sameSize(plan, i, output),
      );
      if (output !== undefined && live !== undefined) return merged(plan, output, live);
    }
    return plan;
  },
  "scratch and outputs are a row too small": (plan) => {
    const last = plan.steps.length - 1;
    const small = new Set(plan.steps.flatMap((_, at) => (at === last ? [] : startedBy(plan, at))));
    return {
      ...plan,
      buffers: plan.buffers.map((buffer, i) =>
        buffer.kind === "arena" && small.has(i) && buffer.bytes > 96
          ? { ...buffer, bytes: buffer.bytes - 32 }
          : buffer,
      ),
    };
  },
  "a window starts one element early": (plan) =>
    withArguments(plan, ({ args }) =>
      args.map((arg) =>
        isRef(arg) && arg.offsetBytes > 0 && isArena(plan, arg.buffer)
          ? { ...arg, offsetBytes: arg.offsetBytes - 4 }
          : arg,
      ),
    ),
  "two inputs are swapped": (plan) =>
    withArguments(plan, ({ args }) => {
      const refs = args.flatMap((arg, i) => (isRef(arg) && isArena(plan, arg.buffer) ? [i] : []));
      const [a, b] = refs as [number, number];
      if (refs.length < 3) return args;
      return args.map((arg, i) =>
        i === a ? (args[b] as KernelArgument) : i === b ? (args[a] as KernelArgument) : arg,
      );
    }),
  "a size or stride is off by one": (plan) =>
    withArguments(plan, ({ args }) => {
      const at = args.findLastIndex((arg) => !isRef(arg) && arg > 4 && Number.isInteger(arg));
      return args.map((arg, i) => (i === at && !isRef(arg) ? arg - 1 : arg));
    }),
  "the layout of an input is mistaken": (plan) => ({
    ...plan,
    inputs: plan.inputs.map((value) =>
      value.place.kind === "memory" && value.dims.length === 4
        ? {
            ...value,
            place: {
              ...value.place,
              layout: value.place.layout === "rowMajor" ? "channelsLast" : "rowMajor",
              pixelStride: value.dims[1] as number,
            },
          }
        : value,
    ),
  }),
  "a number in a shape struct is off by one": (plan) => {
    const tables = plan.tables.slice();
    const words = new Int32Array(tables.buffer, 0, tables.length >> 2);
    const at = words.findIndex((value, i) => i > 2 && value > 1 && value < 100);
    if (at >= 0) words[at] = (words[at] as number) - 1;
    return { ...plan, tables };
  },
  "a step is lost": (plan) => ({
    ...plan,
    steps: plan.steps.filter((_, at) => at !== plan.steps.length >> 1),
  }),
  "two steps change places": (plan) => {
    const at = plan.steps.findIndex((step, i) => {
      const next = plan.steps[i + 1];
      return (
        next !== undefined &&
        startedBy(plan, i).some((buffer) => buffersOf(next).has(buffer)) &&
        step !== next
      );
    });
    const [a, b] = [plan.steps[at], plan.steps[at + 1]];
    return a === undefined || b === undefined ? plan : { ...plan, steps: plan.steps.toSpliced(at, 2, b, a) };
  },
};

function sameSize(plan: Plan, a: number, b: number | undefined): boolean {
  const [own, other] = [plan.buffers[a], plan.buffers[b ?? -1]];
  return own?.kind === "arena" && other?.kind === "arena" && own.bytes === other.bytes;
}
