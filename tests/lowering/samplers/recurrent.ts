import type { Sampler, Samplers } from "../draw.ts";

const recurrent =
  (gates: number, outputs: number): Sampler =>
  (draw) => {
    const [seq, batch, size, hidden] = [
      draw.whole(1, 4),
      draw.whole(1, 3),
      draw.whole(1, 6),
      draw.pick(1, 3, 4, 9),
    ];
    const direction = draw.pick("forward", "reverse", "bidirectional");
    const ways = direction === "bidirectional" ? 2 : 1;
    const bias = draw.maybe() ? draw.tensor([ways, 2 * gates * hidden], -0.5, 0.5) : undefined;
    const w = draw.tensor([ways, gates * hidden, size], -0.5, 0.5);
    const r = draw.tensor([ways, gates * hidden, hidden], -0.5, 0.5);
    return {
      inputs: [draw.tensor([seq, batch, size]), w, r, bias],
      constants: [1, 2, 3],
      attributes: { hiddenSize: hidden, direction },
      outputs,
      tolerance: 1e-5,
    };
  };

export const RECURRENT: Samplers = {
  LSTM: recurrent(4, 3),
  GRU: recurrent(3, 2),
  RNN: recurrent(1, 2),
};
