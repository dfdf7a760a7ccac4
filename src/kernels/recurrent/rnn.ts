import { RECURRENT, type RecurrentAttributes } from "../../ops/recurrent/recurrence.ts";
import type { Address } from "../arguments.ts";
import type { LowerContext } from "../context.ts";
import { unaryCode } from "../contract.ts";
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

/** One direction: each step's product writes the next state, to Y where that is wanted. */
function emitDirection<A>(context: LowerContext<A>, shape: LayerShape, d: number): void {
  const { batch, hidden, directions } = shape;
  const count = batch * hidden;
  const bias = packedBias(context, "sum", d, hidden, (w, r) => w + r);
  const projected = projectInputs(context, shape, d, bias);
  const r = packedWeight(context, context.input(RECURRENT.R), d, 0, hidden);
  const scratch = gemmScratch(context, hidden);
  const states = [context.scratch(count * 4), context.scratch(count * 4)];
  let state: Address = states[0] as Address;
  initialState(context, RECURRENT.initial_h, d, count, state);
  const [y, finalH] = [outputAt(context, 0), outputAt(context, 1)];
  timesOf(shape, directions[d] as "forward" | "reverse").forEach((t, step) => {
    const x = advance(projected, t * count);
    const spare = states[(step + 1) % 2] as Address;
    const next = y === undefined ? spare : context.at(y, (t * directions.length + d) * count);
    const tail = [0, x, hidden, unaryCode.tanh, 0, 0, scratch] as const;
    context.call("f32_gemm", state, hidden, r, next, hidden, batch, hidden, hidden, ...tail);
    state = next;
  });
  if (finalH !== undefined) copyElements(context, state, context.at(finalH, d * count), count);
}

/** All inputs by one product, then a small product with tanh behind it at each step. */
export const rnn: Lowering<RecurrentAttributes, LayerShape> = {
  name: "steps",
  resolve: (site) => layerOf(site, 1, ["Tanh"]),
  emit(context, shape) {
    for (let d = 0; d < shape.directions.length; d++) emitDirection(context, shape, d);
  },
};
