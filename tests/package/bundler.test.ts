import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, consumerOfBuild, root, runNode } from "../support/consumer.ts";
import { smallModel } from "../support/small-model.ts";

/** What unpacks the kernels of entries that carry some. */
const UNPACKER = readFileSync(join(root, "build/unpack.txt"), "utf8");

let consumer: Consumer;

beforeAll(() => {
  consumer = consumerOfBuild();
});

afterAll(() => consumer.remove());

/** What esbuild makes, with its own defaults, of a module of the consumer's for the browser. */
const bundle = (name: string, text: string, alias: Readonly<Record<string, string>> = {}) =>
  build({
    alias,
    entryPoints: [consumer.write(name, text)],
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    write: false,
    metafile: true,
    outdir: consumer.folder,
    absWorkingDir: consumer.folder,
    logLevel: "silent",
  });

const REQUIRE = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

describe("a bundler", () => {
  test("makes one self-contained file for the browser of it, which runs", async () => {
    const { outputFiles, warnings, metafile } = await bundle(
      "page.js",
      `import { InferenceSession, Tensor } from "lanewise";
      import { topK } from "lanewise/vision";
      export async function main(model) {
        const session = await InferenceSession.create(model);
        const { y } = await session.run({ x: new Tensor("float32", new Float32Array(1440).fill(1), [1, 3, 20, 24]) });
        return topK(y.data, 1).length;
      }`,
    );
    expect(warnings).toEqual([]);
    expect(outputFiles.map(({ path }) => path)).toHaveLength(1);
    expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
    expect(entriesOfOurs(metafile.inputs)).toEqual(["index", "vision"]);
    expect(outputFiles[0]?.text).not.toMatch(/\beval\(|new Function\(/);
    consumer.write("bundled.js", outputFiles[0]?.contents as Uint8Array);
    consumer.write("small.onnx", smallModel());
    const printed = consumer.runModule(
      "run-bundled.js",
      `import { readFileSync } from "node:fs";
      import { main } from "./bundled.js";
      console.log(await main(readFileSync("small.onnx")));`,
    );
    expect(printed.trim()).toBe("1");
  });

  test.each(["esm", "cjs"] as const)(
    "makes one %s file for Node of threads and workers, which runs by itself",
    async (format) => {
      const program = `import { InferenceSession, Tensor } from "lanewise";
        import { threading } from "lanewise/threads";
        import { InferenceSession as WorkerSession } from "lanewise/worker";
        (async () => {
          const sessions = [
            await InferenceSession.create("small.onnx"),
            await InferenceSession.create("small.onnx", { threads: 2, threading }),
            await WorkerSession.create("small.onnx", { threads: 2 }),
          ];
          const printed = [];
          for (const session of sessions) {
            const { y } = await session.run({ x: new Tensor("float32", new Float32Array(1440).fill(1), [1, 3, 20, 24]) });
            printed.push(session.threads, topOf(y.data));
            await session.release();
          }
          console.log(printed.join());
        })();
        const topOf = (scores) => scores.indexOf(Math.max(...scores));`;
      const folder = mkdtempSync(join(tmpdir(), "lanewise-bundled-"));
      try {
        const outfile = join(folder, format === "esm" ? "server.mjs" : "server.cjs");
        const { warnings } = await build({
          ...{ entryPoints: [consumer.write("server.js", program)], outfile, format },
          ...{ bundle: true, platform: "node", absWorkingDir: consumer.folder, logLevel: "silent" },
          // As users of CommonJS packages in ES modules do: what is bundled requires Node's own modules.
          ...(format === "esm" && { banner: { js: REQUIRE } }),
        });
        expect(warnings).toEqual([]);
        writeFileSync(join(folder, "small.onnx"), smallModel());
        expect(runNode(folder, outfile).trim()).toMatch(/^1,(\d),2,\1,2,\1$/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  test("takes every operator from lanewise/all", async () => {
    const { metafile } = await bundle("all.js", `export { InferenceSession } from "lanewise/all";`);
    expect(entriesOfOurs(metafile.inputs)).toEqual(["all"]);
  });

  test("takes lanewise/ort in place of onnxruntime's packages, by an alias and in one file", async () => {
    const program = `import ort, { InferenceSession } from "onnxruntime-web";
      export const main = () => InferenceSession === ort.InferenceSession;`;
    const { metafile, outputFiles } = await bundle("aliased-source.js", program, {
      "onnxruntime-web": "lanewise/ort",
    });
    expect(entriesOfOurs(metafile.inputs)).toEqual(["ort", "threads", "worker"]);
    expect(outputFiles).toHaveLength(1);
    consumer.write("aliased.js", outputFiles[0]?.contents as Uint8Array);
    const run = `import { main } from "./aliased.js"; console.log(main());`;
    expect(consumer.runModule("run-aliased.js", run).trim()).toBe("true");
  });

  test("finds no kernels in lanewise/external, and nothing that compiles any", async () => {
    const { outputFiles, metafile } = await bundle(
      "external.js",
      `export { InferenceSession } from "lanewise/external"; export { topK } from "lanewise/vision";`,
    );
    expect(entriesOfOurs(metafile.inputs)).toEqual(["external", "vision"]);
    expect(outputFiles[0]?.text).not.toMatch(
      /new WebAssembly\.Module\(|WebAssembly\.(compile|instantiate)|eval\(|new Function/,
    );
    expect(outputFiles[0]?.text).not.toContain(UNPACKER.slice(0, 40));
    const own = await bundle("own.js", `export { InferenceSession } from "lanewise";`);
    expect(own.outputFiles[0]?.text).toContain("new WebAssembly.Module(");
    expect(own.outputFiles[0]?.text).toContain(UNPACKER.slice(0, 40));
  });

  test.each([
    ["lanewise", 'unknown tensor type "int4"'],
    ["lanewise/all", "int4 [1,-8]"],
  ])("finds in %s of narrow dtypes: %s", async (entry, expected) => {
    const name = entry.replace("/", "-");
    const { outputFiles } = await bundle(
      `narrow-${name}-source.js`,
      `import { Tensor } from "${entry}";
      export function main() {
        try {
          const { type, data } = new Tensor("int4", [1, -8]);
          return \`\${type} [\${data}]\`;
        } catch (error) {
          return error.message;
        }
      }`,
    );
    consumer.write(`narrow-${name}.js`, outputFiles[0]?.contents as Uint8Array);
    const printed = consumer.runModule(
      `run-narrow-${name}.js`,
      `import { main } from "./narrow-${name}.js"; console.log(main());`,
    );
    expect(printed).toContain(expected);
  });

  test("leaves all of it out of a file that uses nothing of it", async () => {
    const { outputFiles } = await bundle(
      "unused.js",
      `import "lanewise"; import "lanewise/vision"; console.log(1);`,
    );
    expect(outputFiles[0]?.contents.length).toBeLessThan(200);
  });
});

/** The entries of ours that a bundle takes in; what they share is called by its content. */
const entriesOfOurs = (inputs: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(inputs)
    .flatMap((name) => name.match(/lanewise\/dist\/browser\/(\w+)\.js$/)?.[1] ?? [])
    .sort();
