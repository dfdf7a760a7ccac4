import { cubicWeight } from "./resize-tables.ts";

/** An element that a sample reads. */
export interface Tap {
  readonly index: number;
  readonly weight: number;
}

/** ONNX's bicubic coefficient in GridSample. */
const CUBIC_A = -0.75;

/** Folds a coordinate back into [low, high] as mirrors at both ends would. */
function reflect(x: number, low: number, high: number): number {
  const range = high - low;
  if (range === 0) return low;
  const distance = x < low ? low - x : x > high ? x - high : undefined;
  if (distance === undefined) return x;
  const turns = Math.trunc(distance / range);
  const rest = distance - turns * range;
  return x < low === (turns % 2 === 0) ? low + rest : high - rest;
}

/** The taps of one coordinate (-1 … 1) on an axis; those that zero padding takes weigh nothing. */
export function sampleAxis(
  coordinate: number,
  size: number,
  mode: string,
  paddingMode: string,
  alignCorners: boolean,
): Tap[] {
  const last = size - 1;
  const [low, high] = alignCorners ? [0, last] : [-0.5, last + 0.5];
  const plain = alignCorners ? ((coordinate + 1) / 2) * last : ((coordinate + 1) * size - 1) / 2;
  let x = Number.isFinite(plain) ? plain : -1;
  if (mode === "nearest") x = roundHalfEven(x);
  if (x < low || x > high) {
    if (paddingMode === "border" && mode !== "cubic") x = Math.max(0, Math.min(last, x));
    else if (paddingMode === "reflection") x = reflect(x, low, high);
  }
  const taps: Tap[] = [];
  const add = (at: number, weight: number) => {
    if (at >= 0 && at <= last) taps.push({ index: at, weight });
    else if (paddingMode === "border") taps.push({ index: Math.max(0, Math.min(last, at)), weight });
    else if (paddingMode === "reflection") {
      taps.push({ index: Math.max(0, Math.min(last, Math.trunc(reflect(at, low, high)))), weight });
    } else taps.push({ index: 0, weight: 0 });
  };
  const floor = Math.floor(x);
  if (mode === "nearest") add(Math.trunc(x), 1);
  else if (mode === "linear") {
    add(floor, floor + 1 - x);
    add(floor + 1, x - floor);
  } else for (let at = floor - 1; at <= floor + 2; at++) add(at, cubicWeight(at - x, CUBIC_A));
  return taps;
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
