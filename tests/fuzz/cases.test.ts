import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleFuzzer } from "../../scripts/fuzz.mjs";
import { InferenceSession } from "../../src/session.ts";
import { Tensor } from "../../src/tensor.ts";
import { model, node } from "../support/onnx-model.ts";
import { random } from "../support/random.ts";
import { KEPT, LINES } from "./cases/kept.ts";
import { caseOf, drawCase, lineOf, runCase, TARGETS } from "./cases.ts";
import { PLACES } from "./ci.ts";
import { runModel } from "./run-model.ts";
import { RAN } from "./verdict.ts";
import { createWatched, type Watched } from "./watched.ts";

const folder = fileURLToPath(new URL("cases", import.meta.url));
const files = readdirSync(folder).filter((name) => /\.(onnx|ckpt)$/.test(name));

describe("what the fuzzer found stays mended", () => {
  test.each(Object.entries(KEPT))("%s", async (_name, spec) => {
    const verdict = await runModel({ bytes: model(spec), feeds: {} }, random(1));
    expect(verdict.status).toMatch(/ran|refused/);
  });

  test.each(LINES)("%s", async (line) => {
    expect(await runCase(caseOf(line), PLACES)).toEqual(RAN);
  });

  describe("broken files", () => {
    let watched: Watched;
    beforeAll(async () => {
      watched = createWatched((await bundleFuzzer()).child);
    });
    afterAll(() => watched.stop());

    test(`${files.length} are refused or run`, async () => {
      for (const file of files) {
        const { verdict } = await watched.ask({ given: caseOf(`${folder}/${file}`), places: PLACES });
        expect(verdict?.status, `${file}: ${JSON.stringify(verdict)}`).toMatch(/ran|refused/);
      }
    });
  });

  test("an empty perm reverses the axes at every level", async () => {
    const bytes = model({
      inputs: { x: { dtype: "float32", dims: [2, 3] } },
      nodes: [node("Transpose", ["x"], ["y"], { perm: [] })],
      outputs: ["y"],
    });
    for (const graphOptimizationLevel of ["all", "disabled"] as const) {
      const session = await InferenceSession.create(bytes, { graphOptimizationLevel });
      const { y } = await session.run({
        x: new Tensor("float32", Float32Array.of(0, 1, 2, 3, 4, 5), [2, 3]),
      });
      expect(y?.dims).toEqual([3, 2]);
      expect(y?.data).toEqual(Float32Array.of(0, 3, 1, 4, 2, 5));
    }
  });
});

describe("a case's line", () => {
  test.each(TARGETS)("says all of a case of %s", (target) => {
    for (let seed = 0; seed < 20; seed++) {
      const drawn = drawCase(target, seed, PLACES);
      expect(caseOf(lineOf(drawn))).toEqual(drawn);
      expect(caseOf(lineOf({ ...drawn, edits: [0, 2] }))).toEqual({ ...drawn, edits: [0, 2] });
    }
  });

  test("may be a file", () => {
    expect(caseOf("/tmp/a.onnx")).toEqual({ target: "models", base: "file-/tmp/a.onnx", seed: 0, edits: [] });
    expect(() => caseOf("nothing:x:1")).toThrow(/no case nothing:x:1/);
  });
});
