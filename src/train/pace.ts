import { signalOf } from "../arguments.ts";
import {
  eventLoopTurn,
  finish,
  finishInTurns,
  type Limits,
  MAX_TIMER_MS,
  type Work,
  watchOf,
} from "../interruptible.ts";

/** How work over many samples goes on: with turns of the event loop in between, until it is done or ended from outside. */
export interface Pace {
  /** Throws where the work may not go on. */
  check(): void;
  /** Whether the event loop has waited long enough. */
  due(): boolean;
  /** Lets the event loop run, timers included, then checks. */
  turn(): Promise<void>;
  /** Whether anything may end the work. */
  readonly limited: boolean;
  /** Does a piece of work, at one stretch or, where limits may end it, in turns with the event loop. */
  run<T>(work: Work<T>): T | Promise<T>;
  /** Waits for what others do, but no longer than the work may go on. */
  during<T>(others: Promise<T>): Promise<T>;
}

/** The event loop waits no longer at one stretch, but for single batches and samples that take longer. */
const SLICE_MS = 8;

/**
 * The pace under limits, whose time begins now. What throws is the signal's reason or a TimeoutError. Throws a
 * UsageError for limits that are none; `by` names whose they are.
 */
export function paceOf(by: string, { signal, timeoutMs }: Limits): Pace {
  signalOf(`${by}: signal`, signal);
  const watch = watchOf({ signal, timeoutMs });
  const end = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  let slice = performance.now() + SLICE_MS;
  const check = (): void => watch?.check();
  return {
    check,
    limited: watch !== undefined,
    run: (work) => (watch === undefined ? finish(work) : finishInTurns(work, watch)),
    due: () => performance.now() >= slice,
    async turn() {
      await eventLoopTurn();
      slice = performance.now() + SLICE_MS;
      check();
    },
    during(others) {
      if (watch === undefined) return others;
      return new Promise((resolve, reject) => {
        const look = (): void => {
          try {
            check();
          } catch (error) {
            settle();
            reject(error);
            return;
          }
          wait();
        };
        let timer: ReturnType<typeof setTimeout> | undefined;
        const wait = (): void => {
          const left = end - performance.now();
          if (left !== Number.POSITIVE_INFINITY)
            timer = setTimeout(look, Math.min(MAX_TIMER_MS, Math.ceil(left)));
        };
        const settle = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", look);
        };
        signal?.addEventListener("abort", look);
        others.then(resolve, reject).finally(settle);
        look();
      });
    },
  };
}
