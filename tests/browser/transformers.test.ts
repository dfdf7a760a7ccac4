import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, describe, expect, type TestContext, test } from "vitest";
import { TRANSFORMERS, transformersNeeded } from "../ort/transformers-installed.ts";
import {
  ASK,
  expectSameAnswer,
  PICTURE,
  TASKS,
  type Task,
  writeModels,
} from "../ort/transformers-pipelines.ts";
import { root } from "../support/consumer.ts";
import { CONTENT_SECURITY_POLICY, createPages, type Pages } from "./harness.ts";

const browser = createPages();
const folder = mkdtempSync(join(tmpdir(), "lanewise-transformers-"));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await browser.close();
});

const ORT_WEB = join(TRANSFORMERS, "node_modules/onnxruntime-web/dist");
const LANEWISE = join(root, "dist/browser/ort.js");

/** What stands in place of `onnxruntime-web`, where its own files are served, and whether sessions shall be in a worker. */
const WAYS = {
  "onnxruntime-web": { ort: join(ORT_WEB, "ort.wasm.min.mjs"), proxy: false },
  "lanewise/ort": { ort: LANEWISE, proxy: false },
  "lanewise/ort in a worker": { ort: LANEWISE, proxy: true },
} as const;

type Way = keyof typeof WAYS;

/** In the page: pipelines with nothing said of devices. */
const program = (proxy: boolean): string => `
import { env, pipeline } from "@huggingface/transformers";
${ASK}
let workers = 0;
const { Worker } = globalThis;
globalThis.Worker = class extends Worker {
  constructor(...args) {
    super(...args);
    workers++;
  }
};
Object.assign(env, { allowLocalModels: true, allowRemoteModels: false, localModelPath: "/models/" });
const { versions, wasm } = env.backends.onnx;
Object.assign(wasm, { proxy: ${proxy}, numThreads: 1, wasmPaths: "/ort-web/" });
const answers = await askAll("/models/${PICTURE}", { dtype: "fp32" });
globalThis.answered({ versions: Object.keys(versions), answers, isInWorker: workers > 0 });`;

interface Found {
  readonly versions: readonly string[];
  readonly answers: Readonly<Record<Task, unknown>>;
  readonly isInWorker: boolean;
}

const found = new Map<Way, Promise<Found>>();

/** What all pipelines give in a page of their own, once for each way. */
async function answersOf(context: TestContext, way: Way): Promise<Found> {
  transformersNeeded(context);
  const pages = await browser.open(context);
  if (found.size === 0) {
    writeModels(folder, context);
    serveFiles(pages);
  }
  const asked = found.get(way) ?? askIn(pages, way);
  found.set(way, asked);
  return asked;
}

function serveFiles(pages: Pages): void {
  for (const name of readdirSync(folder, { recursive: true }) as string[])
    if (statSync(join(folder, name)).isFile())
      pages.serve(`/models/${name.replaceAll("\\", "/")}`, {
        type: name === PICTURE ? "image/png" : "application/octet-stream",
        body: readFileSync(join(folder, name)),
      });
  for (const [name, type] of [
    ["ort-wasm-simd-threaded.mjs", "text/javascript"],
    ["ort-wasm-simd-threaded.wasm", "application/wasm"],
  ] as const)
    pages.serve(`/ort-web/${name}`, { type, body: readFileSync(join(ORT_WEB, name)) });
}

async function askIn(pages: Pages, way: Way): Promise<Found> {
  const { ort, proxy } = WAYS[way];
  const { outputFiles } = await build({
    stdin: { contents: program(proxy), resolveDir: TRANSFORMERS },
    ...{ bundle: true, format: "esm", platform: "browser", write: false, logLevel: "error" },
    alias: { "onnxruntime-web/webgpu": ort, "onnxruntime-web": ort },
  });
  const body = outputFiles?.[0]?.contents as Uint8Array;
  const src = pages.serve(`/transformers-${found.size}.js`, { type: "text/javascript", body });
  return pages.run(
    (_, { src }) =>
      new Promise<Found>((answered, failed) => {
        Object.assign(globalThis, { answered });
        addEventListener("unhandledrejection", ({ reason }) => failed(reason));
        document.head.append(Object.assign(document.createElement("script"), { type: "module", src }));
      }),
    { src },
    proxy ? { policy: `${CONTENT_SECURITY_POLICY}; worker-src blob:` } : {},
  );
}

const OWN_WAYS = (Object.keys(WAYS) as Way[]).slice(1);

describe.each(OWN_WAYS)("Transformers.js in a page, bundled by an alias with %s", (way) => {
  test("has it for its runtime", async (context) => {
    expect(await answersOf(context, "onnxruntime-web")).toMatchObject({ versions: ["common", "web"] });
    expect(await answersOf(context, way)).toMatchObject({
      versions: ["common", "lanewise"],
      isInWorker: WAYS[way].proxy,
    });
  });

  test.for(TASKS)("gives what it gives with onnxruntime-web: %s", async (task, context) => {
    const { answers: theirs } = await answersOf(context, "onnxruntime-web");
    const { answers: own } = await answersOf(context, way);
    expectSameAnswer(task, own[task], theirs[task]);
  });
});
