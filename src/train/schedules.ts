import { UsageError } from "../errors.ts";

/** Where training stands: updates done before, updates in an epoch, epochs in all. */
export interface Progress {
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
}

/** The learning rate of the next update. */
export type Schedule = (progress: Progress) => number;

const rateOf = (rate: number | Schedule): Schedule => (typeof rate === "number" ? () => rate : rate);

/** How far training has come, from 0 to 1. */
const fraction = ({ step, stepsPerEpoch, epochs }: Progress): number =>
  Math.min(1, step / Math.max(1, stepsPerEpoch * epochs - 1));

/** Multiplied by `factor` after every `every` epochs, or at each of the epochs in `at`. */
export function stepDecay(options: {
  readonly learningRate: number;
  readonly factor?: number;
  readonly every?: number;
  readonly at?: readonly number[];
}): Schedule {
  const { learningRate, factor = 0.1, every, at } = options;
  if ((every === undefined) === (at === undefined))
    throw new UsageError("stepDecay needs either every or at");
  return ({ step, stepsPerEpoch }) => {
    const epoch = Math.floor(step / stepsPerEpoch);
    const times =
      at === undefined ? Math.floor(epoch / (every as number)) : at.filter((e) => epoch >= e).length;
    return learningRate * factor ** times;
  };
}

/** From `learningRate` to `least` along half a cosine (Loshchilov and Hutter 2017, without restarts). */
export function cosine(options: { readonly learningRate: number; readonly least?: number }): Schedule {
  const { learningRate, least = 0 } = options;
  return (progress) => least + ((learningRate - least) * (1 + Math.cos(Math.PI * fraction(progress)))) / 2;
}

/**
 * One cycle (Smith and Topin 2019): up from `learningRate`/`startDivisor` along half a cosine during the first `rise` of
 * training, then down to `learningRate`/`endDivisor`.
 */
export function oneCycle(options: {
  readonly learningRate: number;
  readonly rise?: number;
  readonly startDivisor?: number;
  readonly endDivisor?: number;
}): Schedule {
  const { learningRate, rise = 0.3, startDivisor = 25, endDivisor = 1e4 } = options;
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
  const schedule = rateOf(rate);
  return (progress) => schedule(progress) * Math.min(1, (progress.step + 1) / Math.max(1, steps));
}

/** A number is the schedule that stays there. */
export const toSchedule = (rate: number | Schedule): Schedule => {
  if (typeof rate === "number" && !(rate >= 0 && Number.isFinite(rate)))
    throw new UsageError(`learningRate must be a finite number, 0 or more, got ${rate}`);
  return rateOf(rate);
};
