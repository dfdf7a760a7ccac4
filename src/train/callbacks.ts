import { UsageError } from "../errors.ts";
import type { Callback, EpochReport } from "./fit.ts";

/** A number of an epoch's report: `"validation.accuracy"`, `"training.loss"`, … */
export type Watched = `${"training" | "validation"}.${string}`;

interface WatchOptions {
  /** Default `"validation.loss"`. */
  readonly watch?: Watched;
  /** Whether more is better; by default only the loss and errors should shrink. */
  readonly higherIsBetter?: boolean;
}

/** Keeps the best value seen; `better` says whether an epoch beats it. */
function best({ watch = "validation.loss", higherIsBetter }: WatchOptions): (report: EpochReport) => boolean {
  const [part, name] = watch.split(".", 2) as ["training" | "validation", string];
  const up = higherIsBetter ?? !/loss|error/.test(name);
  let held: number | undefined;
  return (report) => {
    const value = report[part]?.[name];
    if (value === undefined) throw new UsageError(`${watch}: an epoch's report has no such number`);
    if (held !== undefined && !(up ? value > held : value < held)) return false;
    held = value;
    return true;
  };
}

/** Stops when what is watched has not become better for `patience` epochs, and goes back to the best weights. */
export function earlyStopping(
  options: WatchOptions & { readonly patience?: number; readonly restoreBest?: boolean } = {},
): Callback {
  const { patience = 5, restoreBest = true } = options;
  const isBest = best(options);
  let since = 0;
  let kept: Uint8Array | undefined;
  return {
    onEpoch(report, control) {
      if (isBest(report)) {
        since = 0;
        if (restoreBest) kept = control.checkpoint();
      } else if (++since >= patience) control.stop();
    },
    onEnd(control) {
      if (kept !== undefined) control.trainer.restore(kept);
    },
  };
}

/** Hands a checkpoint to `save` after every `every` epochs, or only after those that are the best so far. */
export function checkpoints(
  save: (bytes: Uint8Array, report: EpochReport) => void | Promise<void>,
  options: WatchOptions & { readonly every?: number; readonly bestOnly?: boolean } = {},
): Callback {
  const { every = 1, bestOnly = false } = options;
  const isBest = best(options);
  return {
    async onEpoch(report, control) {
      const due = bestOnly ? isBest(report) : (report.epoch + 1) % every === 0;
      if (due) await save(control.checkpoint(), report);
    },
  };
}
