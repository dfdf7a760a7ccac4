import { defineOp, int } from "../../define.ts";
import { recurrenceMacs } from "../../shared/macs.ts";
import {
  type Cell,
  type CellKind,
  inferRecurrent,
  RECURRENT_INPUTS,
  recur,
  recurrenceBias,
  recurrentAttributes,
  runRecurrent,
} from "../recurrence.ts";

const kind: CellKind = { gates: 3, states: 1, defaultActivations: ["Sigmoid", "Tanh"] };

/** Gates in order z (update), r (reset), h (candidate). */
const makeCell =
  (linearBeforeReset: boolean): Cell =>
  (direction, gates, h, _c, at) => {
    const { hidden, activations } = direction;
    const [f, g] = activations as [(x: number) => number, (x: number) => number];
    for (let row = 0; row < 2 * hidden; row++) {
      gates[row] = f(
        (gates[row] as number) + recur(direction, row, h, at) + recurrenceBias(direction, 3, row),
      );
    }
    const reset = new Float64Array(hidden);
    for (let i = 0; i < hidden; i++) reset[i] = (gates[hidden + i] as number) * (h[at + i] as number);
    for (let i = 0; i < hidden; i++) {
      const row = 2 * hidden + i;
      const bias = recurrenceBias(direction, 3, row);
      const past = linearBeforeReset
        ? (gates[hidden + i] as number) * (recur(direction, row, h, at) + bias)
        : recur(direction, row, reset, 0) + bias;
      gates[row] = g((gates[row] as number) + past);
    }
    for (let i = 0; i < hidden; i++) {
      const z = gates[i] as number;
      h[at + i] = (1 - z) * (gates[2 * hidden + i] as number) + z * (h[at + i] as number);
    }
  };

/**
 * GRU: a gated recurrent unit over a sequence; gates in order z, r, h.
 * https://onnx.ai/onnx/operators/onnx__GRU.html
 */
export const gru = defineOp({
  type: "GRU",
  since: [1, 3, 7, 14, 22],
  inputs: RECURRENT_INPUTS,
  outputs: ["Y?", "Y_h?"],
  attributes: { ...recurrentAttributes, linearBeforeReset: int(0) },
  macs: recurrenceMacs,
  infer: (context) => inferRecurrent(context, kind.gates, kind.states),
  evaluate: (context) => runRecurrent(context, kind, makeCell(context.attributes.linearBeforeReset !== 0)),
});
