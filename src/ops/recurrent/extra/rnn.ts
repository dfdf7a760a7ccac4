import { defineOp } from "../../define.ts";
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

const kind: CellKind = { gates: 1, states: 1, defaultActivations: ["Tanh"] };

const cell: Cell = (direction, gates, h, _c, at) => {
  const { hidden, activations } = direction;
  const [f] = activations as [(x: number) => number];
  for (let i = 0; i < hidden; i++) {
    gates[i] = f((gates[i] as number) + recur(direction, i, h, at) + recurrenceBias(direction, 1, i));
  }
  h.set(gates, at);
};

/**
 * RNN: H = f(W·x + R·H + b) over a sequence.
 * https://onnx.ai/onnx/operators/onnx__RNN.html
 */
export const rnn = defineOp({
  type: "RNN",
  since: [1, 7, 14, 22],
  inputs: RECURRENT_INPUTS,
  outputs: ["Y?", "Y_h?"],
  attributes: recurrentAttributes,
  macs: recurrenceMacs,
  infer: (context) => inferRecurrent(context, kind.gates, kind.states),
  evaluate: (context) => runRecurrent(context, kind, cell),
});
