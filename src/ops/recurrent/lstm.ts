import { defineOp, int } from "../define.ts";
import { recurrenceMacs } from "../shared/macs.ts";
import {
  type Cell,
  type CellKind,
  type Direction,
  inferRecurrent,
  LSTM_INPUTS,
  recur,
  recurrenceBias,
  recurrentAttributes,
  runRecurrent,
} from "./recurrence.ts";

const kind: CellKind = {
  gates: 4,
  states: 2,
  defaultActivations: ["Sigmoid", "Tanh", "Tanh"],
  // The cell state enters its activation as it is, as in onnxruntime.
  unclipped: 2,
};

type Activations = [(x: number) => number, (x: number) => number, (x: number) => number];

/** Peephole weight of gate i (0), o (1) or f (2). */
const peephole = (direction: Direction, gate: number, i: number): number =>
  direction.p === undefined ? 0 : (direction.p[direction.pAt + gate * direction.hidden + i] as number);

/** Gates in order i, o, f, c. `inputForget` couples f to 1 - i. */
const makeCell =
  (inputForget: boolean): Cell =>
  (direction, gates, h, c, at) => {
    const { hidden, activations } = direction;
    const [f, g, activateCell] = activations as Activations;
    for (let row = 0; row < 4 * hidden; row++) {
      gates[row] = (gates[row] as number) + recur(direction, row, h, at) + recurrenceBias(direction, 4, row);
    }
    for (let i = 0; i < hidden; i++) {
      const past = c[at + i] as number;
      const input = f((gates[i] as number) + peephole(direction, 0, i) * past);
      const forget = inputForget
        ? 1 - input
        : f((gates[2 * hidden + i] as number) + peephole(direction, 2, i) * past);
      const cell = forget * past + input * g(gates[3 * hidden + i] as number);
      const output = f((gates[hidden + i] as number) + peephole(direction, 1, i) * cell);
      c[at + i] = cell;
      h[at + i] = output * activateCell(cell);
    }
  };

/**
 * LSTM: long short-term memory over a sequence; gates in order i, o, f, c, peepholes in order i, o, f.
 * https://onnx.ai/onnx/operators/onnx__LSTM.html
 */
export const lstm = defineOp({
  type: "LSTM",
  since: [1, 7, 14, 22],
  inputs: LSTM_INPUTS,
  outputs: ["Y?", "Y_h?", "Y_c?"],
  attributes: { ...recurrentAttributes, inputForget: int(0) },
  macs: recurrenceMacs,
  infer: (context) => inferRecurrent(context, kind.gates, kind.states),
  evaluate: (context) => runRecurrent(context, kind, makeCell(context.attributes.inputForget !== 0)),
});
