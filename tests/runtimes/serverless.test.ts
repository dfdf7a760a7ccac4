import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, type TestContext, test } from "vitest";
import { decodeImage, encodePng } from "../../src/cli/image-file.ts";
import { type Consumer, runNode } from "../support/consumer.ts";
import { dataPath } from "../support/data.ts";
import { binaryOf, type Runtime, startServer } from "./binaries.ts";
import { buildExample, installExample } from "./example.ts";

const MINUTES = 60_000;

let installed: Consumer | undefined;

async function exampleFor(context: TestContext): Promise<Consumer> {
  if (installed === undefined) {
    installed = installExample(context);
    await buildExample(installed);
  }
  return installed;
}

afterAll(() => installed?.remove());

/** What a Worker may take, and what ours takes before it has seen a picture, beside the model: as the inspector says. */
const MOST_BYTES = 128e6;
const WORKER_CODE_BYTES = 5e6;

const DENO = ["run", "--cached-only", "--allow-net", "--allow-read", "--allow-env", "deno.js"];
const SERVERS: readonly (readonly [Runtime | "this Node", (port: number) => readonly string[]])[] = [
  ["this Node", () => ["node.js"]],
  ["Node 20.0.0", () => ["node.js"]],
  ["Node 22", () => ["node.js"]],
  ["Node 24", () => ["node.js"]],
  ["Node 26", () => ["node.js"]],
  ["Deno", () => DENO],
  ["Bun", () => ["bun.js"]],
  ["workerd", (port) => ["serve", "workerd.capnp", `--socket-addr=http=127.0.0.1:${port}`]],
];

const photo = (context: TestContext): Buffer =>
  readFileSync(dataPath(context, "images/imagenet_samples/n01440764_tench.JPEG"));

interface Answer {
  readonly top: readonly { readonly label: string; readonly score: number }[];
}

describe("the app of examples/serverless", () => {
  for (const [runtime, args] of SERVERS)
    test(`answers pictures on ${runtime}`, { timeout: 5 * MINUTES }, async (context) => {
      const jpeg = photo(context);
      const program = runtime === "this Node" ? process.execPath : binaryOf(context, runtime);
      const { folder } = await exampleFor(context);
      const server = await startServer(program, args, folder);
      try {
        const post = (body: Uint8Array) =>
          fetch(server.address, { method: "POST", body: new Uint8Array(body) });
        const ofJpeg = (await (await post(jpeg)).json()) as Answer;
        expect(ofJpeg.top).toHaveLength(5);
        expect(ofJpeg.top[0]?.label).toBe("tench");
        expect(ofJpeg.top[0]?.score).toBeGreaterThan(0.5);
        expect(ofJpeg.top[0]?.score).toBeLessThanOrEqual(1);
        const ofPng = (await (await post(encodePng(decodeImage(jpeg, "the photo")))).json()) as Answer;
        expect(ofPng.top.map(({ label }) => label)).toEqual(ofJpeg.top.map(({ label }) => label));
        const refused = await post(Uint8Array.of(1, 2, 3));
        expect([refused.status, await refused.json()]).toEqual([400, { error: "expected a JPEG or a PNG" }]);
      } finally {
        await server.stop();
      }
    });

  test("holds inside 128 MB on workerd, picture after picture", async (context) => {
    const pictures = ["imagenet_samples/n01440764_tench.JPEG", "elephants.jpg", "grace_hopper.jpg"].map(
      (name) => readFileSync(dataPath(context, "images", name)),
    );
    const program = binaryOf(context, "workerd");
    const { folder } = await exampleFor(context);
    const args = (port: number) => ["serve", "workerd.capnp", `--socket-addr=http=127.0.0.1:${port}`];
    const server = await startServer(program, args, folder);
    try {
      // The limit is on the worker, and what the process had before the first picture is its own but for the worker's code
      // and its copy of the model.
      const before = server.peakBytes();
      for (let i = 0; i < 30; i++) {
        const response = await fetch(server.address, {
          method: "POST",
          body: new Uint8Array(pictures[i % 3] as Buffer),
        });
        expect(response.status).toBe(200);
        await response.arrayBuffer();
      }
      const model = readFileSync(join(folder, "model.onnx")).length;
      expect(server.peakBytes() - before + model).toBeLessThan(MOST_BYTES - WORKER_CODE_BYTES);
    } finally {
      await server.stop();
    }
  });

  test("is one file for AWS Lambda, which answers an event of API Gateway", async (context) => {
    const jpeg = photo(context);
    const example = await exampleFor(context);
    const folder = join(example.folder, "lambda");
    mkdirSync(folder);
    for (const name of ["build/lambda.mjs", "model.onnx", "labels.json"])
      copyFileSync(join(example.folder, name), join(folder, name.replace("build/", "")));
    const event = {
      version: "2.0",
      routeKey: "$default",
      rawPath: "/",
      rawQueryString: "",
      headers: { "content-type": "image/jpeg", host: "example.org" },
      requestContext: {
        accountId: "1",
        apiId: "api",
        domainName: "example.org",
        domainPrefix: "api",
        http: { method: "POST", path: "/", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" },
        requestId: "id",
        routeKey: "$default",
        stage: "$default",
        time: "01/Jan/2026:00:00:00 +0000",
        timeEpoch: 1767225600000,
      },
      isBase64Encoded: true,
      body: jpeg.toString("base64"),
    };
    example.write("lambda/event.json", JSON.stringify(event));
    example.write(
      "lambda/invoke.mjs",
      `import { readFileSync } from "node:fs";
      import { handler } from "./lambda.mjs";
      const event = JSON.parse(readFileSync("event.json", "utf8"));
      console.log(JSON.stringify(await handler(event, { awsRequestId: "1" })));`,
    );
    const { statusCode, body } = JSON.parse(runNode(folder, "invoke.mjs")) as {
      statusCode: number;
      body: string;
    };
    expect(statusCode).toBe(200);
    const { top } = JSON.parse(body) as Answer;
    expect(top[0]?.label).toBe("tench");
    expect(top).toHaveLength(5);
  });

  test("is why there is lanewise/external: workerd makes no WebAssembly of bytes", async (context) => {
    const program = binaryOf(context, "workerd");
    const example = await exampleFor(context);
    const config = readFileSync(join(example.folder, "workerd.capnp"), "utf8");
    const module = `import kernels from "lanewise/kernels/relaxed.wasm";
    const attempt = (bytes) => {
      try {
        return new WebAssembly.Module(bytes) && "compiled";
      } catch (error) {
        return error.message;
      }
    };
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    export default { fetch: () => Response.json([attempt(empty), kernels instanceof WebAssembly.Module]) };`;
    example.write("bytes/worker.js", module);
    example.write("bytes.capnp", config.replace("build/worker.js", "bytes/worker.js"));
    const args = (port: number) => ["serve", "bytes.capnp", `--socket-addr=http=127.0.0.1:${port}`];
    const server = await startServer(program, args, example.folder);
    try {
      const answer = (await (await fetch(server.address)).json()) as [string, boolean];
      expect(answer).toEqual([expect.stringContaining("disallowed"), true]);
    } finally {
      await server.stop();
    }
  });
});
