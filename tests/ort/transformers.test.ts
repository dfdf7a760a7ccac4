import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, consumerOfBuild } from "../support/consumer.ts";
import { dataPath } from "../support/data.ts";
import { writeImageClassifier, writeTextModel } from "./transformers-folders.ts";
import { isInstalled, TRANSFORMERS, transformersNeeded } from "./transformers-installed.ts";

let consumer: Consumer;

beforeAll(() => {
  if (!isInstalled) return;
  consumer = consumerOfBuild();
  const name = "node_modules/@huggingface";
  symlinkSync(join(TRANSFORMERS, name), join(consumer.folder, name), "junction");
});

afterAll(() => consumer?.remove());

/** What a pipeline prints on onnxruntime-node and on lanewise, in processes of their own. */
function bothOf(name: string, program: string): unknown[] {
  const hook = `import * as ort from "lanewise/ort"; globalThis[Symbol.for("onnxruntime")] = ort;`;
  return ["", hook].map((before, i) => {
    consumer.write(`${name}-hook-${i}.js`, before);
    const printed = consumer.runModule(
      `${name}-${i}.js`,
      `import "./${name}-hook-${i}.js";
      import { env, pipeline, RawImage } from "@huggingface/transformers";
      env.allowRemoteModels = false;
      env.localModelPath = ${JSON.stringify(consumer.folder)};
      const options = { dtype: "fp32", device: ${i === 0 ? `"cpu"` : `"auto"`} };
      const plain = (tensor) => ({ type: tensor.type, dims: tensor.dims, data: Array.from(tensor.data) });
      const result = await (async () => { ${program} })();
      console.log(JSON.stringify([Object.keys(env.backends.onnx.versions), result]));`,
    );
    const [versions, result] = JSON.parse(printed) as [string[], unknown];
    expect(versions).toEqual(["common", i === 0 ? "node" : "lanewise"]);
    return result;
  });
}

/** Equal but for what single precision leaves open. */
function expectAlike(actual: unknown, expected: unknown): void {
  if (typeof expected === "number")
    expect(Math.abs((actual as number) - expected)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
  else if (typeof expected === "object" && expected !== null) {
    expect(Object.keys(actual as object)).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected))
      expectAlike((actual as Record<string, unknown>)[key], value);
  } else expect(actual).toEqual(expected);
}

const TEXTS = `["The film was good.", "The film was badly made"]`;

describe("a pipeline of @huggingface/transformers gives on lanewise/ort what it gives on onnxruntime:", () => {
  test("image-classification", (context) => {
    transformersNeeded(context);
    const path = dataPath(context, "models", "mobilenetv2_fp32_dequant", "model.onnx");
    const image = dataPath(context, "images", "grace_hopper.jpg");
    writeImageClassifier(join(consumer.folder, "mobilenet"), path, 1000);
    const [theirs, own] = bothOf(
      "image",
      `const classify = await pipeline("image-classification", "mobilenet", options);
      return classify(${JSON.stringify(image)}, { top_k: 5 });`,
    );
    expect(theirs).toHaveLength(5);
    expectAlike(own, theirs);
  });

  test("feature-extraction", (context) => {
    transformersNeeded(context);
    writeTextModel(join(consumer.folder, "features"), "features");
    const [theirs, own] = bothOf(
      "features",
      `const extract = await pipeline("feature-extraction", "features", options);
      return plain(await extract(${TEXTS}, { pooling: "mean", normalize: true }));`,
    );
    expect(theirs).toMatchObject({ type: "float32", dims: [2, 16] });
    expectAlike(own, theirs);
  });

  test("text-classification", (context) => {
    transformersNeeded(context);
    writeTextModel(join(consumer.folder, "classes"), "classes");
    const [theirs, own] = bothOf(
      "classes",
      `const classify = await pipeline("text-classification", "classes", options);
      return classify(${TEXTS}, { top_k: null });`,
    );
    expect(theirs).toHaveLength(2);
    expectAlike(own, theirs);
  });
});
