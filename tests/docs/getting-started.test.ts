import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binaryOf, startServer } from "../runtimes/binaries.ts";
import { type Consumer, consumerOfBuild, root, runNode, runProgram } from "../support/consumer.ts";
import { blockOf, blocksOf, linesOf } from "./blocks.ts";
import { best, bestOf, exampleFolder, forSubject, lend, picture } from "./subject.ts";

// What docs/getting-started.md shows of Node and other servers, run; getting-started-pages.test.ts has the browsers.

const blocks = blocksOf("getting-started.md");
const code = (heading: string, language = "js") => forSubject(blockOf(blocks, heading, language));

let consumer: Consumer;
let folder: string;

beforeAll(() => {
  consumer = consumerOfBuild();
  lend(consumer, "jpeg-js");
  folder = exampleFolder(consumer, "servers");
  write("classify.js", code("What servers share"));
});

afterAll(() => consumer?.remove());

const write = (name: string, text: string): string => consumer.write(`servers/${name}`, text);

test("no block is longer than ten lines, and each is of an environment that a test knows", () => {
  for (const block of blocks) expect(linesOf(block.code).length, block.heading).toBeLessThanOrEqual(10);
  expect([...new Set(blocks.map(({ heading }) => heading))]).toEqual([
    ...["Node, ES module", "Node, CommonJS", "TypeScript", "What servers share", "Deno", "Bun", "Next"],
    ...["workerd", "AWS Lambda", "What pages share", "A page with a bundler", "A page without a bundler"],
    ...["Off the main thread", "Threads", "Offline, in a service worker", "The command line", "Training"],
  ]);
});

describe("Node", () => {
  test.each([
    ["Node, ES module", "main.mjs"],
    ["Node, CommonJS", "main.cjs"],
  ])("%s", (heading, name) => {
    write(name, code(heading));
    expect(bestOf(runNode(folder, name))).toBe(best);
  });

  test("TypeScript", () => {
    write("typed/classify.ts", code("TypeScript", "ts"));
    write(
      "tsconfig.json",
      JSON.stringify({
        compilerOptions: {
          ...{
            target: "es2022",
            lib: ["es2022"],
            module: "nodenext",
            strict: true,
            skipLibCheck: false,
            types: [],
          },
          ...{ noUncheckedIndexedAccess: true, rootDir: "typed", outDir: "compiled" },
        },
        files: ["typed/classify.ts"],
      }),
    );
    runNode(folder, join(root, "node_modules/typescript/bin/tsc"), "-p", ".");
    const uses = code("Deno")
      .replace("./classify.js", "./compiled/classify.js")
      .replace(
        /await Deno\.readFile\(("picture.jpg")\)/,
        "jpeg.decode(readFileSync($1), { useTArray: true })",
      );
    write("typed.mjs", `import { readFileSync } from "node:fs";\nimport jpeg from "jpeg-js";\n${uses}`);
    expect(bestOf(runNode(folder, "typed.mjs"))).toBe(best);
  });

  test("Next's route handler, called as Next calls it", () => {
    write("app/classify/route.js", code("Next"));
    const call = `import { readFileSync } from "node:fs";
      import { POST } from "./app/classify/route.js";
      const request = new Request("http://localhost/classify", { method: "POST", body: readFileSync("picture.jpg") });
      console.log(await (await POST(request)).text());`;
    write("call.mjs", call);
    expect(bestOf(runNode(folder, "call.mjs"))).toBe(best);
  });

  test("AWS Lambda, in one file", async () => {
    const block = code("AWS Lambda");
    write("handler.js", block);
    mkdirSync(join(folder, "lambda"));
    await build({
      ...{ entryPoints: [join(folder, "handler.js")], outfile: join(folder, "lambda/handler.mjs") },
      ...{ bundle: true, platform: "node", format: "esm", logLevel: "error" },
    });
    copyFileSync(join(folder, "model.onnx"), join(folder, "lambda/model.onnx"));
    const invoke = `import { readFileSync } from "node:fs";
      import { handler } from "./lambda/handler.mjs";
      const event = { isBase64Encoded: true, body: readFileSync("picture.jpg", "base64") };
      const { statusCode, body } = await handler(event);
      console.log(statusCode, body);`;
    write("invoke.mjs", invoke);
    const printed = runNode(folder, "invoke.mjs");
    expect(printed).toMatch(/^200 /);
    expect(bestOf(printed)).toBe(best);
  });

  test("the command line", () => {
    const [line, ...rest] = linesOf(code("The command line", "sh"));
    expect(rest).toEqual([]);
    const [program, ...args] = (line as string).split(" ");
    const { top } = JSON.parse(runProgram(program as string, [...args, "--json"], folder));
    expect(top[0].index).toBe(best);
  });

  test("training", () => {
    write("train.mjs", code("Training"));
    const [, accuracy] = /accuracy: ([\d.]+)/.exec(runNode(folder, "train.mjs")) ?? [];
    expect(Number(accuracy)).toBeGreaterThan(0.9);
  });
});

describe("other runtimes", () => {
  const RUNTIMES = [
    ["Deno", ["run", "--cached-only", "--allow-read", "--allow-env", "deno.js"]],
    ["Bun", ["bun.js"]],
  ] as const;

  for (const [name, args] of RUNTIMES)
    test(name, { timeout: 300_000 }, (context) => {
      const program = binaryOf(context, name);
      write(`${name.toLowerCase()}.js`, code(name));
      expect(bestOf(runProgram(program, args, folder))).toBe(best);
    });

  test("workerd", { timeout: 300_000 }, async (context) => {
    const program = binaryOf(context, "workerd");
    write("worker.js", code("workerd"));
    await build({
      ...{ entryPoints: [join(folder, "worker.js")], outfile: join(folder, "build/worker.js") },
      ...{ bundle: true, format: "esm", conditions: ["workerd", "worker", "browser"], logLevel: "error" },
      external: ["*.wasm", "*.onnx"],
    });
    const config = readFileSync(join(root, "examples/serverless/workerd.capnp"), "utf8")
      .replace('embed "build/', 'embed "servers/build/')
      .replace('embed "model.onnx"', 'embed "servers/model.onnx"');
    consumer.write("workerd.capnp", config);
    const args = (port: number) => ["serve", "workerd.capnp", `--socket-addr=http=127.0.0.1:${port}`];
    const server = await startServer(program, args, consumer.folder);
    try {
      const answer = await fetch(server.address, { method: "POST", body: new Uint8Array(picture) });
      expect(bestOf(await answer.text())).toBe(best);
    } finally {
      await server.stop();
    }
  });
});
