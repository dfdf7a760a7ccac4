import { clock, progressLine } from "../progress.ts";
import { rateText } from "./summary.ts";

/** How often a log, which is no terminal, gets a line. */
const LOG_EVERY_MS = 30_000;

/**
 * Shows how far a batch is and how long the rest will take, on stderr: on a terminal as one line that moves, else as a line
 * now and then.
 */
export function batchProgress(
  pictures: number,
  before: number,
): { done(failed: boolean): void; end(): void } {
  const line = progressLine();
  const began = performance.now();
  let logged = began;
  let done = 0;
  let failed = 0;
  return {
    done(isFailure) {
      done++;
      if (isFailure) failed++;
      const now = performance.now();
      const rate = done / ((now - began) / 1000);
      const left = pictures - before - done;
      const text = [
        `${before + done} of ${pictures}`,
        rateText(rate),
        `${clock(left / rate)} left`,
        ...(failed === 0 ? [] : [`${failed} failed`]),
      ].join("  ");
      line.update(text, (before + done) / pictures);
      if (process.stderr.isTTY || now - logged < LOG_EVERY_MS) return;
      logged = now;
      process.stderr.write(`${text}\n`);
    },
    end: () => line.done(),
  };
}
