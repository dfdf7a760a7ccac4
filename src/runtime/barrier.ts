// The barrier that all parts of a run meet at after every step.
import { WorkerError } from "./threading.ts";

/** Bytes of a session's control block, and the words in it. */
export const CONTROL_BYTES = 64;
const ARRIVED = 0;
/** Twice the number of times that all have met; odd where they were to part then. */
const GENERATION = 1;
const FAILED = 2;
/** Set by the main thread before it arrives: after this meeting the others leave the run. */
export const PARTING = 3;
/** How many have taken up the run that began last. */
export const PRESENT = 4;

/** Looks at the generation this often before it waits; about 50 µs. */
const SPINS = 20_000;

export const controlView = (memory: WebAssembly.Memory, address: number): Int32Array =>
  new Int32Array(memory.buffer, address, CONTROL_BYTES / 4);

/** Tells that this part has taken up the run. */
export const takeUp = (control: Int32Array): number => Atomics.add(control, PRESENT, 1);

/** Tells the others that this part cannot go on: none of them ever will. */
export function failControl(control: Int32Array): void {
  Atomics.store(control, FAILED, 1);
  Atomics.notify(control, GENERATION);
}

/**
 * Returns when all `parts` have called it: spins first, then waits where the thread may (a browser's main thread may
 * not). Gives whether they part here. `waiting` is called now and then, and throws where there is nothing to wait for;
 * so does this, a WorkerError, when another part has failed.
 */
export function meet(control: Int32Array, parts: number, mayWait: boolean, waiting?: () => void): boolean {
  const generation = Atomics.load(control, GENERATION);
  if (Atomics.add(control, ARRIVED, 1) === parts - 1) {
    const next = ((generation | 1) + 1 + Atomics.exchange(control, PARTING, 0)) | 0;
    Atomics.store(control, ARRIVED, 0);
    Atomics.store(control, GENERATION, next);
    Atomics.notify(control, GENERATION);
    return (next & 1) === 1;
  }
  let now = Atomics.load(control, GENERATION);
  for (let i = 0; i < SPINS && now === generation; i++) now = Atomics.load(control, GENERATION);
  while (now === generation) {
    if (Atomics.load(control, FAILED) !== 0) throw new WorkerError("a thread failed while it ran a kernel");
    waiting?.();
    if (mayWait) Atomics.wait(control, GENERATION, generation, 100);
    now = Atomics.load(control, GENERATION);
  }
  return (now & 1) === 1;
}
