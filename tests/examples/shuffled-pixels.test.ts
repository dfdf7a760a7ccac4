import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../../examples/shuffled-pixels.mjs", import.meta.url));

test("examples/shuffled-pixels: the CNN loses by the permutation, the MLP does not care", () => {
  const args = [script, "--samples", "1000", "--epochs", "8", "--json"];
  const { mlp, cnn } = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
  // In per cent of 2000 digits: chance alone moves an error of 2.5 by 0.35.
  expect(cnn.pixels).toBeLessThan(mlp.pixels);
  expect(cnn.shuffled).toBeGreaterThan(cnn.pixels + 3);
  expect(cnn.shuffled).toBeGreaterThan(mlp.shuffled);
  expect(Math.abs(mlp.shuffled - mlp.pixels)).toBeLessThan(1.5);
});
