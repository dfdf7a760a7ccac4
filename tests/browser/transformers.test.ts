import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { writeTextModel } from "../ort/transformers-folders.ts";
import { TRANSFORMERS, transformersNeeded } from "../ort/transformers-installed.ts";
import { root } from "../support/consumer.ts";
import { createPages } from "./harness.ts";

const browser = createPages();
const folder = mkdtempSync(join(tmpdir(), "lanewise-transformers-"));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await browser.close();
});

/** In the page: a pipeline with nothing said of devices. */
const PROGRAM = `
import { env, pipeline } from "@huggingface/transformers";
Object.assign(env, { allowLocalModels: true, allowRemoteModels: false, localModelPath: "/models/" });
const classify = await pipeline("text-classification", "classes", { dtype: "fp32" });
const versions = Object.keys(env.backends.onnx.versions);
globalThis.answered({ versions, answer: await classify("The film was good.") });`;

test("Transformers.js runs a pipeline in a page, bundled with lanewise/ort by an alias", async (context) => {
  transformersNeeded(context);
  const pages = await browser.open(context);
  writeTextModel(join(folder, "classes"), "classes");
  for (const name of readdirSync(folder, { recursive: true }) as string[])
    if (statSync(join(folder, name)).isFile())
      pages.serve(`/models/${name.replaceAll("\\", "/")}`, { body: readFileSync(join(folder, name)) });
  const ort = join(root, "dist/browser/ort.js");
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: TRANSFORMERS },
    ...{ bundle: true, format: "esm", platform: "browser", write: false, logLevel: "error" },
    alias: { "onnxruntime-web/webgpu": ort, "onnxruntime-web": ort },
  });
  const body = outputFiles?.[0]?.contents as Uint8Array;
  const src = pages.serve("/transformers.js", { type: "text/javascript", body });
  const result = await pages.run(
    (_, { src }) =>
      new Promise<{ versions: string[]; answer: unknown }>((answered, failed) => {
        Object.assign(globalThis, { answered });
        addEventListener("unhandledrejection", ({ reason }) => failed(reason));
        document.head.append(Object.assign(document.createElement("script"), { type: "module", src }));
      }),
    { src },
  );
  expect(result.versions).toEqual(["common", "lanewise"]);
  expect(result.answer).toMatchObject([
    { label: expect.stringMatching(/good|bad/), score: expect.any(Number) },
  ]);
});
