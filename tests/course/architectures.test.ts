import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { InferenceSession, Tensor } from "../../src/index.ts";
import { rowsOf } from "../../src/inspect/index.ts";
import { digits } from "../../src/train/index.ts";
import { dataPath } from "../support/data.ts";
import { answered, course, pixelAt } from "./run-course.ts";

describe("course: architectures", () => {
  test("lenet5: every layer's parameters, and what the lecture misprints", () => {
    const { figures, tables, drawing } = course("lenet5");
    const kernels = 6 * 3 + 6 * 4 + 3 * 4 + 6;
    const counts = {
      c1: 6 * (25 + 1),
      s2: 6 * 2,
      c3: kernels * 25 + 16,
      s4: 16 * 2,
      c5: 120 * (16 * 25 + 1),
      f6: 84 * (120 + 1),
      f7: 10 * (84 + 1),
    };
    expect(counts).toEqual({ c1: 156, s2: 12, c3: 1516, s4: 32, c5: 48_120, f6: 10_164, f7: 850 });
    const total = Object.values(counts).reduce((sum, count) => sum + count);
    expect(figures).toEqual({ ...counts, total, of1998: 60_000, today: 61_706, c3Whole: 16 * (6 * 25 + 1) });
    const misprints = (tables.layers ?? []).map((row) => row["lecture B"]).filter((said) => said !== "");
    expect(misprints).toEqual(["prints 12", "prints 48210"]);
    // A cross for each kernel; every map of S2 is read by ten of C3.
    expect(drawing("c3").split(">×</text>")).toHaveLength(kernels + 1);
    expect(answered("lenet5", "1,516").right).toBe(true);
    expect(answered("lenet5", "2416").right).toBe(false);
  });

  test("architecture-pattern: parameters by hand, probabilities that add up to 1", () => {
    const { figures, tables, drawing } = course("architecture-pattern");
    const byHand = (N: number, M: number, K: number, pool: boolean) => {
      let [maps, side, count] = [3, 32, 0];
      for (let m = 0; m < M; m++) {
        for (let n = 0; n < N; n++) {
          count += 16 * 2 ** m * (9 * maps + 1);
          maps = 16 * 2 ** m;
        }
        if (pool) side /= 2;
      }
      let inputs = maps * side * side;
      for (let k = 0; k < K; k++) {
        count += 64 * (inputs + 1);
        inputs = 64;
      }
      return count + 10 * (inputs + 1);
    };
    for (const row of tables.patterns ?? []) {
      const [N, M, K] = ["N", "M", "K"].map((key) => row[key] as number) as [number, number, number];
      expect(row.parameters, `N ${N} M ${M} K ${K}`).toBe(byHand(N, M, K, row.pool === "yes"));
      expect(row["Σ softmax"]).toBeCloseTo(1, 5);
    }
    expect(figures).toMatchObject({
      vgg: "2 2 3 3 3",
      withPools: byHand(2, 3, 1, true),
      withoutPools: byHand(2, 3, 1, false),
    });
    // Six convolutions, three pools, two dense layers, a softmax; four colours below.
    expect(drawing("architecture-pattern").match(/<rect/g)).toHaveLength(1 + 6 + 3 + 2 + 1 + 4);
    expect(answered("architecture-pattern", "13").right).toBe(true);
    expect(answered("architecture-pattern", "12").right).toBe(false);
  });

  test("inside-the-cnn: LeNet-5 on a digit; the brightest gradient is that of finite differences", async () => {
    const { figures, tables, number, panel, files } = course("inside-the-cnn", "--steps", "40");
    expect(files.toSorted()).toEqual([
      "channels.svg",
      "classes.svg",
      "distributions.svg",
      "feature-maps.svg",
      "filters.png",
      "reasons.svg",
    ]);
    const { rows, labels } = await rowsOf(digits({ count: 14, seed: 1 }));
    const digit = rows[13] as Float32Array;
    expect(figures).toMatchObject({ class: String(labels[13]), target: labels[13], filters: "6×1×5×5" });

    const session = await InferenceSession.create(
      readFileSync(new URL("../../models/lenet5-mnist.onnx", import.meta.url)),
    );
    const scoresOf = async (pictures: readonly Float32Array[]) => {
      const x = new Tensor("float32", Float32Array.from(pictures.flatMap((one) => [...one])), [
        pictures.length,
        1,
        28,
        28,
      ]);
      const { output } = await session.run({ x });
      return Array.from({ length: pictures.length }, (_, i) => [
        ...((output as Tensor).data as Float32Array).subarray(i * 10, i * 10 + 10),
      ]);
    };
    const [scores] = (await scoresOf([digit])) as [number[]];
    const target = labels[13] as number;
    expect(number("pictured")).toBeCloseTo(scores[target] as number, 3);
    const odds = scores.map((score) => Math.exp(score - (scores[target] as number)));
    expect(number("probability")).toBeCloseTo(1 / odds.reduce((sum, value) => sum + value), 4);
    expect(number("maximised")).toBeGreaterThan(number("pictured") + 5);

    const step = 0.01;
    const around = [...digit].map((_, i) =>
      [step, -step].map((by) => digit.map((value, j) => (j === i ? value + by : value))),
    );
    const answers = await scoresOf(around.flat());
    const slopes = around.map((_, i) =>
      Math.abs((answers[2 * i]?.[target] as number) - (answers[2 * i + 1]?.[target] as number)),
    );
    const steepest = slopes.indexOf(Math.max(...slopes));
    const gradient = panel("reasons", 1);
    const [red, green] = pixelAt(gradient, steepest % 28, Math.floor(steepest / 28)) as [number, number];
    // The last colours of viridis are yellow.
    expect(red).toBeGreaterThan(200);
    expect(green).toBeGreaterThan(200);
    for (const { "share of zeros": zeros } of tables.distributions ?? []) expect(zeros).toBeGreaterThan(0.3);
    expect(answered("inside-the-cnn", "16").right).toBe(true);
    expect(answered("inside-the-cnn", "14").right).toBe(false);
  });

  test("inside-the-cnn: MobileNetV2 sees the lighthouse, where it stands", {
    timeout: 180_000,
  }, (context) => {
    const data = dataPath(context, "models/mobilenetv2_fp32_dequant", "..", "..");
    const { figures, number } = course("inside-the-cnn", "--data", data, "--steps", "4");
    expect(figures).toMatchObject({ target: 437, filters: "32×3×3×3" });
    const [x, y] = (figures.peak as string).split(",").map(Number) as [number, number];
    // The tower, in per cent of the square that the network sees.
    expect(x).toBeGreaterThan(65);
    expect(x).toBeLessThan(95);
    expect(y).toBeGreaterThan(15);
    expect(y).toBeLessThan(85);
    expect(number("probability")).toBeGreaterThan(0.1);
  });
});
