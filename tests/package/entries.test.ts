import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUILDS, type Consumer, consumerOfBuild, pathsOf, root, runNode } from "../support/consumer.ts";
import { smallModel } from "../support/small-model.ts";

let consumer: Consumer;

beforeAll(() => {
  consumer = consumerOfBuild();
});

afterAll(() => consumer.remove());

describe("the packed package", () => {
  test("holds the build, the documents, the licences, and nothing else", () => {
    const files = (
      readdirSync(consumer.installed, { recursive: true, withFileTypes: true }) as import("node:fs").Dirent[]
    )
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(consumer.installed.length + 1)
          .replaceAll("\\", "/"),
      );
    const scripts = [
      "index",
      "external",
      "nn",
      "train",
      "inspect",
      "models",
      "vision",
      "threads",
      "ort",
      "worker",
      "thread-worker",
      "session-worker",
    ];
    const required = [
      "commonjs",
      "index",
      "external",
      "nn",
      "train",
      "inspect",
      "models",
      "vision",
      "threads",
      "worker",
      "ort",
      "ort-register",
    ];
    const expected = [
      ...["package.json", "README.md", "CHANGELOG.md", "LICENSE", "dist/THIRD-PARTY-NOTICES.txt"],
      ...["dist/cli.js", "dist/batch-worker.js", "dist/session-script.cjs", "dist/ort-register.js"],
      ...["dist/browser/all.js", "dist/types/package.json"],
      ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".md"))
        .map((name) => `docs/${name.replaceAll("\\", "/")}`),
      ...required.map((name) => `dist/${name}.cjs`),
      ...scripts.flatMap((name) => [`dist/${name}.js`, `dist/browser/${name}.js`]),
      ...BUILDS.map((name) => `dist/kernels/${name}.wasm`),
    ];
    // What entries share, and the command line's parts, are called by their content.
    const varying = /^dist\/(types\/.*\.d\.m?ts|(browser\/)?(chunk|cli)-\w+\.js)$/;
    expect(files.filter((name) => !varying.test(name)).sort()).toEqual(expected.sort());
  });

  test("needs no other package, runs no script at its installation", () => {
    expect(consumer.manifest.dependencies ?? {}).toEqual({});
    expect(
      Object.keys(consumer.manifest.scripts ?? {}).filter((name) => /^(pre|post)?install$/.test(name)),
    ).toEqual([]);
    expect(consumer.manifest.type).toBe("module");
  });

  test("exports files that are there, types first and the default last", () => {
    for (const [name, target] of Object.entries(consumer.manifest.exports)) {
      if (typeof target !== "string") {
        // Scripts of workers are started, not imported.
        if (!name.endsWith("-worker.js")) expect(Object.keys(target)[0], name).toBe("types");
        expect(Object.keys(target).at(-1), name).toBe("default");
      }
      for (const path of pathsOf(target)) expect(existsSync(join(consumer.installed, path)), path).toBe(true);
    }
    for (const path of Object.values(consumer.manifest.bin))
      expect(existsSync(join(consumer.installed, path)), path).toBe(true);
  });

  test("has side effects only in entries that add operators or backends", () => {
    const { sideEffects } = consumer.manifest;
    expect([...sideEffects].sort()).toEqual(
      [
        ...[
          "browser/all",
          "browser/inspect",
          "browser/models",
          "browser/nn",
          "browser/ort",
          "browser/session-worker",
          "browser/thread-worker",
          "browser/train",
        ],
        ...[
          "index",
          "inspect",
          "models",
          "nn",
          "ort-register",
          "ort",
          "session-worker",
          "thread-worker",
          "train",
        ],
      ]
        .map((name) => `./dist/${name}.js`)
        .concat("./dist/ort-register.cjs")
        .sort(),
    );
    for (const path of sideEffects) expect(existsSync(join(consumer.installed, path)), path).toBe(true);
  });

  test("throws one LanewiseError from all entries in Node, and none that is a stranger to the command line's", () => {
    const printed = consumer.runModule(
      "errors.js",
      `import { InferenceSession, LanewiseError, ShapeError, UsageError } from "lanewise";
      import { LanewiseError as ofAll } from "lanewise/all";
      import { topK } from "lanewise/vision";
      import { sequential } from "lanewise/nn";
      import { compile } from "lanewise/train";
      const thrown = [];
      const attempt = async (work) => {
        try {
          await work();
        } catch (error) {
          thrown.push(error);
        }
      };
      await attempt(() => InferenceSession.create(7));
      await attempt(() => topK("no numbers"));
      await attempt(() => sequential({}, 3));
      await attempt(() => compile(5, {}));
      console.log(JSON.stringify([
        ofAll === LanewiseError,
        thrown.map((error) => [error instanceof LanewiseError, error instanceof UsageError, error instanceof ShapeError]),
      ]));`,
    );
    expect(JSON.parse(printed)).toEqual([true, new Array(4).fill([true, true, false])]);
  });

  test("runs a model in Node", () => {
    consumer.write("small.onnx", smallModel());
    const printed = consumer.runModule(
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
    const printed = consumer.runModule(
      "build.js",
      `import { conv2d, dense, flatten, relu, sequential } from "lanewise/nn";
      const layers = [conv2d({ filters: 2, kernelSize: 3 }), relu(), flatten(), dense({ units: 3 })];
      const { graph, trainable } = sequential({ input: [1, 8, 8] }, layers);
      console.log(JSON.stringify([graph.nodes.map(({ op }) => op), trainable.size]));`,
    );
    expect(JSON.parse(printed)).toEqual([["Conv", "Relu", "Flatten", "Gemm"], 4]);
  });

  test("trains in Node what it built", () => {
    const printed = consumer.runModule(
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
    const printed = consumer.runModule(
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
    expect(
      runNode(consumer.folder, join(consumer.installed, consumer.manifest.bin.lanewise as string), "--help"),
    ).toMatch(/lanewise/);
  });
});
