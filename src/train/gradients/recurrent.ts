import { fromNumbers } from "../../ops/shared/elements.ts";
import { elementCount } from "../../tensor.ts";
import { type Algebra, algebra } from "./algebra.ts";
import type { GradientContext, GradientRule, GradientRules } from "./define.ts";

/*
 * Back through time (Werbos 1990). What the gates were is worked out again for all steps at once, since Y has the state before
 * each; only what goes from step to step is unrolled, as nodes on [1, batch, …]. A cell's part is a table of slopes for all
 * steps and the few nodes of one.
 */

/** What a cell knows of the forward pass; values are [steps, batch, …] where nothing else is said. */
interface Forward {
  readonly context: GradientContext;
  readonly a: Algebra;
  readonly steps: number;
  /** The gates' pieces of W·x + Wb, in the operator's order. */
  readonly byInput: readonly string[];
  /** Those of R·h + Rb. */
  readonly byState: readonly string[];
  /** States before and after each step. */
  readonly before: string;
  readonly after: string;
}

/** What comes back into a step from those behind it, [1, batch, hidden]; nothing there counts as zeros. */
interface Coming {
  readonly dh: string;
  readonly dc: string | undefined;
}

interface StepSlopes {
  /** By W·x + Wb and by R·h + Rb, [1, batch, gates·hidden]. */
  readonly byInput: string;
  readonly byState: string;
  /** By the state before, but for the way through R. */
  readonly dh?: string;
  /** By the cell before. */
  readonly dc?: string;
}

interface Cell {
  readonly gates: number;
  readonly activations: readonly string[];
  /** Readies the slopes of all steps; gives what takes one step back. */
  back(forward: Forward): (step: number, coming: Coming) => StepSlopes;
}

/** Gate h = tanh(Wx + Rh). */
const plain: Cell = {
  gates: 1,
  activations: ["Tanh"],
  back({ context, a, steps, after }) {
    const slopes = parts(context, a.sub(1, a.square(after)), 0, steps);
    return (step, { dh }) => {
      const slope = a.mul(dh, slopes[step] as string);
      return { byInput: slope, byState: slope };
    };
  },
};

/** Gates z, r, h; h' = (1 − z)·g + z·h with g = tanh(Wx + r·(Rh)), as cuDNN has it (linear_before_reset). */
const gru: Cell = {
  gates: 3,
  activations: ["Sigmoid", "Tanh"],
  back({ context, a, steps, byInput, byState, before }) {
    if (context.attributes.linearBeforeReset !== 1)
      return context.decline("its linear_before_reset is not 1");
    const [update, reset] = [0, 1].map((i) =>
      a.of("Sigmoid", a.add(byInput[i] as string, byState[i] as string)),
    ) as [string, string];
    const candidate = a.of("Tanh", a.add(byInput[2] as string, a.mul(reset, byState[2] as string)));
    const byUpdate = a.mul(a.sub(before, candidate), sigmoidSlope(a, update));
    const byCandidate = a.mul(a.sub(1, update), a.sub(1, a.square(candidate)));
    const byReset = a.mul(a.mul(byCandidate, byState[2] as string), sigmoidSlope(a, reset));
    const table = (last: string): readonly string[] =>
      parts(context, context.emit("Concat", [byUpdate, byReset, last], { axis: 2 }), 0, steps);
    const [ofInput, ofState] = [table(byCandidate), table(a.mul(byCandidate, reset))];
    const kept = parts(context, update, 0, steps);
    return (step, { dh }) => {
      const thrice = context.emit("Concat", [dh, dh, dh], { axis: 2 });
      return {
        byInput: a.mul(thrice, ofInput[step] as string),
        byState: a.mul(thrice, ofState[step] as string),
        dh: a.mul(dh, kept[step] as string),
      };
    };
  },
};

/** Gates i, o, f, c; c' = f·c + i·g, h' = o·tanh(c'). */
const lstm: Cell = {
  gates: 4,
  activations: ["Sigmoid", "Tanh", "Tanh"],
  back({ context, a, steps, byInput, byState, before }) {
    if (context.attributes.inputForget === 1) return context.decline("its gates are coupled (input_forget)");
    if (context.x(7) !== "") return context.decline("it has peepholes");
    const gate = (op: string, i: number): string =>
      a.of(op, a.add(byInput[i] as string, byState[i] as string));
    const [input, output, forget] = [0, 1, 2].map((i) => gate("Sigmoid", i)) as [string, string, string];
    const candidate = gate("Tanh", 3);
    const forgets = parts(context, forget, 0, steps);
    const added = parts(context, a.mul(input, candidate), 0, steps);
    const [, batch, hidden] = context.dims(before) as [number, number, number];
    const cells = [context.x(6) || nothing(context, [1, batch, hidden], before)];
    for (let step = 0; step < steps; step++)
      cells.push(a.add(a.mul(forgets[step] as string, cells[step] as string), added[step] as string));
    const [past, present] = [joined(context, cells.slice(0, -1)), joined(context, cells.slice(1))];
    const squashed = a.of("Tanh", present);
    const table = context.emit(
      "Concat",
      [
        a.mul(candidate, sigmoidSlope(a, input)),
        a.mul(squashed, sigmoidSlope(a, output)),
        a.mul(past, sigmoidSlope(a, forget)),
        a.mul(input, a.sub(1, a.square(candidate))),
      ],
      { axis: 2 },
    );
    const slopes = parts(context, table, 0, steps);
    const toCell = parts(context, a.mul(output, a.sub(1, a.square(squashed))), 0, steps);
    return (step, coming) => {
      const { dh } = coming;
      const own = a.mul(dh, toCell[step] as string);
      const dc = coming.dc === undefined ? own : a.add(coming.dc, own);
      const all = context.emit("Concat", [dc, dh, dc, dc], { axis: 2 });
      const slope = a.mul(all, slopes[step] as string);
      return { byInput: slope, byState: slope, dc: a.mul(dc, forgets[step] as string) };
    };
  },
};

export const recurrentGradients: GradientRules = {
  RNN: throughTime(plain),
  GRU: throughTime(gru),
  LSTM: throughTime(lstm),
};

function throughTime(cell: Cell): GradientRule {
  return (context) => {
    checkForm(context, cell);
    const a = algebra(context);
    const [steps, batch, features] = context.dims(context.x()) as [number, number, number];
    const hidden = context.dims(context.x(2))[2] as number;
    const rows = cell.gates * hidden;
    const [w, r] = [a.reshape(context.x(1), [rows, features]), a.reshape(context.x(2), [rows, hidden])];
    const y = context.y() || context.emit(context.node.op, context.node.inputs, context.node.attributes);
    const after = a.reshape(y, [steps, batch, hidden]);
    const first = context.x(5) || nothing(context, [1, batch, hidden], after);
    const before = joined(context, [first, ...parts(context, after, 0, steps).slice(0, -1)]);
    const biases = context.x(3) === "" ? [] : parts(context, a.reshape(context.x(3), [2 * rows]), 0, 2);
    const product = (x: string, weights: string, bias: string | undefined): readonly string[] => {
      const turned = context.emit("Transpose", [weights], { perm: [1, 0] });
      const sums = context.emit("MatMul", [x, turned]);
      return parts(context, bias === undefined ? sums : a.add(sums, bias), 2, cell.gates);
    };
    const back = cell.back({
      ...{ context, a, steps, before, after },
      byInput: product(context.x(), w, biases[0]),
      byState: product(before, r, biases[1]),
    });

    const given = context.dy();
    const dys = given && parts(context, a.reshape(given, [steps, batch, hidden]), 0, steps);
    let [dh, dc] = [context.dy(1), context.dy(2)];
    const byInputs: string[] = [];
    const byStates: string[] = [];
    for (let step = steps - 1; step >= 0; step--) {
      const own = dys?.[step];
      const sum = dh !== undefined && own !== undefined ? a.add(dh, own) : (dh ?? own);
      const slopes = back(step, { dh: sum ?? nothing(context, [1, batch, hidden], after), dc });
      byInputs.unshift(slopes.byInput);
      byStates.unshift(slopes.byState);
      const past = context.emit("MatMul", [slopes.byState, r]);
      dh = slopes.dh === undefined ? past : a.add(past, slopes.dh);
      dc = slopes.dc;
    }
    const [byInput, byState] = [joined(context, byInputs), joined(context, byStates)];
    const flat = (x: string): string => a.reshape(x, [steps * batch, context.dims(x)[2] as number]);
    const byWeights = (slopes: string, x: string): string =>
      a.reshape(context.emit("Gemm", [flat(slopes), flat(x)], { transA: 1 }), [
        1,
        rows,
        context.dims(x)[2] as number,
      ]);
    const byBias = (): string => {
      const sums = [byInput, byState].map((slopes) => a.reshape(a.sum(slopes, [0, 1]), [1, rows]));
      return context.emit("Concat", sums, { axis: 1 });
    };
    return [
      context.wants(0) ? context.emit("MatMul", [byInput, w]) : undefined,
      context.wants(1) ? byWeights(byInput, context.x()) : undefined,
      context.wants(2) ? byWeights(byState, before) : undefined,
      context.wants(3) ? byBias() : undefined,
      undefined,
      context.wants(5) ? dh : undefined,
      context.wants(6) ? dc : undefined,
    ];
  };
}

/** Says what of the operators' many forms has no rule. */
function checkForm(context: GradientContext, cell: Cell): void {
  const { direction, layout, clip, activations } = context.attributes;
  if (direction !== "forward") context.decline(`its direction is ${direction}`);
  if (layout === 1) context.decline("its layout is 1");
  if (clip !== undefined) context.decline("it clips");
  if (context.x(4) !== "") context.decline("its sequences have lengths of their own");
  const named = activations as readonly string[] | undefined;
  if (named !== undefined && named.join().toLowerCase() !== cell.activations.join().toLowerCase())
    context.decline(`its activations are ${named.join(", ")}`);
}

/** A value cut into equal pieces along an axis. */
function parts(context: GradientContext, x: string, axis: number, count: number): readonly string[] {
  if (count === 1) return [x];
  const size = (context.dims(x)[axis] as number) / count;
  return context.emitAll("Split", [x, context.ints(new Array<number>(count).fill(size))], { axis }, count);
}

/** Values of single steps as one. */
const joined = (context: GradientContext, values: readonly string[]): string =>
  values.length === 1 ? (values[0] as string) : context.emit("Concat", values, { axis: 0 });

/** Zeros of the dtype of a value. */
const nothing = (context: GradientContext, dims: readonly number[], like: string): string =>
  context.tensor(fromNumbers(context.dtype(like), dims, new Float64Array(elementCount(dims))));

/** Of a sigmoid, by its value. */
const sigmoidSlope = (a: Algebra, value: string): string => a.mul(value, a.sub(1, value));
