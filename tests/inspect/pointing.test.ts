import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../src/cli/image-file.ts";
import { inspector, peakOf, resizeHeatmap } from "../../src/inspect/index.ts";
import { networkFromModel } from "../../src/train/index.ts";
import { preprocess } from "../../src/vision/index.ts";
import { dataPath } from "../support/data.ts";

/** Left, top, right, bottom, in per cent of the picture. */
type Box = readonly [number, number, number, number];

/** By photo, what it shows; of several of a kind, each. Drawn by eye, before the first map was made. */
const BOXES = JSON.parse(readFileSync(new URL("./object-boxes.json", import.meta.url), "utf8")) as Readonly<
  Record<string, readonly Box[]>
>;

const isIn = (boxes: readonly Box[], x: number, y: number): boolean =>
  boxes.some(([left, top, right, bottom]) => x >= left && x <= right && y >= top && y <= bottom);

const MINUTES = 60_000;

describe("Grad-CAM on MobileNetV2", () => {
  test("the boxes leave room to miss: half of them cover less than half of their picture", () => {
    const covered = Object.values(BOXES).map((boxes) => {
      let inside = 0;
      for (let y = 0.5; y < 100; y++) for (let x = 0.5; x < 100; x++) if (isIn(boxes, x, y)) inside++;
      return inside / 1e4;
    });
    expect(covered.sort((a, b) => a - b)[24]).toBeLessThanOrEqual(0.5);
  });

  test("points at the object in at least 40 of 49 photos", { timeout: 3 * MINUTES }, async (context) => {
    const folder = dataPath(context, "images/imagenet_samples");
    const model = dataPath(context, "models/mobilenetv2_fp32_dequant/model.onnx");
    const synsets = readFileSync(dataPath(context, "labels/imagenet_synsets_in_order.txt"), "utf8");
    const classes = synsets.trim().split("\n");
    const inside = await inspector(networkFromModel(readFileSync(model)));
    const files = readdirSync(folder).filter((name) => name in BOXES);
    expect(files).toHaveLength(49);
    const missed: string[] = [];
    let central = 0;
    for (const file of files) {
      const boxes = BOXES[file] as readonly Box[];
      const photo = decodeImage(readFileSync(join(folder, file)), file);
      const { tensor, placement } = preprocess(photo, "imagenet");
      const target = classes.findIndex((line) => line.includes(file.split("_", 1)[0] as string));
      const { map } = await inside.gradCam(tensor, { target });
      const { x, y } = peakOf(resizeHeatmap(map, 224, 224));
      const at = (place: number, scale: number, offset: number, size: number): number =>
        (100 * (place + 0.5 - offset)) / scale / size;
      const hit = isIn(
        boxes,
        at(x, placement.scaleX, placement.offsetX, photo.width),
        at(y, placement.scaleY, placement.offsetY, photo.height),
      );
      if (!hit) missed.push(file);
      if (isIn(boxes, 50, 50)) central++;
    }
    await inside.release();
    // The first run: 45, the picture's centre 44; it missed breakwater, football helmet, power drill and refrigerator.
    const hits = 49 - missed.length;
    expect(hits, missed.join()).toBeGreaterThanOrEqual(40);
    expect(hits, "than by pointing at the picture's centre").toBeGreaterThan(central);
  });
});
