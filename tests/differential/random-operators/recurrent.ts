import { type AttributeSpec, float } from "../../support/onnx-model.ts";
import type { Random } from "../../support/random.ts";
import { numbers } from "../operators/case.ts";
import { caseOf, type Draw, type Draws, opset, perhaps, summed } from "./draw.ts";

const GATES: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3, RNN: 1 };
/** Functions of one direction. */
const FUNCTIONS: Readonly<Record<string, number>> = { LSTM: 3, GRU: 2, RNN: 1 };
const PLAIN = ["Relu", "Tanh", "Sigmoid", "HardSigmoid", "Softsign", "Softplus"];

const recurrent =
  (op: string): Draw =>
  (random) => {
    const version = opset(random, op);
    const [seq, batch, size, hidden] = [
      random.whole(1, 5),
      random.whole(1, 3),
      random.whole(1, 6),
      sizeOf(random),
    ];
    const direction = perhaps(random, ["forward", "reverse", "bidirectional"], 0.8);
    const ways = direction === "bidirectional" ? 2 : 1;
    const layout = version >= 14 ? perhaps(random, [0, 1], 0.3) : undefined;
    const turned = (a: number, b: number, ...rest: number[]): number[] =>
      layout === 1 ? [b, a, ...rest] : [a, b, ...rest];
    const f = (...dims: number[]) => random.tensor("float32", dims, -0.8, 0.8);
    const maybe = (share: number, ...dims: number[]) => (random.chance(share) ? f(...dims) : undefined);
    const gates = (GATES[op] as number) * hidden;
    const lens = Array.from({ length: batch }, () => random.whole(1, seq));
    const state = random.chance(0.4);
    const inputs = [
      f(...turned(seq, batch, size)),
      f(ways, gates, size),
      f(ways, gates, hidden),
      maybe(0.7, ways, 2 * gates),
      random.chance(0.3) ? numbers("int32", [batch], lens) : undefined,
      state ? f(...turned(ways, batch, hidden)) : undefined,
    ];
    if (op === "LSTM")
      inputs.push(
        state && random.chance(0.8) ? f(...turned(ways, batch, hidden)) : undefined,
        maybe(0.3, ways, 3 * hidden),
      );
    const names = Array.from({ length: ways * (FUNCTIONS[op] as number) }, () => random.pick(PLAIN));
    const given: Record<string, AttributeSpec | undefined> = {
      hidden_size: hidden,
      direction,
      layout,
      activations: perhaps(random, [names], 0.3),
      clip: perhaps(random, [float(0.4), float(2)], 0.2),
      input_forget: op === "LSTM" ? perhaps(random, [0], 0.2) : undefined,
      linear_before_reset: op === "GRU" ? perhaps(random, [0, 1]) : undefined,
    };
    const last = op === "LSTM" ? ["y", "h", "c"] : ["y", "h"];
    const outputs = random.chance(0.7)
      ? last
      : last.map((name) => (name === "y" && random.chance(0.5) ? "" : name));
    return caseOf(op, inputs, given, { opset: version, outputs, tolerance: summed("float32") });
  };

const sizeOf = (random: Random): number =>
  random.chance(0.15) ? random.pick([8, 16, 17]) : random.whole(1, 5);

export const draws: Draws = { GRU: recurrent("GRU"), LSTM: recurrent("LSTM"), RNN: recurrent("RNN") };
