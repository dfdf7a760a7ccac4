import { describe, expect, test } from "vitest";
import { BUILDS, bench, randoms } from "../harness.ts";
import { onEveryShare } from "./shares.ts";

const TOLERANCE = 3e-6;

describe.each(BUILDS)("f32_softmax_cross_entropy, %s", (build) => {
  test.each([0, 0.1])("smoothing %d", (smoothing) => {
    const on = bench(build, 64);
    for (let classes = 1; classes <= 19; classes++) {
      const batch = 1 + (classes % 5);
      const scores = randoms(batch * classes, classes).map((value) => value * 20);
      // One label outside the classes in every other batch: its row has no class.
      const labels = Array.from({ length: batch }, (_, n) => (n * 7) % (classes + (classes % 2)));
      const [scoresAt, labelsAt] = [on.f32(scores), on.i32(labels)];
      const [losses, gradient] = onEveryShare(on, [batch, batch * classes], (call, [loss, to]) => {
        const sizes = [batch, classes, smoothing] as const;
        call("f32_softmax_cross_entropy", scoresAt, labelsAt, loss as number, to as number, ...sizes);
      });
      for (let n = 0; n < batch; n++) {
        const row = Array.from(scores.slice(n * classes, (n + 1) * classes));
        const most = Math.max(...row);
        const log = Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0)) + most;
        let loss = 0;
        row.forEach((value, c) => {
          const target = smoothing / classes + (c === labels[n] ? 1 - smoothing : 0);
          loss -= target * (value - log);
          const wanted = (Math.exp(value - log) - target) / batch;
          expect(Math.abs((gradient?.[n * classes + c] as number) - wanted)).toBeLessThan(TOLERANCE);
        });
        expect(Math.abs((losses?.[n] as number) - loss)).toBeLessThan(TOLERANCE * (1 + Math.abs(loss)));
      }
    }
  });

  test("scores that are no numbers make the loss none", () => {
    const on = bench(build, 8);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const [scores, labels] = [on.f32([1, bad, 0, 1, 2, 0]), on.i32([0, 1])];
      const [losses, gradient] = [on.output(2), on.output(6)];
      on.kernel("f32_softmax_cross_entropy")(scores, labels, losses, gradient, 2, 3, 0, 0, 1);
      expect(on.read(losses, 2)[0]).toBeNaN();
      expect(on.read(losses, 2)[1]).toBeCloseTo(0.4076, 4);
    }
  });
});
