import { shown } from "./arguments.ts";
import { LanewiseError, TimeoutError, UsageError } from "./errors.ts";

/** Work done in pieces: at each yield it may be stopped, or put off until the event loop has had its turn. */
export type Work<T> = Generator<undefined, T, undefined>;

/** What may end work before it is done. */
export interface Limits {
  /** Work ends with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which work ends with a TimeoutError; unlimited where absent. */
  readonly timeoutMs?: number | undefined;
}

/** What looks whether work may go on, and ends it by throwing. */
export interface Watch {
  /** Called at every yield, and between steps. */
  check(): void;
  /** Called by long loops with what they have done: multiplications, elements moved, whatever they count. */
  spend(units: number): void;
  /** Whether the event loop should have its turn at the next yield; absent where it never has. */
  due?(): boolean;
}

/** Work has used up what it was given; whoever gave it catches this. */
class BudgetError extends LanewiseError {
  override get name() {
    return "BudgetError" as const;
  }
  constructor() {
    super("ERR_BUDGET", "the work is more than was allowed for it");
  }
}

/** The event loop waits about so long at one stretch. */
const SLICE_MS = 12;
/** Definitions do this much in about a millisecond. */
const UNITS_BETWEEN_CHECKS = 1 << 18;

/** The watch over the work under way, for what lies too deep to be handed it. */
let current: Watch | undefined;

/** The watch over the work under way; undefined where nothing may end it. */
export const watching = (): Watch | undefined => current;

/** Long loops say here how much they have done; throws where the work may not go on. */
export const spend = (units: number): void => current?.spend(units);

/** A watch for limits; undefined where there are none. Throws a UsageError for a time that is none. */
export function watchOf({ signal, timeoutMs }: Limits): Watch | undefined {
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs >= 0))
    throw new UsageError(`timeoutMs ${shown(timeoutMs)}: expected milliseconds, at least 0`);
  if (signal === undefined && timeoutMs === undefined) return undefined;
  const end = performance.now() + (timeoutMs ?? Infinity);
  let spent = 0;
  const check = (): void => {
    signal?.throwIfAborted();
    if (performance.now() >= end) throw new TimeoutError(timeoutMs as number);
  };
  return {
    check,
    spend(units) {
      spent += units;
      if (spent < UNITS_BETWEEN_CHECKS) return;
      spent = 0;
      check();
    },
  };
}

/** One piece of work, under a watch. */
function piece<T>(work: Work<T>, watch: Watch | undefined): IteratorResult<undefined, T> {
  const outer = current;
  current = watch;
  try {
    watch?.check();
    return work.next();
  } catch (error) {
    work.return(undefined as never);
    throw error;
  } finally {
    current = outer;
  }
}

/** Does work to its end at one stretch, under a watch of its own or the one over the work around it. */
export function finish<T>(work: Work<T>, watch: Watch | undefined = current): T {
  for (;;) {
    const { done, value } = piece(work, watch);
    if (done) return value;
  }
}

/** Does work to its end, with turns of the event loop in between. */
export async function finishInTurns<T>(work: Work<T>, watch: Watch): Promise<T> {
  let turn = performance.now() + SLICE_MS;
  const patient = { ...watch, due: () => performance.now() >= turn };
  for (;;) {
    const { done, value } = piece(work, patient);
    if (done) return value;
    if (!patient.due()) continue;
    await eventLoopTurn();
    turn = performance.now() + SLICE_MS;
  }
}

/** Does work to its end if that takes at most so many units; undefined where it does not. */
export function finishWithin<T>(work: Work<T>, units: number): T | undefined {
  const outer = current;
  let left = units;
  try {
    return finish(work, {
      check: () => outer?.check(),
      spend(more) {
        outer?.spend(more);
        left -= more;
        if (left < 0) throw new BudgetError();
      },
    });
  } catch (error) {
    if (error instanceof BudgetError) return undefined;
    throw error;
  }
}

/** Timers hold no more. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Does what waits for others under limits: `load` is handed a signal for both. */
export async function loadWithin<T>(
  { signal, timeoutMs }: Limits,
  load: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return load(signal);
  const either = new AbortController();
  const abort = (): void => either.abort(signal?.reason);
  signal?.addEventListener("abort", abort);
  const timer = setTimeout(
    () => either.abort(new TimeoutError(timeoutMs)),
    Math.min(timeoutMs, MAX_TIMER_MS),
  );
  try {
    return await load(either.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Lets the event loop run once, timers and messages included. */
export function eventLoopTurn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

/** Whether a result is work that has still to be done for it. */
export const isWork = <T>(result: T | Work<T>): result is Work<T> =>
  typeof (result as Partial<Work<T>>).next === "function";
