import { RECURRENT, type RecurrentAttributes } from "../../ops/recurrent/recurrence.ts";
import type { Address } from "../arguments.ts";
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

const GATES = 4;

interface LstmAttributes extends RecurrentAttributes {
  readonly inputForget: number;
}

/** Peepholes of direction `d`, or 0. */
function peepholesOf<A>(context: LowerContext<A>, d: number, hidden: number): Address {
  const peepholes = context.inputs[RECURRENT.P];
  if (peepholes === undefined) return 0;
  return context.packed(peepholes, `peepholes ${d}`, Float32Array, 3 * hidden, (source, target) =>
    target.set((source.data as Float32Array).subarray(d * 3 * hidden, (d + 1) * 3 * hidden)),
  );
}

/**
 * One direction: the hidden state is written straight to Y where that is wanted, and read from there by the next step.
 */
function emitDirection<A>(context: LowerContext<A>, shape: LayerShape, d: number): void {
  const { batch, hidden, directions } = shape;
  const rows = GATES * hidden;
  const count = batch * hidden;
  const bias = packedBias(context, "sum", d, rows, (w, r) => w + r);
  const projected = projectInputs(context, shape, d, bias);
  const r = packedWeight(context, context.input(RECURRENT.R), d, 0, rows);
  const peepholes = peepholesOf(context, d, hidden);
  const scratch = gemmScratch(context, rows);
  const gates = context.scratch(batch * rows * 4);
  const cell = context.scratch(count * 4);
  let state: Address = context.scratch(count * 4);
  initialState(context, RECURRENT.initial_h, d, count, state);
  initialState(context, RECURRENT.initial_c, d, count, cell);
  const [y, finalH, finalC] = [outputAt(context, 0), outputAt(context, 1), outputAt(context, 2)];
  for (const t of timesOf(shape, directions[d] as "forward" | "reverse")) {
    const x = advance(projected, t * batch * rows);
    context.call(
      "f32_gemm",
      state,
      hidden,
      r,
      gates,
      rows,
      batch,
      rows,
      hidden,
      0,
      x,
      rows,
      0,
      0,
      0,
      scratch,
    );
    if (y !== undefined) state = context.at(y, (t * directions.length + d) * count);
    context.call("f32_lstm_gates", gates, peepholes, cell, state, batch, hidden);
  }
  if (finalH !== undefined) copyElements(context, state, context.at(finalH, d * count), count);
  if (finalC !== undefined) copyElements(context, cell, context.at(finalC, d * count), count);
}

/** All inputs by one product, then a small product and the gates at each step. */
export const lstm: Lowering<LstmAttributes, LayerShape> = {
  name: "steps",
  resolve: (site) => site.attributes.inputForget === 0 && layerOf(site, GATES, ["Sigmoid", "Tanh", "Tanh"]),
  emit(context, shape) {
    for (let d = 0; d < shape.directions.length; d++) emitDirection(context, shape, d);
  },
};
