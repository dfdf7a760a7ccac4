import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumer, consumerOfBuild } from "../support/consumer.ts";
import { blocksOf } from "./blocks.ts";

// The code of docs/models.md, run from the packed package.

let consumer: Consumer;

beforeAll(() => {
  consumer = consumerOfBuild();
});

afterAll(() => consumer?.remove());

const run = (block: number, program: string): unknown => {
  const code = blocksOf("models.md").filter(({ language }) => language === "js")[block]?.code;
  expect(code).toBeDefined();
  return JSON.parse(consumer.runModule("block.mjs", `${code}\n${program}`));
};

test("networks of other sizes are made and exported", () => {
  const found = run(
    0,
    `const { InferenceSession } = await import("lanewise");
    const session = await InferenceSession.create(bytes);
    console.log(JSON.stringify([session.inputMetadata[0].shape, small.graph.facts.get("x").dims]));`,
  );
  expect(found).toEqual([
    ["N", 3, 64, 64],
    ["N", 3, 96, 96],
  ]);
});

test("ViT-H is counted and planned without a weight", () => {
  const found = run(
    1,
    "console.log(JSON.stringify([trainable, weightBytes > 4 * trainable, arenaBytes > 1e6, process.memoryUsage().rss < 5e8]));",
  );
  // torchvision's vit_h_14 at 224 pixels.
  expect(found).toEqual([632_045_800, true, true, true]);
});
