import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { drawDigit } from "../../scripts/draw-digits.mjs";
import { decodeImage } from "../../src/cli/image-file.ts";
import { root } from "./lanewise.ts";

describe("npm start", () => {
  test("finds the edges of a lighthouse and reads ten handwritten digits", () => {
    const folder = mkdtempSync(join(tmpdir(), "lanewise-start-"));
    try {
      const env = { ...process.env, npm_lifecycle_event: "start", INIT_CWD: folder };
      const printed = execFileSync(process.execPath, [join(root, "scripts/start.mjs")], {
        encoding: "utf8",
        env,
      });
      expect(printed).toContain("wrote edges.png");
      expect(decodeImage(readFileSync(join(folder, "edges.png")), "edges.png").width).toBe(320);
      const read = [
        ...printed.matchAll(/digits.(\d)\.png +[\d.]+ ms +(\d) \([\d.]+ %\)(?: +\d \([\d.]+ %\)){2}/g),
      ];
      expect(read.map(([, written]) => written)).toEqual([..."0123456789"]);
      expect(read.filter(([, written, best]) => written === best).length).toBe(10);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([..."0123456789"])("models/digits/%s.png is what its script draws", (name) => {
    const shipped = decodeImage(readFileSync(join(root, `models/digits/${name}.png`)), name);
    const drawn = decodeImage(drawDigit(Number(name)), "drawn");
    expect([shipped.width, shipped.height]).toEqual([28, 28]);
    // Engines may differ in the last bit of a sine.
    const worst = Math.max(...shipped.data.map((byte, at) => Math.abs(byte - (drawn.data[at] as number))));
    expect(worst).toBeLessThanOrEqual(1);
  });
});
