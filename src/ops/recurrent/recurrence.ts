import { isFloat } from "../../dtype.ts";
import { disagree, mapDims, showDims } from "../../graph/dims.ts";
import type { Dim, Fact } from "../../graph/graph.ts";
import { spend } from "../../interruptible.ts";
import type { TensorData } from "../../tensor.ts";
import { factOf, float, floats, int, placesOf, string, strings, type TensorsOf } from "../define.ts";
import { checkAlike } from "../elementwise/dtypes.ts";
import { fromNumbers, type Numbers, toNumberArray, toNumbers } from "../shared/elements.ts";
import { type ActivationAttributes, type CellActivation, cellActivations } from "./recurrent-activations.ts";

/** The inputs of GRU and RNN. */
export const RECURRENT_INPUTS = ["X", "W", "R", "B?", "sequence_lens?", "initial_h?"] as const;
export const LSTM_INPUTS = [...RECURRENT_INPUTS, "initial_c?", "P?"] as const;
export const RECURRENT = placesOf(LSTM_INPUTS);

/** The attributes that LSTM, GRU and RNN share; `outputSequence` is opset 1's. */
export const recurrentAttributes = {
  activationAlpha: floats(),
  activationBeta: floats(),
  activations: strings(),
  clip: float(),
  direction: string("forward"),
  hiddenSize: int(),
  layout: int(0),
  outputSequence: int(0),
};

export interface RecurrentAttributes extends ActivationAttributes {
  readonly direction: string;
  readonly hiddenSize: number | undefined;
  readonly layout: number;
}

interface Failing {
  readonly attributes: RecurrentAttributes;
  fail(message: string): never;
}

/** Which way each direction of the layer walks. */
export function directionsOf(context: Failing): readonly ("forward" | "reverse")[] {
  const { direction } = context.attributes;
  if (direction === "bidirectional") return ["forward", "reverse"];
  if (direction === "forward" || direction === "reverse") return [direction];
  return context.fail(`direction ${JSON.stringify(direction)} is none of forward, reverse, bidirectional`);
}

/** The inferring context as far as it is needed here. */
interface Inferring extends Failing {
  readonly outputCount: number;
  readonly inputs: readonly (Fact | undefined)[];
  fact(index: number): Fact;
  dims(index: number): readonly Dim[] | undefined;
  failType(message: string): never;
}

/** Facts of Y and as many final states as the operator has, from X, W [directions, gates·hidden, input] and R. */
export function inferRecurrent(context: Inferring, gates: number, states: number): Fact[] {
  const { dtype } = context.fact(0);
  if (!isFloat(dtype)) context.failType(`X must be floating point, got ${dtype}`);
  const { sequence_lens: _, ...alike } = RECURRENT;
  checkAlike(context, alike);
  const count = directionsOf(context).length;
  const [x, w, r] = [context.dims(RECURRENT.X), context.dims(RECURRENT.W), context.dims(RECURRENT.R)];
  for (const [name, dims] of Object.entries({ X: x, W: w, R: r })) {
    if (dims !== undefined && dims.length !== 3) context.fail(`${name} must have rank 3, got [${dims}]`);
  }
  const hidden = r?.[2] ?? context.attributes.hiddenSize ?? "?";
  const expect = (what: string, have: Dim | undefined, want: Dim | undefined) => {
    if (typeof have === "number" && typeof want === "number" && have !== want) {
      context.fail(`${what} must be ${want}, got ${have}`);
    }
  };
  const rows = typeof hidden === "number" ? gates * hidden : undefined;
  expect("hidden_size", context.attributes.hiddenSize, hidden);
  expect("directions of W", w?.[0], count);
  expect("directions of R", r?.[0], count);
  expect("rows of W", w?.[1], rows);
  expect("rows of R", r?.[1], rows);
  expect("columns of W", w?.[2], x?.[2]);
  expect("columns of R", r?.[2], hidden);
  const [first = "?", second = "?"] = x ?? [];
  const batchFirst = context.attributes.layout !== 0;
  const times = (factor: number): Dim => mapDims((size) => factor * size, hidden);
  const state: Dim[] = batchFirst ? [first, count, hidden] : [count, second, hidden];
  const operands: [keyof typeof RECURRENT, Dim[]][] = [
    ["B", [count, times(2 * gates)]],
    ["sequence_lens", [batchFirst ? first : second]],
    ["initial_h", state],
    ["initial_c", state],
    ["P", [count, times(3)]],
  ];
  for (const [name, want] of operands) {
    const dims = context.dims(RECURRENT[name]);
    if (dims !== undefined && disagree(dims, want))
      context.fail(`${name} must be ${showDims(want)}, got ${showDims(dims)}`);
  }
  const y = batchFirst ? [first, second, count, hidden] : [first, count, second, hidden];
  const facts = [factOf(dtype, y)];
  for (let i = 0; i < states; i++) facts.push(factOf(dtype, state));
  return facts;
}

/** The evaluating context as far as it is needed here. */
interface Evaluating extends Failing {
  tensors(): TensorsOf<typeof RECURRENT_INPUTS> & Partial<TensorsOf<typeof LSTM_INPUTS>>;
}

/** One direction of a layer while it runs. Offsets of the direction's part lie in `wAt`, `rAt`, `bAt`, `pAt`. */
export interface Direction {
  readonly hidden: number;
  readonly r: Numbers;
  readonly rAt: number;
  /** `[Wb, Rb]`, each gates·hidden long; absent: no bias. */
  readonly b: Numbers | undefined;
  readonly bAt: number;
  /** Peepholes of LSTM. */
  readonly p: Numbers | undefined;
  readonly pAt: number;
  readonly activations: readonly CellActivation[];
}

/**
 * One step of one sequence: `gates` holds W·x + Wb and may be overwritten; `h` (and `c`) hold the state of all
 * sequences, this one's from `at` on, and are updated.
 */
export type Cell = (
  direction: Direction,
  gates: Float64Array,
  h: Float64Array,
  c: Float64Array,
  at: number,
) => void;

export interface CellKind {
  readonly gates: number;
  readonly states: 1 | 2;
  readonly defaultActivations: readonly string[];
  /** The activation that `clip` leaves alone. */
  readonly unclipped?: number;
}

/** R's row `row` times the state. */
export function recur(direction: Direction, row: number, h: Float64Array, at: number): number {
  const { r, rAt, hidden } = direction;
  const from = rAt + row * hidden;
  let sum = 0;
  for (let i = 0; i < hidden; i++) sum += (r[from + i] as number) * (h[at + i] as number);
  return sum;
}

/** The recurrence bias of a gate's unit. */
export const recurrenceBias = (direction: Direction, gates: number, row: number): number =>
  direction.b === undefined ? 0 : (direction.b[direction.bAt + gates * direction.hidden + row] as number);

/** Runs a layer: Y and the final states, in the layout that the attribute names. */
export function runRecurrent(context: Evaluating, kind: CellKind, cell: Cell): TensorData[] {
  const { X: x, W: w, R: r, B: b, P: peepholes, ...given } = context.tensors();
  const batchFirst = context.attributes.layout !== 0;
  const [first, second, input] = x.dims as [number, number, number];
  const [batch, steps] = batchFirst ? [first, second] : [second, first];
  const hidden = r.dims[2] as number;
  const rows = kind.gates * hidden;
  const directions = directionsOf(context);
  const count = directions.length;
  const lengths = sequenceLengths(context, given.sequence_lens, batch, steps);
  const activations = cellActivations(context, kind.defaultActivations, count, kind.unclipped);
  const initial = [given.initial_h, given.initial_c];
  const [xs, ws, rs] = [toNumbers(x), toNumbers(w), toNumbers(r)];
  const [bs, ps] = [b && toNumbers(b), peepholes && toNumbers(peepholes)];
  const states = initial.map((state) => (state === undefined ? undefined : toNumbers(state)));

  const y = new Float64Array(steps * count * batch * hidden);
  const finals = [
    new Float64Array(count * batch * hidden),
    new Float64Array(count * batch * hidden),
  ] as const;
  const stateAt = (d: number, n: number) => (batchFirst ? n * count + d : d * batch + n) * hidden;
  const gates = new Float64Array(rows);
  directions.forEach((way, d) => {
    const direction: Direction = {
      hidden,
      r: rs,
      rAt: d * rows * hidden,
      b: bs,
      bAt: d * 2 * rows,
      p: ps,
      pAt: d * 3 * hidden,
      activations: activations[d] as CellActivation[],
    };
    for (let n = 0; n < batch; n++) {
      const at = stateAt(d, n);
      const [h, c] = finals;
      const length = lengths[n] as number;
      // An empty sequence leaves zeros, not the initial state, as onnxruntime does.
      if (length === 0) continue;
      finals.forEach((final, s) => {
        const from = states[s];
        if (from !== undefined) for (let i = 0; i < hidden; i++) final[at + i] = from[at + i] as number;
      });
      for (let s = 0; s < length; s++) {
        const t = way === "forward" ? s : length - 1 - s;
        spend(rows * (input + hidden));
        const xAt = (batchFirst ? n * steps + t : t * batch + n) * input;
        for (let row = 0; row < rows; row++) {
          const from = (d * rows + row) * input;
          let sum = bs === undefined ? 0 : (bs[direction.bAt + row] as number);
          for (let i = 0; i < input; i++) sum += (ws[from + i] as number) * (xs[xAt + i] as number);
          gates[row] = sum;
        }
        cell(direction, gates, h, c, at);
        const yAt = (batchFirst ? (n * steps + t) * count + d : (t * count + d) * batch + n) * hidden;
        for (let i = 0; i < hidden; i++) y[yAt + i] = h[at + i] as number;
      }
    }
  });
  const yDims = batchFirst ? [batch, steps, count, hidden] : [steps, count, batch, hidden];
  const stateDims = batchFirst ? [batch, count, hidden] : [count, batch, hidden];
  const results = [fromNumbers(x.dtype, yDims, y)];
  for (const final of finals.slice(0, kind.states)) results.push(fromNumbers(x.dtype, stateDims, final));
  return results;
}

function sequenceLengths(
  context: Failing,
  given: TensorData | undefined,
  batch: number,
  steps: number,
): number[] {
  if (given === undefined) return new Array<number>(batch).fill(steps);
  const lengths = toNumberArray(given);
  if (lengths.length !== batch || lengths.some((length) => length < 0 || length > steps)) {
    context.fail(`sequence_lens [${lengths}] must be ${batch} lengths of 0 to ${steps}`);
  }
  return lengths;
}
