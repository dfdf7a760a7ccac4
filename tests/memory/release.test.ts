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

interface Rounds {
  /** The process's resident set after each round. */
  readonly residentBytes: readonly number[];
  /** What could not be collected after each round, WebAssembly's memories among it. */
  readonly liveBytes: readonly number[];
}

function runRounds(model: string, rounds: number): Rounds {
  const script = fileURLToPath(new URL("rounds.mjs", import.meta.url));
  const args = ["--expose-gc", script, model, String(rounds)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as Rounds;
}

/** How much more is held at least in the last rounds than at most in the first; what is freed late makes single rounds jump. */
const growthBytes = (heldBytes: readonly number[]): number =>
  Math.min(...heldBytes.slice(-WARM_ROUNDS)) - Math.max(...heldBytes.slice(0, WARM_ROUNDS));

test("nothing keeps a released session alive", () => {
  const model = join(folder, "small.onnx");
  writeFileSync(model, smallModel());
  // Each session has a WebAssembly memory of at least one page of 64 KiB: 100 of them kept are 6 MiB and more.
  const { liveBytes } = runRounds(model, 100 + WARM_ROUNDS);
  expect(growthBytes(liveBytes)).toBeLessThanOrEqual(2 * 2 ** 20);
});

test("the process does not grow by 20 MB over 200 sessions of MobileNetV2", {
  timeout: 180_000,
}, (context) => {
  const { residentBytes } = runRounds(
    dataPath(context, "models", "mobilenetv2_fp32_dequant", "model.onnx"),
    200,
  );
  expect(growthBytes(residentBytes)).toBeLessThanOrEqual(20 * 2 ** 20);
});
