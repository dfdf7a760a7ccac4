import { describe, expect, it } from "vitest";
import { evaluateOp, floats, numbersOf, randomFloats, runLowered, tensorOf } from "./run-op.ts";

const [STEPS, BATCH, INPUT] = [5, 2, 6];

/** Inputs of a layer; `full` gives every optional one but sequence_lens. */
function layer(gates: number, hidden: number, directions: number, full: boolean, peepholes: boolean) {
  const optional = (dims: number[], seed: number) => (full ? randomFloats(dims, seed) : undefined);
  const inputs = [
    randomFloats([STEPS, BATCH, INPUT], 1),
    randomFloats([directions, gates * hidden, INPUT], 2),
    randomFloats([directions, gates * hidden, hidden], 3),
    optional([directions, 2 * gates * hidden], 4),
    undefined,
    optional([directions, BATCH, hidden], 5),
  ];
  if (peepholes) inputs.push(optional([directions, BATCH, hidden], 6), optional([directions, 3 * hidden], 7));
  return inputs;
}

describe("recurrent layers", () => {
  it.each(["forward", "reverse", "bidirectional"])("lower %s", (direction) => {
    const directions = direction === "bidirectional" ? 2 : 1;
    for (const hidden of [3, 8, 17]) {
      for (const full of [false, true]) {
        for (const outputs of [["y", "h"], ["", "h"], ["y"]]) {
          const attributes = { direction, hiddenSize: hidden };
          const runs = [
            runLowered("RNN", layer(1, hidden, directions, full, false), [1, 2, 3], { attributes, outputs }),
            runLowered("LSTM", layer(4, hidden, directions, full, true), [1, 2, 3, 7], {
              attributes,
              outputs,
            }),
            ...[0, 1].map((linearBeforeReset) =>
              runLowered("GRU", layer(3, hidden, directions, full, false), [1, 2, 3], {
                attributes: { ...attributes, linearBeforeReset },
                outputs,
              }),
            ),
          ];
          for (const { kernels, actual, expected } of runs) {
            expect(kernels).not.toContain("host");
            expected.forEach((tensor, o) => {
              numbersOf(tensor).forEach((value, i) => {
                expect(numbersOf(actual[o])[i]).toBeCloseTo(value, 5);
              });
            });
          }
        }
      }
    }
  });

  it("leave zeros behind the end of a sequence and reverse each sequence in itself", () => {
    const attributes = { hiddenSize: 1, activations: ["Affine"], activationAlpha: [1] };
    const x = floats([3, 2, 1], [1, 10, 2, 20, 3, 30]);
    const inputs = [
      x,
      floats([1, 1, 1], [1]),
      floats([1, 1, 1], [1]),
      undefined,
      tensorOf("int32", [2], [3, 2]),
    ];
    const outputs = ["y", "h"];
    const forward = evaluateOp("RNN", inputs, { attributes, outputs });
    expect(numbersOf(forward[0])).toEqual([1, 10, 3, 30, 6, 0]);
    expect(numbersOf(forward[1])).toEqual([6, 30]);
    const reverse = evaluateOp("RNN", inputs, {
      attributes: { ...attributes, direction: "reverse" },
      outputs,
    });
    expect(numbersOf(reverse[0])).toEqual([6, 30, 5, 20, 3, 0]);
    expect(numbersOf(reverse[1])).toEqual([6, 30]);
  });

  it("put the batch first with layout 1", () => {
    const inputs = layer(1, 3, 1, false, false);
    const first = evaluateOp("RNN", inputs, { attributes: { hiddenSize: 3 }, outputs: ["y", "h"] });
    const x = inputs[0] as (typeof first)[number];
    const swapped = Array.from({ length: BATCH * STEPS * INPUT }, (_, i) => {
      const [n, t, c] = [Math.floor(i / (STEPS * INPUT)), Math.floor(i / INPUT) % STEPS, i % INPUT];
      return numbersOf(x)[(t * BATCH + n) * INPUT + c] as number;
    });
    const batchFirst = [floats([BATCH, STEPS, INPUT], swapped), ...inputs.slice(1)];
    const second = evaluateOp("RNN", batchFirst, {
      attributes: { hiddenSize: 3, layout: 1 },
      outputs: ["y", "h"],
    });
    expect(second[0]?.dims).toEqual([BATCH, STEPS, 1, 3]);
    expect(numbersOf(second[1])).toEqual(numbersOf(first[1]));
  });

  it("consume activation parameters in order, by the functions that have one", () => {
    const cell = (activations: string[], activationAlpha: number[]) => {
      const inputs = [floats([1, 1, 1], [-1]), floats([2, 1, 1], [1, 1]), floats([2, 1, 1], [0, 0])];
      const attributes = { hiddenSize: 1, direction: "bidirectional", activations, activationAlpha };
      return numbersOf(evaluateOp("RNN", inputs, { attributes })[0]);
    };
    expect(cell(["Relu", "LeakyRelu"], [0.5])).toEqual([0, -0.5]);
    expect(cell(["LeakyRelu", "LeakyRelu"], [0.5, 0.25])).toEqual([-0.5, -0.25]);
  });

  it("clip what enters an activation", () => {
    const inputs = [floats([1, 1, 1], [5]), floats([1, 1, 1], [1]), floats([1, 1, 1], [0])];
    const attributes = { hiddenSize: 1, activations: ["Relu"], clip: 2 };
    expect(numbersOf(evaluateOp("RNN", inputs, { attributes })[0])).toEqual([2]);
  });
});
