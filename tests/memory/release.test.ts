import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { dataPath } from "../support/data.ts";
import { smallModel } from "../support/small-model.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

const WARM_ROUNDS = 10;
const ALLOWED_GROWTH_BYTES = 20 * 2 ** 20;

interface Rounds {
  /** The process's resident set after each round. */
  readonly residentBytes: readonly number[];
  /** What one session held while it lived. */
  readonly heldBytes: number;
}

const runRounds = (model: string, rounds: number): Rounds =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [fileURLToPath(new URL("rounds.mjs", import.meta.url)), model, String(rounds)],
      { encoding: "utf8" },
    ),
  ) as Rounds;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

/** How much more the process holds in its last rounds than at most in its first; collections make single rounds jump. */
const growthBytes = ({ residentBytes }: Rounds): number =>
  median(residentBytes.slice(-WARM_ROUNDS)) - Math.max(...residentBytes.slice(0, WARM_ROUNDS));

test("releasing gives back what 400 sessions of a small network held", () => {
  const model = join(folder, "small.onnx");
  writeFileSync(model, smallModel());
  const rounds = runRounds(model, 400);
  expect(growthBytes(rounds)).toBeLessThanOrEqual(ALLOWED_GROWTH_BYTES);
  // 400 sessions kept would not go unnoticed.
  expect(400 * rounds.heldBytes).toBeGreaterThan(2 * ALLOWED_GROWTH_BYTES);
});

test("releasing gives back what 200 sessions of MobileNetV2 held", (context) => {
  const rounds = runRounds(dataPath(context, "models", "mobilenetv2_fp32_dequant", "model.onnx"), 200);
  expect(growthBytes(rounds)).toBeLessThanOrEqual(ALLOWED_GROWTH_BYTES);
});
