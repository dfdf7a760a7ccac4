import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { smallModel } from "./support/small-model.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The most that a browser may have to download, minified and compressed. */
const BROWSER_BUDGET_BYTES = 130_000;

const BUILDS = ["plain", "relaxed", "plain-threads", "relaxed-threads"];

type Conditions = Readonly<Record<string, string>>;
interface Manifest {
  readonly type: string;
  readonly sideEffects: boolean;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Conditions>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A project that has the package installed, as npm packs it, and nothing else. */
const consumer = mkdtempSync(join(tmpdir(), "lanewise-consumer-"));
const installed = join(consumer, "node_modules/lanewise");
let manifest: Manifest;

beforeAll(() => {
  if (!existsSync(join(root, "dist/types"))) throw new Error("dist is not built: npm run build, or npm test");
  npm(root, "pack", "--silent", "--pack-destination", consumer);
  const archive = readdirSync(consumer).find((name) => name.endsWith(".tgz")) as string;
  write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }));
  npm(consumer, "install", "--offline", "--no-audit", "--no-fund", "--silent", `./${archive}`);
  manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Manifest;
});

afterAll(() => rmSync(consumer, { recursive: true, force: true }));

function npm(cwd: string, ...args: string[]): void {
  execFileSync("npm", args, { cwd, stdio: "pipe", shell: process.platform === "win32" });
}

function write(name: string, text: string | Uint8Array): string {
  const path = join(consumer, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Runs a module of the consumer's in a plain Node; gives what it printed. */
function runModule(name: string, text: string): string {
  return execFileSync(process.execPath, [write(name, text)], { cwd: consumer, encoding: "utf8" });
}

/** Runs a program of the checkout; throws what it printed where it fails. */
function runProgram(...args: string[]): string {
  try {
    return execFileSync(process.execPath, args, { cwd: consumer, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stdout}${stderr}`);
  }
}

describe("the packed package", () => {
  test("holds the build, the readme, the licence, and nothing else", () => {
    const files = (
      readdirSync(installed, { recursive: true, withFileTypes: true }) as import("node:fs").Dirent[]
    )
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(installed.length + 1)
          .replaceAll("\\", "/"),
      );
    const scripts = ["index", "nn", "train", "vision", "threads", "worker"];
    const expected = [
      ...["package.json", "README.md", "LICENSE", "dist/cli.js", "dist/browser/all.js"],
      ...scripts.flatMap((name) => [`dist/${name}.js`, `dist/browser/${name}.js`]),
      ...BUILDS.map((name) => `dist/kernels/${name}.wasm`),
    ];
    // The command line's parts are called by their content.
    const varying = /^dist\/(types\/.*\.d\.ts|cli-\w+\.js)$/;
    expect(files.filter((name) => !varying.test(name)).sort()).toEqual(expected.sort());
  });

  test("needs no other package, runs no script at its installation, has no side effects", () => {
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(Object.keys(manifest.scripts ?? {}).filter((name) => /^(pre|post)?install$/.test(name))).toEqual(
      [],
    );
    expect(manifest.sideEffects).toBe(false);
    expect(manifest.type).toBe("module");
  });

  test("exports files that are there, types first and the default last", () => {
    for (const [name, target] of Object.entries(manifest.exports)) {
      const conditions: Conditions = typeof target === "string" ? { default: target } : target;
      const order = Object.keys(conditions);
      if (typeof target !== "string") expect(order[0], name).toBe("types");
      expect(order.at(-1), name).toBe("default");
      for (const path of Object.values(conditions))
        expect(existsSync(join(installed, path)), path).toBe(true);
    }
    for (const path of Object.values(manifest.bin))
      expect(existsSync(join(installed, path)), path).toBe(true);
  });

  test("costs a browser no more than its budget", () => {
    const bytes = gzipSync(readFileSync(join(installed, "dist/browser/index.js")), { level: 9 }).length;
    expect(bytes).toBeLessThanOrEqual(BROWSER_BUDGET_BYTES);
  });

  test("runs a model in Node", () => {
    write("small.onnx", smallModel());
    const printed = runModule(
      "run.js",
      `import { InferenceSession, Tensor, env } from "lanewise";
      import { topK } from "lanewise/vision";
      const session = await InferenceSession.create("small.onnx");
      const { y } = await session.run({ x: new Tensor("float32", new Float32Array(1440).fill(1), [1, 3, 20, 24]) });
      await session.release();
      console.log(JSON.stringify({ version: env.versions.lanewise, dims: y.dims, best: topK(y.data, 1).length }));`,
    );
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(JSON.parse(printed)).toEqual({ version, dims: [1, 10], best: 1 });
  });

  test("builds networks in Node", () => {
    const printed = runModule(
      "build.js",
      `import { conv2d, dense, flatten, relu, sequential } from "lanewise/nn";
      const layers = [conv2d({ filters: 2, kernelSize: 3 }), relu(), flatten(), dense({ units: 3 })];
      const { graph, trainable } = sequential({ input: [1, 8, 8] }, layers);
      console.log(JSON.stringify([graph.nodes.map(({ op }) => op), trainable.size]));`,
    );
    expect(JSON.parse(printed)).toEqual([["Conv", "Relu", "Flatten", "Gemm"], 4]);
  });

  test("trains in Node what it built", () => {
    const printed = runModule(
      "train.js",
      `import { InferenceSession } from "lanewise";
      import { dense, flatten, sequential } from "lanewise/nn";
      import { compile, digits, exportNetwork, sgd, softmaxCrossEntropy } from "lanewise/train";
      const network = sequential({ input: [1, 8, 8], seed: 1 }, [flatten(), dense({ units: 10 })]);
      const options = { optimizer: sgd({ learningRate: 0.1 }), loss: softmaxCrossEntropy() };
      const trainer = await compile(network, options);
      const history = await trainer.fit(digits({ count: 100, size: 8 }), { epochs: 2, batchSize: 10 });
      const session = await InferenceSession.create(exportNetwork(trainer.network()));
      trainer.release();
      const losses = history.map(({ training }) => training.loss);
      console.log(JSON.stringify([losses[1] < losses[0], session.inputMetadata[0].shape.slice(1)]));`,
    );
    expect(JSON.parse(printed)).toEqual([true, [1, 8, 8]]);
  });

  test("hands out its kernels as files that WebAssembly takes, each build with the same ones", () => {
    const printed = runModule(
      "kernels.js",
      `import { fileURLToPath } from "node:url";
      const path = (build) => fileURLToPath(import.meta.resolve("lanewise/kernels/" + build + ".wasm"));
      console.log(JSON.stringify(${JSON.stringify(BUILDS)}.map(path)));`,
    );
    const [plain, ...others] = (JSON.parse(printed) as string[]).map((path) =>
      WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(path))).map(({ name }) => name),
    );
    expect(plain?.length).toBeGreaterThan(10);
    expect(others).toEqual(others.map(() => plain));
  });

  test("comes with a command line", () => {
    expect(runProgram(join(installed, manifest.bin.lanewise as string), "--help")).toMatch(/lanewise/);
  });
});

const TYPED_CONSUMER = `
import { InferenceSession, LanewiseError, type SessionOptions, Tensor } from "lanewise";
import { dense, type Network, sequential } from "lanewise/nn";
import { compile, type EpochReport, fromArrays, sgd, softmaxCrossEntropy } from "lanewise/train";
import { preprocess, presets, topK } from "lanewise/vision";

const options: SessionOptions = { simd: "plain", graphOptimizationLevel: "all" };

export async function classify(model: Uint8Array, image: { data: Uint8ClampedArray; width: number; height: number }) {
  using session = await InferenceSession.create(model, options);
  const { tensor } = preprocess(image, presets.imagenet);
  const results = await session.run({ [session.inputNames[0]!]: tensor });
  const scores: Tensor | undefined = results[session.outputNames[0]!];
  return scores === undefined ? [] : topK(scores.data as Float32Array, 5);
}

export const linear: Network = sequential({ input: [4] }, [dense({ units: 2 })]);

export async function train(x: Float32Array, y: Uint8Array): Promise<readonly EpochReport[]> {
  const trainer = await compile(linear, { optimizer: sgd({ learningRate: 0.1 }), loss: softmaxCrossEntropy() });
  return trainer.fit(fromArrays({ x, y, inputDims: [4], classes: 2 }), { epochs: 1 });
}

export const isOurs = (error: unknown): error is LanewiseError => error instanceof LanewiseError;

// @ts-expect-error a level that there is not
export const wrong: SessionOptions = { graphOptimizationLevel: "most" };
`;

describe("the package's types", () => {
  test.each(["bundler", "nodenext"])(
    "serve a strict consumer with moduleResolution %s",
    (moduleResolution) => {
      const config = `tsconfig.${moduleResolution}.json`;
      write("typed.ts", TYPED_CONSUMER);
      const compilerOptions = {
        target: "es2022",
        module: moduleResolution === "bundler" ? "esnext" : "nodenext",
        moduleResolution,
        lib: ["es2022", "dom", "esnext.disposable"],
        types: [],
        strict: true,
        noEmit: true,
      };
      write(config, JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
      expect(runProgram(join(root, "node_modules/typescript/bin/tsc"), "-p", join(consumer, config))).toBe(
        "",
      );
    },
  );
});

/** What esbuild makes, with its own defaults, of a module of the consumer's for the browser. */
const bundle = (name: string, text: string) =>
  build({
    entryPoints: [write(name, text)],
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    write: false,
    metafile: true,
    outdir: consumer,
    absWorkingDir: consumer,
    logLevel: "silent",
  });

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
    expect(inputsOfOurs(metafile.inputs)).toEqual([
      "node_modules/lanewise/dist/browser/index.js",
      "node_modules/lanewise/dist/browser/vision.js",
    ]);
    expect(outputFiles[0]?.text).not.toMatch(/\beval\(|new Function\(/);
    write("bundled.js", outputFiles[0]?.contents as Uint8Array);
    write("small.onnx", smallModel());
    const printed = runModule(
      "run-bundled.js",
      `import { readFileSync } from "node:fs";
      import { main } from "./bundled.js";
      console.log(await main(readFileSync("small.onnx")));`,
    );
    expect(printed.trim()).toBe("1");
  });

  test("takes every operator from lanewise/all", async () => {
    const { metafile } = await bundle("all.js", `export { InferenceSession } from "lanewise/all";`);
    expect(inputsOfOurs(metafile.inputs)).toEqual(["node_modules/lanewise/dist/browser/all.js"]);
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
    write(`narrow-${name}.js`, outputFiles[0]?.contents as Uint8Array);
    const printed = runModule(
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

const inputsOfOurs = (inputs: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(inputs)
    .filter((name) => name.includes("lanewise"))
    .sort();
