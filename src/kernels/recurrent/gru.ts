import { RECURRENT, type RecurrentAttributes } from "../../ops/recurrent/recurrence.ts";
import type { LowerContext } from "../context.ts";
import type { Lowering } from "../lowering.ts";
import { advance, gemmScratch } from "../matrix/packing.ts";
import {
  copyElements,
  initialState,
  type LayerShape,
  layerOf,
  outputAt,
  packedBias,
  packedWeight,
  projectInputs,
  timesOf,
} from "./layer.ts";

const GATES = 3;

interface GruAttributes extends RecurrentAttributes {
  readonly linearBeforeReset: number;
}

/** One direction. Without linear_before_reset the candidate's product needs the reset gate: two products a step. */
function emitDirection(context: LowerContext<GruAttributes>, shape: LayerShape, d: number): void {
  const { batch, hidden, directions } = shape;
  const linear = context.attributes.linearBeforeReset !== 0;
  const rows = GATES * hidden;
  const first = linear ? rows : 2 * hidden;
  const count = batch * hidden;
  const projected = projectInputs(
    context,
    shape,
    d,
    packedBias(context, "w", d, rows, (w) => w),
  );
  const recurrenceBias = packedBias(context, "r", d, rows, (_, r) => r);
  const candidateBias =
    typeof recurrenceBias === "number" ? recurrenceBias : advance(recurrenceBias, 2 * hidden);
  const r = packedWeight(context, context.input(RECURRENT.R), d, 0, first);
  const rCandidate = linear
    ? undefined
    : packedWeight(context, context.input(RECURRENT.R), d, 2 * hidden, hidden);
  const scratch = gemmScratch(context, hidden);
  const gates = context.scratch(batch * rows * 4);
  const candidates = advance(gates, 2 * hidden);
  const state = context.scratch(count * 4);
  initialState(context, RECURRENT.initial_h, d, count, state);
  const [y, finalH] = [outputAt(context, 0), outputAt(context, 1)];
  const plain = [0, 0, 0, 0, 0, scratch] as const;
  for (const t of timesOf(shape, directions[d] as "forward" | "reverse")) {
    const x = advance(projected, t * batch * rows);
    context.call("f32_gemm", state, hidden, r, gates, rows, batch, first, hidden, recurrenceBias, ...plain);
    context.call("f32_gru_gates", x, gates, state, batch, hidden, linear ? 1 : 0);
    if (rCandidate !== undefined) {
      // The first call has left r ⊙ h in the r part of the inputs' gates.
      const reset = advance(x, hidden);
      context.call(
        "f32_gemm",
        reset,
        rows,
        rCandidate,
        candidates,
        rows,
        batch,
        hidden,
        hidden,
        candidateBias,
        ...plain,
      );
      context.call("f32_gru_gates", x, gates, state, batch, hidden, -1);
    }
    if (y !== undefined)
      copyElements(context, state, context.at(y, (t * directions.length + d) * count), count);
  }
  if (finalH !== undefined) copyElements(context, state, context.at(finalH, d * count), count);
}

/** All inputs by one product, then one or two small products and the gates at each step. */
export const gru: Lowering<GruAttributes, LayerShape> = {
  name: "steps",
  resolve: (site) => layerOf(site, GATES, ["Sigmoid", "Tanh"]),
  emit(context, shape) {
    for (let d = 0; d < shape.directions.length; d++) emitDirection(context, shape, d);
  },
};
