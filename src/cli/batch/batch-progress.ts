import { clock, type ProgressStream, progressLine } from "../progress.ts";
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
  stream: ProgressStream = process.stderr,
  now: () => number = performance.now.bind(performance),
): { done(failed: boolean): void; end(): void } {
  const line = progressLine(stream, now);
  const began = now();
  let logged = began;
  let done = 0;
  let failed = 0;
  return {
    done(isFailure) {
      done++;
      if (isFailure) failed++;
      const time = now();
      const rate = done / ((time - began) / 1000);
      const left = pictures - before - done;
      const text = [
        `${before + done} of ${pictures}`,
        rateText(rate),
        `${clock(left / rate)} left`,
        ...(failed === 0 ? [] : [`${failed} failed`]),
      ].join("  ");
      line.update(text, (before + done) / pictures);
      if (stream.isTTY || time - logged < LOG_EVERY_MS) return;
      logged = time;
      stream.write(`${text}\n`);
    },
    end: () => line.done(),
  };
}
