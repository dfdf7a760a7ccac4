import { describe, expect, test } from "vitest";
import { dense, initializers, type RecurrentOptions, recurrent, sequential } from "../../src/nn/index.ts";
import { softmaxCrossEntropy } from "../../src/train/losses.ts";
import { adam } from "../../src/train/optimizers.ts";
import { compile } from "../../src/train/trainer.ts";
import { random } from "../support/random.ts";
import { type LayerCase, testLayers, testRefusals } from "./layer-cases.ts";

const GATES = { tanh: 1, gru: 3, lstm: 4 } as const;
const [STEPS, FEATURES, UNITS] = [5, 3, 4];

const cases = (Object.keys(GATES) as (keyof typeof GATES)[]).flatMap((cell): LayerCase[] => {
  const rows = GATES[cell] * UNITS;
  const parameters = {
    "recurrent.weight": [1, rows, FEATURES],
    "recurrent.recurrentWeight": [1, rows, UNITS],
    "recurrent.bias": [1, 2 * rows],
  };
  const options: RecurrentOptions = { units: UNITS, cell, biasInitializer: initializers.heUniform() };
  return [
    {
      what: `recurrent ${cell}`,
      layer: recurrent(options),
      input: [STEPS, FEATURES],
      output: [UNITS],
      parameters,
    },
    {
      what: `recurrent ${cell}, all states`,
      layer: recurrent({ ...options, sequences: true }),
      input: [STEPS, FEATURES],
      output: [STEPS, UNITS],
      parameters,
    },
  ];
});

testLayers(cases);

testRefusals([
  ["no sequence", recurrent({ units: 2 }), [3], "needs sequences [N, steps, features], got [N,3]"],
  ["a cell nobody has", recurrent({ units: 2, cell: "peephole" as never }), [4, 3], "cell"],
  ["no units", recurrent({ units: 0 }), [4, 3], "units"],
]);

describe("a recurrent network", () => {
  /** Sequences of noise, of which the sign of the first step alone says the class. */
  function remembering(count: number, seed: number) {
    const x = random(seed).tensor("float32", [count, 8, 2], -1, 1);
    const labels = Int32Array.from({ length: count }, (_, n) => Number(Number(x.data[n * 16]) > 0));
    return { x, labels: { dtype: "int32", dims: [count], data: labels } as const };
  }

  test.each(["gru", "lstm"] as const)("of the cell %s remembers what came first", async (cell) => {
    const network = sequential({ input: [8, 2], seed: 1 }, [
      recurrent({ units: 12, cell }),
      dense({ units: 2 }),
    ]);
    const trainer = await compile(network, {
      optimizer: adam({ learningRate: 0.01 }),
      loss: softmaxCrossEntropy(),
    });
    for (let step = 0; step < 250; step++)
      trainer.trainStep(remembering(32, step), { stepsPerEpoch: 1, epochs: 1 });
    const { x, labels } = remembering(200, 9999);
    const scores = trainer.predict(x).data as Float32Array;
    const right = Array.from(labels.data).filter(
      (label, n) => Number((scores[2 * n + 1] as number) > (scores[2 * n] as number)) === label,
    );
    trainer.release();
    expect(right.length).toBeGreaterThan(180);
  });
});
