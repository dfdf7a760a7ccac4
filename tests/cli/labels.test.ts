import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseLabels, readLabelsFile } from "../../src/cli/labels.ts";
import { ResourceError } from "../../src/errors.ts";
import { photos } from "../vision/pattern.ts";

describe("parseLabels", () => {
  test("one a line, whatever the line ends and the byte order mark", () => {
    expect(parseLabels("\uFEFFcat\r\nhot dog \r\n\r\n")).toEqual(["cat", "hot dog"]);
    expect(parseLabels("a\n\nc\n")).toEqual(["a", "", "c"]);
    expect(parseLabels("one")).toEqual(["one"]);
  });

  test("synsets go, where every line has one", () => {
    expect(parseLabels("n01440764 tench, Tinca tinca\nn01443537 goldfish\n")).toEqual([
      "tench, Tinca tinca",
      "goldfish",
    ]);
    expect(parseLabels("n01440764_tench\nn01484850_great_white_shark")).toEqual([
      "tench",
      "great white shark",
    ]);
    expect(parseLabels("n01440764 tench\nplain")).toEqual(["n01440764 tench", "plain"]);
    expect(parseLabels("n01440764\nn01443537")).toEqual(["n01440764", "n01443537"]);
  });

  test("JSON arrays and objects by index", () => {
    expect(parseLabels(' ["cat", "dog"]')).toEqual(["cat", "dog"]);
    expect(parseLabels('{"1": "dog", "0": "cat"}')).toEqual(["cat", "dog"]);
    expect(parseLabels('{"0": ["n01440764", "tench"]}')).toEqual(["tench"]);
  });

  test.each([
    ["", "x: holds no labels"],
    ["\n \n", "x: holds no labels"],
    ["[]", "x: holds no labels"],
    ['["cat"', "x: broken JSON: "],
    ['["cat", 3]', "x: class 1 is 3: expected a name"],
    ['{"0": "cat", "5": "dog"}', 'x: "5" is not a class index below 2'],
  ])("refuses %j", (text, message) => {
    expect(() => parseLabels(text, "x")).toThrow(ResourceError);
    expect(() => parseLabels(text, "x")).toThrow(message);
  });

  const shared = photos() && join(photos() as string, "../labels");
  const missing = shared === undefined || !existsSync(shared);
  test.skipIf(missing)(
    `ImageNet's lists${missing ? " (skipped: no ../shared/data, set LANEWISE_DATA)" : ""}`,
    async () => {
      const simple = await readLabelsFile(join(shared as string, "imagenet-simple-labels.json"));
      const synsets = await readLabelsFile(join(shared as string, "imagenet_synsets_in_order.txt"));
      expect([simple.length, synsets.length]).toEqual([1000, 1000]);
      expect([simple[340], synsets[340]]).toEqual(["zebra", "zebra"]);
      expect(synsets[2]).toBe("great white shark");
    },
  );

  test("a missing file is named", async () => {
    await expect(readLabelsFile("/no/such/labels.txt")).rejects.toThrow(
      "/no/such/labels.txt: cannot read: no such file",
    );
  });
});
