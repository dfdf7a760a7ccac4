import { describe, expect, test } from "vitest";
import { unet } from "../../models/unet.ts";
import type { Network } from "../../src/nn/index.ts";
import { adam, binaryCrossEntropy, compile } from "../../src/train/index.ts";
import { expectAgreement, run } from "../nn/run-network.ts";
import { random } from "../support/random.ts";

const outputDims = (network: Network, size: number): readonly number[] => {
  const [output] = network.graph.outputs as [string];
  const x = random(3).tensor("float32", [1, 1, size, size]);
  return run(network.graph, x).get(output)?.dims ?? [];
};

describe("U-Net", () => {
  test("unpadded turns 188×188 into 4×4, as the paper's arithmetic has it", () => {
    expect(outputDims(unet({ size: 188, width: 1 / 32 }), 188)).toEqual([1, 2, 4, 4]);
  });

  test("unpadded turns the paper's tile, 572×572, into 388×388", () => {
    expect(outputDims(unet({ width: 1 / 64 }), 572)).toEqual([1, 2, 388, 388]);
  });

  test.each([false, true])(
    "padded keeps the size, for onnxruntime too (normalized: %s)",
    async (normalized) => {
      const network = unet({ padded: true, normalized, size: 32, width: 1 / 16, classes: 4 });
      const [output] = await expectAgreement(network);
      expect(output?.dims).toEqual([2, 4, 32, 32]);
    },
  );

  test("sees only what the windows reach: a far corner of the picture changes nothing", () => {
    const { graph } = unet({ size: 44, depth: 1, width: 1 / 16 });
    const [output] = graph.outputs as [string];
    const x = random(5).tensor("float32", [1, 1, 44, 44]);
    const changed = { ...x, data: (x.data as Float32Array).slice() };
    changed.data[0] = 9;
    const [before, after] = [x, changed].map((one) => run(graph, one).get(output)?.data as Float32Array);
    const moved = [...(before as Float32Array)].flatMap((value, i) =>
      // Winograd's tiles carry rounding further than windows reach.
      Math.abs(value - (after?.[i] as number)) > 1e-3 ? [i] : [],
    );
    // Of the output's pixels, the first two of the first two rows alone have the corner in their window.
    const side = 28;
    expect(moved.length).toBeGreaterThan(0);
    for (const i of moved) {
      expect(i % side).toBeLessThan(2);
      expect(Math.floor(i / side) % side).toBeLessThan(2);
    }
  });

  test.each([false, true])("learns where a picture is bright (padded: %s)", async (padded) => {
    const [size, output] = padded ? [16, 16] : [28, 12];
    const network = unet({
      size,
      padded,
      normalized: padded,
      depth: 1,
      width: 1 / 8,
      classes: 1,
      dropoutRate: 0,
    });
    const x = random(9).tensor("float32", [4, 1, size, size]);
    const rim = (size - output) / 2;
    const labels = Float32Array.from({ length: 4 * output * output }, (_, i) => {
      const [picture, row, column] = [
        Math.floor(i / output ** 2),
        Math.floor(i / output) % output,
        i % output,
      ];
      return Number((x.data[(picture * size + row + rim) * size + column + rim] as number) > 0);
    });
    const trainer = await compile(network, {
      loss: binaryCrossEntropy(),
      optimizer: adam({ learningRate: 0.01 }),
    });
    const batch = { x, labels: { dtype: "float32" as const, dims: [4, 1, output, output], data: labels } };
    const progress = { stepsPerEpoch: 40, epochs: 1 };
    const losses = Array.from({ length: 40 }, () => trainer.trainStep(batch, progress).loss);
    trainer.release();
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 2);
  });

  test("refuses a size whose maps cannot be halved evenly", () => {
    expect(() => unet({ size: 570 })).toThrow(/halving 2 meets maps of odd sides, 279; choose another size/);
  });
});
