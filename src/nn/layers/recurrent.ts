import { booleanOf, oneOf } from "../../arguments.ts";
import { glorotUniform, type Initializer, zeros } from "../initializers.ts";
import { defineLayer, type Layer, type LayerOptions } from "../layer.ts";
import { integers, knownSize } from "./axes.ts";
import { countOf } from "./window.ts";

/** What `recurrent` takes. */
export interface RecurrentOptions extends LayerOptions {
  /** Features of the state. */
  readonly units: number;
  /**
   * What makes a step: the sum of both products squashed (Elman 1990), the gates of a GRU (Cho et al. 2014, arXiv:1406.1078), or
   * those of an LSTM (Hochreiter and Schmidhuber 1997, with a gate to forget by). "tanh" by default.
   */
  readonly cell?: "tanh" | "gru" | "lstm";
  /** Whether the states after all steps come out, and not only the last one; false by default. */
  readonly sequences?: boolean;
  /** Of both matrices; glorotUniform() by default. */
  readonly weightInitializer?: Initializer;
  /** zeros() by default. */
  readonly biasInitializer?: Initializer;
}

const CELLS = {
  tanh: { op: "RNN", gates: 1, attributes: {} },
  gru: { op: "GRU", gates: 3, attributes: { linearBeforeReset: 1 } },
  lstm: { op: "LSTM", gates: 4, attributes: {} },
} as const;

/**
 * Reads a sequence [N, T, features] step by step: [N, units] after the last, or [N, T, units] after each. The state begins at 0.
 * Parameters as ONNX's RNN, GRU and LSTM have them, gate under gate: `weight` [1, gates·units, features], `recurrentWeight`
 * [1, gates·units, units] and `bias` [1, 2·gates·units], as many as in PyTorch. Training wants T known.
 */
export const recurrent = (options: RecurrentOptions): Layer =>
  defineLayer("recurrent", options, (scope, x) => {
    const units = countOf(scope, "units", options.units);
    const cell = oneOf(`${scope.name}: cell`, options.cell ?? "tanh", ["tanh", "gru", "lstm"]);
    const sequences = booleanOf(`${scope.name}: sequences`, options.sequences ?? false);
    if (x.dims.length !== 3) scope.fail(`needs sequences [N, steps, features], got [${x.dims}]`);
    const features = knownSize(scope, x, 2);
    const { op, gates, attributes } = CELLS[cell];
    const rows = gates * units;
    const { weightInitializer = glorotUniform(), biasInitializer = zeros() } = options;
    const matrix = (role: string, columns: number): string =>
      scope.parameter(role, { dims: [1, rows, columns], fanIn: columns, fanOut: units }, weightInitializer);
    const parameters = [
      matrix("weight", features),
      matrix("recurrentWeight", units),
      scope.parameter("bias", { dims: [1, 2 * rows], fanIn: features, fanOut: 1 }, biasInitializer),
    ];
    const inTime = scope.node("Transpose", [x.name], { perm: [1, 0, 2] }, "inTime");
    const given = { hiddenSize: units, ...attributes };
    const [all, last] = scope.nodes(op, [inTime, ...parameters], ["states", "last"], given) as [
      string,
      string,
    ];
    // One direction's axis goes: the second of all states, the first of the last one.
    if (!sequences) return scope.node("Squeeze", [last, integers(scope, "direction", [0])]);
    const states = scope.node("Squeeze", [all, integers(scope, "direction", [1])], {}, "squeezed");
    return scope.node("Transpose", [states], { perm: [1, 0, 2] });
  });
