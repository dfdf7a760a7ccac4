import { describe, expect, test } from "vitest";
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

describe("progressLine", () => {
  const record = (isTTY: boolean) => {
    const written: string[] = [];
    return { written, isTTY, columns: 40, write: (text: string) => written.push(text) };
  };

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
