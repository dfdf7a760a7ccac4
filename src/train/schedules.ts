import { arrayOf, COUNT, numberIn, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";

/** Where training stands: updates done before, updates in an epoch, epochs in all. */
export interface Progress {
  /** Updates done before. */
  readonly step: number;
  /** Updates in an epoch. */
  readonly stepsPerEpoch: number;
  /** Epochs in all. */
  readonly epochs: number;
}

/** The learning rate of the next update. */
export type Schedule = (progress: Progress) => number;

const RATE = { from: 0 };
const WHOLE = { from: 0, whole: true };

/** Where training stands, as it may be. */
function checked(progress: Progress): Progress {
  const { step, stepsPerEpoch, epochs } = objectOf("a schedule's progress", progress);
  numberIn("a schedule's step", step, RATE);
  numberIn("a schedule's stepsPerEpoch", stepsPerEpoch, { above: 0 });
  numberIn("a schedule's epochs", epochs, { above: 0 });
  return progress;
}

/** How far training has come, from 0 to 1. */
function fraction(progress: Progress): number {
  const { step, stepsPerEpoch, epochs } = checked(progress);
  return Math.min(1, step / Math.max(1, stepsPerEpoch * epochs - 1));
}

/** Multiplied by `factor` after every `every` epochs, or at each of the epochs in `at`. */
export function stepDecay(options: {
  /** The rate at the beginning. */
  readonly learningRate: number;
  /** 0.1 by default. */
  readonly factor?: number;
  /** Epochs from one step to the next. */
  readonly every?: number;
  /** The epochs, from 0, at whose beginning it steps. */
  readonly at?: readonly number[];
}): Schedule {
  const { learningRate, factor = 0.1, every, at } = objectOf("stepDecay: the options", options);
  numberIn("stepDecay: learningRate", learningRate, RATE);
  numberIn("stepDecay: factor", factor, RATE);
  if ((every === undefined) === (at === undefined))
    throw new UsageError("stepDecay needs either every or at");
  if (every !== undefined) numberIn("stepDecay: every", every, COUNT);
  if (at !== undefined)
    for (const epoch of arrayOf("stepDecay: at", at)) numberIn("stepDecay: an epoch of at", epoch, WHOLE);
  return (progress) => {
    const { step, stepsPerEpoch } = checked(progress);
    const epoch = Math.floor(step / stepsPerEpoch);
    const times =
      at === undefined ? Math.floor(epoch / (every as number)) : at.filter((e) => epoch >= e).length;
    return learningRate * factor ** times;
  };
}

/**
 * From `learningRate` to `least` along half a cosine (Loshchilov and Hutter 2017, without restarts).
 *
 * @param options.learningRate - The rate at the beginning.
 * @param options.least - The rate at the end; 0 by default.
 */
export function cosine(options: { readonly learningRate: number; readonly least?: number }): Schedule {
  const { learningRate, least = 0 } = objectOf("cosine: the options", options);
  numberIn("cosine: learningRate", learningRate, RATE);
  numberIn("cosine: least", least, RATE);
  return (progress) => least + ((learningRate - least) * (1 + Math.cos(Math.PI * fraction(progress)))) / 2;
}

/**
 * One cycle (Smith and Topin 2019): up from `learningRate`/`startDivisor` along half a cosine during the first `rise` of
 * training, then down to `learningRate`/`endDivisor`.
 */
export function oneCycle(options: {
  /** The rate at its highest. */
  readonly learningRate: number;
  /** The share of training in which it rises; 0.3 by default. */
  readonly rise?: number;
  /** 25 by default. */
  readonly startDivisor?: number;
  /** 10,000 by default. */
  readonly endDivisor?: number;
}): Schedule {
  const {
    learningRate,
    rise = 0.3,
    startDivisor = 25,
    endDivisor = 1e4,
  } = objectOf("oneCycle: the options", options);
  numberIn("oneCycle: learningRate", learningRate, RATE);
  numberIn("oneCycle: rise", rise, { from: 0, to: 1 });
  numberIn("oneCycle: startDivisor", startDivisor, { from: 1 });
  numberIn("oneCycle: endDivisor", endDivisor, { from: 1 });
  const between = (from: number, to: number, at: number): number =>
    to + ((from - to) * (1 + Math.cos(Math.PI * at))) / 2;
  return (progress) => {
    const at = fraction(progress);
    return at < rise
      ? between(learningRate / startDivisor, learningRate, at / rise)
      : between(learningRate, learningRate / endDivisor, rise === 1 ? 1 : (at - rise) / (1 - rise));
  };
}

/** Another schedule, its rate raised linearly from 0 during the first `steps` updates (Goyal et al. 2017). */
export function warmUp(steps: number, rate: number | Schedule): Schedule {
  numberIn("warmUp: steps", steps, WHOLE);
  const schedule = toSchedule("warmUp", rate);
  return (progress) => schedule(progress) * Math.min(1, (checked(progress).step + 1) / Math.max(1, steps));
}

/** A number is the schedule that stays there; `by` names whose rate it is. */
export function toSchedule(by: string, rate: number | Schedule): Schedule {
  if (typeof rate === "function") return rate;
  const fixed = numberIn(`${by}: learningRate`, rate, RATE);
  return () => fixed;
}

/** What a schedule says for an update; a UsageError where that is no learning rate. */
export const rateAt = (schedule: Schedule, progress: Progress): number =>
  numberIn(`the learning rate of update ${progress.step + 1}`, schedule(checked(progress)), RATE);
