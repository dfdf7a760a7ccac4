import { booleanOf, COUNT, functionOf, numberIn, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Callback, EpochReport, FitControl } from "./fit.ts";

/** A number of an epoch's report: `"validation.accuracy"`, `"training.loss"`, … */
export type Watched = `${"training" | "validation"}.${string}`;

/** Which number of an epoch's report decides. */
export interface WatchOptions {
  /** Default `"validation.loss"`. */
  readonly watch?: Watched;
  /** Whether more is better; by default as the metric says, and less for the loss. */
  readonly higherIsBetter?: boolean;
}

interface Best {
  /** Forgets what was; a UsageError where what is to be watched is not there. */
  start(control: FitControl): void;
  /** Whether an epoch is better than all before it; one whose number is NaN never is. */
  beats(report: EpochReport): boolean;
}

/** Keeps the best value seen; `by` names whose options these are. */
function best(by: string, options: WatchOptions): Best {
  const { watch = "validation.loss", higherIsBetter } = options;
  if (higherIsBetter !== undefined) booleanOf(`${by}: higherIsBetter`, higherIsBetter);
  const [, part, name] = /^(training|validation)\.(.+)$/s.exec(watch) ?? [];
  if (part === undefined || name === undefined)
    throw new UsageError(
      `${by}: watch must be "training." or "validation." and a name behind it, got ${JSON.stringify(watch)}`,
    );
  let up = false;
  let held: number | undefined;
  return {
    start({ trainer, validation }) {
      held = undefined;
      const metric = trainer.options.metrics?.find((one) => one.name === name);
      const known = name === "loss" || metric !== undefined;
      if (!known || (part === "validation" && validation === undefined))
        throw new UsageError(
          `${by}: there will be no ${watch}: ${known ? "fit has no validation data" : "the trainer has no such metric"}`,
        );
      up = higherIsBetter ?? metric?.higherIsBetter ?? false;
    },
    beats(report) {
      const value = report[part as "training" | "validation"]?.[name];
      if (value === undefined || Number.isNaN(value)) return false;
      if (held !== undefined && !(up ? value > held : value < held)) return false;
      held = value;
      return true;
    },
  };
}

/**
 * Stops when what is watched has not become better for `patience` epochs, and goes back to the best weights.
 *
 * @param options.patience - 5 by default.
 * @param options.restoreBest - Whether to go back; true by default.
 */
export function earlyStopping(
  options: WatchOptions & { readonly patience?: number; readonly restoreBest?: boolean } = {},
): Callback {
  const { patience = 5, restoreBest = true } = objectOf("earlyStopping: the options", options);
  numberIn("earlyStopping: patience", patience, { from: 0, whole: true });
  booleanOf("earlyStopping: restoreBest", restoreBest);
  const watched = best("earlyStopping", options);
  let since = 0;
  let kept: Uint8Array | undefined;
  return {
    onStart(control) {
      since = 0;
      kept = undefined;
      watched.start(control);
    },
    onEpoch(report, control) {
      if (watched.beats(report)) {
        since = 0;
        if (restoreBest) kept = control.checkpoint();
      } else if (++since >= patience) control.stop();
    },
    onEnd(control) {
      if (kept !== undefined) control.trainer.restore(kept);
      kept = undefined;
    },
  };
}

/**
 * Hands a checkpoint to `save` after every `every` epochs, or only after those that are the best so far.
 *
 * @param options.every - 1 by default.
 * @param options.bestOnly - Whether only the best are handed over; false by default.
 */
export function checkpoints(
  save: (bytes: Uint8Array, report: EpochReport) => void | Promise<void>,
  options: WatchOptions & { readonly every?: number; readonly bestOnly?: boolean } = {},
): Callback {
  const { every = 1, bestOnly = false } = objectOf("checkpoints: the options", options);
  functionOf("checkpoints: save", save);
  numberIn("checkpoints: every", every, COUNT);
  booleanOf("checkpoints: bestOnly", bestOnly);
  const watched = best("checkpoints", options);
  return {
    onStart(control) {
      if (bestOnly) watched.start(control);
    },
    async onEpoch(report, control) {
      const due = bestOnly ? watched.beats(report) : (report.epoch + 1) % every === 0;
      if (due) await save(control.checkpoint(), report);
    },
  };
}
