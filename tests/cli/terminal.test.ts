import { describe, expect, test } from "vitest";
import { batchProgress } from "../../src/cli/batch/batch-progress.ts";
import { progressLine } from "../../src/cli/progress.ts";
import { table } from "../../src/cli/table.ts";

describe("table", () => {
  test("aligns left and right", () => {
    const columns = [{ title: "op" }, { title: "ms", align: "right" }, { title: "" }] as const;
    expect(
      table(columns, [
        ["Conv", 12.5, "×"],
        ["Überlauf", 3, ""],
      ]),
    ).toBe(["op          ms", "────────  ────  ─", "Conv      12.5  ×", "Überlauf     3"].join("\n"));
  });

  test("without titles and without rows", () => {
    expect(
      table(
        [{ title: "" }, { title: "" }],
        [
          ["a", "b"],
          ["cc", "d"],
        ],
      ),
    ).toBe("a   b\ncc  d");
    expect(table([{ title: "x" }], [])).toBe("x\n─");
  });
});

const record = (isTTY: boolean, columns = 40) => {
  const written: string[] = [];
  return { written, isTTY, columns, write: (text: string) => written.push(text) };
};

describe("progressLine", () => {
  test("writes one line over and over, not too often, and clears it", () => {
    const stream = record(true);
    let time = 0;
    const progress = progressLine(stream, () => time);
    progress.update("epoch 1", 0.25);
    progress.update("epoch 1", 0.3);
    time = 60;
    progress.update("a".repeat(100));
    progress.update("done", 1);
    progress.done();
    progress.done();
    expect(stream.written).toEqual([
      "\r\x1b[K█████░░░░░░░░░░░░░░░  25 % epoch 1",
      `\r\x1b[K${"a".repeat(39)}`,
      "\r\x1b[K████████████████████ 100 % done",
      "\r\x1b[K",
    ]);
  });

  test("keeps quiet where there is no terminal", () => {
    const stream = record(false);
    const progress = progressLine(stream);
    progress.update("x", 0.5);
    progress.done();
    expect(stream.written).toEqual([]);
  });
});

describe("batchProgress", () => {
  test("says how long the rest will take, by what has been done since it began", () => {
    const stream = record(true, 100);
    let time = 5000;
    const progress = batchProgress(1000, 100, stream, () => time);
    for (const failed of [false, true, false]) {
      time += 500;
      progress.done(failed);
    }
    progress.end();
    expect(stream.written).toEqual([
      "\r\x1b[K██░░░░░░░░░░░░░░░░░░  10 % 101 of 1000  2.0 a second  7:30 left",
      "\r\x1b[K██░░░░░░░░░░░░░░░░░░  10 % 102 of 1000  2.0 a second  7:29 left  1 failed",
      "\r\x1b[K██░░░░░░░░░░░░░░░░░░  10 % 103 of 1000  2.0 a second  7:29 left  1 failed",
      "\r\x1b[K",
    ]);
  });

  test("gives a log a line now and then", () => {
    const stream = record(false);
    let time = 0;
    const progress = batchProgress(8000, 0, stream, () => time);
    for (let i = 0; i < 70; i++) {
      time += 1000;
      progress.done(false);
    }
    progress.end();
    expect(stream.written).toEqual([
      "30 of 8000  1.0 a second  2:12:50 left\n",
      "60 of 8000  1.0 a second  2:12:20 left\n",
    ]);
  });
});
