import { alignUp, OVERREAD_BYTES } from "../../src/alignment.ts";
import type { Plan, Step } from "../../src/plan/plan.ts";

/** Bytes of poison on either side of every buffer. */
const GUARD_BYTES = 256;

/** Where a plan's buffers lie: each between guards of its own, or those of the arena as the planner packed them. */
export type Placing = "apart" | "arena";

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The bytes a buffer may be written in, and those behind them that a kernel may read. */
export interface Ground {
  readonly start: number;
  readonly bytes: number;
  /** Steps between which the buffer holds something: −1 is before the first, the number of steps behind the last. */
  readonly first: number;
  readonly last: number;
}

export interface GroundPlan {
  readonly grounds: readonly Ground[];
  readonly end: number;
}

/** The buffers that a step reads or writes, by their numbers. */
export function buffersOf(step: Step): Set<number> {
  if (step.kind === "kernel")
    return new Set(step.args.flatMap((arg) => (typeof arg === "number" ? [] : [arg.buffer])));
  const values = [...step.inputs, ...step.captures, ...step.outputs];
  return new Set(values.flatMap((value) => (value?.place.kind === "memory" ? [value.place.buffer] : [])));
}

/** The steps between which each buffer holds something that is still to be read, as the steps themselves say it. */
export function lifetimesOf(plan: Plan): { first: number; last: number }[] {
  const spans = plan.buffers.map(() => ({ first: Infinity, last: -Infinity }));
  const touch = (buffer: number, at: number): void => {
    const span = spans[buffer];
    if (span === undefined) throw new Error(`no buffer ${buffer}`);
    span.first = Math.min(span.first, at);
    span.last = Math.max(span.last, at);
  };
  for (const { place } of plan.inputs) if (place.kind === "memory") touch(place.buffer, -1);
  plan.steps.forEach((step, at) => {
    for (const buffer of buffersOf(step)) touch(buffer, at);
  });
  for (const { place } of plan.outputs) if (place.kind === "memory") touch(place.buffer, plan.steps.length);
  return spans;
}

/** Bytes that kernels may write: what the planner adds for reading too far is not among them. */
function writableBytes(plan: Plan, index: number): number {
  const buffer = plan.buffers[index] as Plan["buffers"][number];
  if (buffer.kind === "arena") return buffer.bytes - OVERREAD_BYTES;
  if (buffer.kind !== "table") return buffer.bytes;
  const next = plan.buffers
    .flatMap((other) =>
      other.kind === "table" && other.offsetBytes > buffer.offsetBytes ? [other.offsetBytes] : [],
    )
    .reduce((a, b) => Math.min(a, b), plan.tables.length);
  return next - buffer.offsetBytes;
}

/** Gives every buffer its address, from `base` on. */
export function layOut(plan: Plan, placing: Placing, base: number): GroundPlan {
  const lifetimes = lifetimesOf(plan);
  let top = alignUp(base);
  const reserve = (bytes: number): number => {
    const start = alignUp(top + GUARD_BYTES);
    top = start + alignUp(bytes + OVERREAD_BYTES) + GUARD_BYTES;
    return start;
  };
  const arena = placing === "arena" ? reserve(plan.arenaBytes) : 0;
  const grounds = plan.buffers.map((buffer, i): Ground => {
    const bytes = writableBytes(plan, i);
    const start =
      placing === "arena" && buffer.kind === "arena" ? arena + buffer.offsetBytes : reserve(bytes);
    return { start, bytes, ...(lifetimes[i] as { first: number; last: number }) };
  });
  return { grounds, end: top };
}

/** What is left of a stretch of memory without some spans of it. */
export function without(whole: Span, spans: readonly Span[]): Span[] {
  const rest: Span[] = [];
  let from = whole.start;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    if (start > from) rest.push({ start: from, end: start });
    from = Math.max(from, end);
  }
  if (from < whole.end) rest.push({ start: from, end: whole.end });
  return rest;
}

/** Two buffers of the arena that share bytes while both hold something; undefined where the plan is sound. */
export function sharedWhileLive(plan: Plan): string | undefined {
  const lifetimes = lifetimesOf(plan);
  const list = plan.buffers.flatMap((buffer, i) =>
    buffer.kind === "arena" ? [{ i, ...buffer, ...(lifetimes[i] as { first: number; last: number }) }] : [],
  );
  for (const [k, a] of list.entries()) {
    if (a.offsetBytes + a.bytes > alignUp(plan.arenaBytes)) return `buffer ${a.i} ends behind the arena`;
    for (const b of list.slice(k + 1)) {
      const bytes = a.offsetBytes < b.offsetBytes + b.bytes && b.offsetBytes < a.offsetBytes + a.bytes;
      const steps = a.first <= b.last && b.first <= a.last;
      if (bytes && steps)
        return `buffers ${a.i} (steps ${a.first} to ${a.last}) and ${b.i} (${b.first} to ${b.last}) share bytes`;
    }
  }
  return undefined;
}
