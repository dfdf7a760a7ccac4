import { describe, expect, test } from "vitest";
import { convnextTiny } from "../../models/convnext.ts";
import { expectAgreement, run } from "../nn/run-network.ts";
import { random } from "../support/random.ts";

const options = { size: 64, width: 1 / 8, classes: 10, seed: 3 };

describe("ConvNeXt", () => {
  // As published, branches begin at a millionth: an agreement of the whole would say nothing of them.
  test("runs as onnxruntime runs it where the branches weigh as much as their inputs", async () => {
    const [logits] = await expectAgreement(convnextTiny({ ...options, layerScale: 1 }));
    expect(logits?.dims).toEqual([2, 10]);
  });

  test("begins almost without its branches", () => {
    const x = random(1).tensor("float32", [1, 3, 32, 32]);
    const logitsAt = (layerScale: number): Float32Array => {
      const { graph } = convnextTiny({ ...options, size: 32, layerScale });
      return run(graph, x).get(graph.outputs[0] as string)?.data as Float32Array;
    };
    const farthest = (a: Float32Array, b: Float32Array): number =>
      Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
    const without = logitsAt(0);
    expect(farthest(without, logitsAt(1e-6))).toBeLessThan(1e-3);
    expect(farthest(without, logitsAt(1))).toBeGreaterThan(0.1);
  });
});
