import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binaryOf } from "../runtimes/binaries.ts";
import { type Consumer, consumerOfBuild, npm, root, runNode, runProgram } from "../support/consumer.ts";

const MINUTES = 60_000;
const tools = join(root, "build/package-tools");
const tool = (path: string) => join(tools, "node_modules", path);

let consumer: Consumer;

beforeAll(() => {
  installTools();
  consumer = consumerOfBuild();
}, 5 * MINUTES);

afterAll(() => consumer?.remove());

/** Installs what `tools/` locks, once. */
function installTools(): void {
  const from = join(root, "tests/package/tools");
  const lock = readFileSync(join(from, "package-lock.json"), "utf8");
  const stamp = join(tools, "installed.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  mkdirSync(tools, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(from, name), join(tools, name));
  npm(tools, "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund");
  writeFileSync(stamp, lock);
}

const ENTRIES = [
  "",
  "/all",
  "/vision",
  "/nn",
  "/train",
  "/threads",
  "/external",
  "/worker",
  "/ort",
  "/ort/register",
  "/inspect",
  "/models",
];

const MODULE = `
${ENTRIES.map((entry, i) => `import * as entry${i} from "lanewise${entry}";`).join("\n")}
import { InferenceSession, type SessionOptions, Tensor } from "lanewise";
import { topK } from "lanewise/vision";
export const all = [${ENTRIES.map((_, i) => `entry${i}`)}] as const;
export const options: SessionOptions = { threading: entry5.threading };
export const session: Promise<InferenceSession> = entry1.InferenceSession.create("model.onnx", options);
export const best = topK(new Tensor("float32", new Float32Array(3), [3]).data as Float32Array, 1);
export const network: entry3.Network = entry3.sequential({ input: [4] }, [entry3.dense({ units: 2 })]);
// @ts-expect-error a number is no model
export const wrong = () => InferenceSession.create(42);
`;

const REQUIRES = ENTRIES.map((entry, i) => `import entry${i} = require("lanewise${entry}");`).join("\n");
const COMMON_JS = `${REQUIRES}\n${MODULE.replace(/^import \* .*\n/gm, "")}`;

const OWN = join(root, "node_modules/typescript");
/** The oldest that is supported, the own one, and the newest of each major since. */
const COMPILERS = ["5.2", "5.9", "6.0", "7.0"];

const SCRIPTS = ["use.ts", "use.mts", "use.cts"];

/** How compilers look for a package, once with what the DOM declares. */
const RESOLUTIONS = [
  { resolution: "bundler", module: "esnext", lib: ["es2022"], files: ["use.ts"] },
  { resolution: "node16", module: "node16", lib: ["es2022"], files: SCRIPTS },
  { resolution: "nodenext", module: "nodenext", lib: ["es2022", "dom"], files: SCRIPTS },
];

/** What TypeScript 6 has done away with, and what it was before without a word in tsconfig.json. */
const OLD = { resolution: "node10", module: "commonjs", lib: ["es2022"], files: ["use.ts", "use.cts"] };

describe.each(COMPILERS)("TypeScript %s reads every declaration", (version) => {
  const compiler = version === "5.9" ? OWN : tool(`typescript-${version}`);
  test("and is the version that it is called", () => {
    expect(JSON.parse(readFileSync(join(compiler, "package.json"), "utf8")).version).toMatch(`${version}.`);
  });

  const resolutions = Number(version) < 6 ? [...RESOLUTIONS, OLD] : RESOLUTIONS;
  test.each(resolutions)(
    "with $lib, found by $resolution from $files",
    ({ resolution, module, lib, files }) => {
      const folder = `${version}-${resolution}-${lib.join("-")}`;
      for (const file of files)
        consumer.write(`${folder}/${file}`, file.endsWith(".cts") ? COMMON_JS : MODULE);
      const compilerOptions = {
        target: "es2022",
        module,
        moduleResolution: resolution,
        lib,
        types: [],
        strict: true,
        skipLibCheck: false,
        noEmit: true,
      };
      consumer.write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, files }));
      expect(runNode(consumer.folder, join(compiler, "bin/tsc"), "-p", folder)).toBe("");
    },
  );
});

describe("linters of packages", () => {
  /** What publint says all the same, and why it is so. */
  const PUBLINT = {
    "exports...types.require EXPORTS_TYPES_INVALID_FORMAT":
      "a bundler for browsers gives `require` the ES module, as it gives all; the declarations are one and the same",
  };

  test("publint has nothing to say but what is explained", async () => {
    const program = `
      import { publint } from "${tool("publint/src/index-node.js")}";
      const { messages } = await publint({ pkgDir: "node_modules/lanewise", pack: false, strict: true });
      console.log(JSON.stringify(messages.map(({ code, path }) => path.join(".") + " " + code)));`;
    const said = JSON.parse(consumer.runModule("publint.js", program));
    expect(said.sort()).toEqual(Object.keys(PUBLINT).sort());
  });

  /** What attw says all the same, and why it is so. */
  const ATTW = {
    ...Object.fromEntries(
      ["plain", "relaxed", "plain-threads", "relaxed-threads"].flatMap((build) =>
        ["CJSResolvesToESM", "NoResolution"].map((kind) => [
          `./kernels/${build}.wasm ${kind}`,
          "bytes to fetch or to read, or a module for who can import one, as ES modules are",
        ]),
      ),
    ),
    ...Object.fromEntries(
      ["session-worker", "thread-worker"].flatMap((name) =>
        ["CJSResolvesToESM", "NoResolution", "UntypedResolution"].map((kind) => [
          `./${name}.js ${kind}`,
          "a worker is started from it: nobody imports it",
        ]),
      ),
    ),
  };

  test("attw has nothing to say but what is explained", () => {
    const attw = tool("@arethetypeswrong/cli/dist/index.js");
    // It ends before a pipe has taken all that it says.
    const said = join(consumer.folder, "attw.json");
    const file = openSync(said, "w");
    spawnSync(process.execPath, [attw, consumer.archive, "--format", "json"], {
      stdio: ["ignore", file, "ignore"],
    });
    closeSync(file);
    const printed = readFileSync(said, "utf8");
    const { problems } = JSON.parse(printed) as { problems: Record<string, { entrypoint?: string }[]> };
    const found = Object.entries(problems).flatMap(([kind, places]) =>
      places.map(({ entrypoint }) => `${entrypoint} ${kind}`),
    );
    expect([...new Set(found)].sort()).toEqual(Object.keys(ATTW).sort());
  });
});

const USE_ALL = `
const use = async ([{ InferenceSession, LanewiseError, Tensor }, all, { topK }, { dense, flatten, sequential }, train, { threading }, external, worker, ort]) => {
  const network = sequential({ input: [1, 8, 8], seed: 1 }, [flatten(), dense({ units: 10 })]);
  const options = { optimizer: train.sgd({ learningRate: 0.1 }), loss: train.softmaxCrossEntropy() };
  const trainer = await train.compile(network, options);
  const [first, second] = await trainer.fit(train.digits({ count: 100, size: 8 }), { epochs: 2, batchSize: 10 });
  const model = train.exportNetwork(trainer.network());
  trainer.release();
  const said = [all.InferenceSession === InferenceSession, second.training.loss < first.training.loss];
  for (const options of [{}, { threads: 2 }, { threads: 2, threading }]) {
    const session = await InferenceSession.create(model, options);
    const feeds = { x: new Tensor("float32", new Float32Array(64), [1, 1, 8, 8]) };
    const [scores] = Object.values(await session.run(feeds));
    said.push(session.threads, topK(scores.data, 1).length);
    await session.release();
  }
  const session = await ort.InferenceSession.create(model, { executionProviders: ["cpu"] });
  const results = await session.run({ x: new ort.Tensor("float32", new Float32Array(64), [1, 1, 8, 8]) });
  said.push(Object.values(results)[0].dims.join(), ort.default.Tensor === ort.Tensor, "default" in ort.default);
  said.push(await InferenceSession.create(Uint8Array.of(255, 255)).catch((error) => error instanceof LanewiseError));
  console.log(JSON.stringify(said));
};`;
const USED = [true, true, 1, 1, 2, 1, 2, 1, "1,10", true, false, true];
const REQUIRED = `${USE_ALL}\nuse([${ENTRIES.map((entry) => `require("lanewise${entry}")`)}]);`;
const IMPORTED = `${USE_ALL}\nuse(await Promise.all([${ENTRIES.map((entry) => `import("lanewise${entry}")`)}]));`;

describe("every entry works", () => {
  test("where it is required, also by a Node that cannot require modules", () => {
    consumer.write("use.cjs", REQUIRED);
    // Node from 20.19 on can; without the flag's name it is an older one, which cannot.
    const flag = "--no-experimental-require-module";
    const flags = process.allowedNodeEnvironmentFlags.has(flag) ? [flag] : [];
    expect(JSON.parse(runNode(consumer.folder, ...flags, "use.cjs"))).toEqual(USED);
  });

  // The oldest that `engines` allows, and what came since.
  test.for(["Node 20.0.0", "Node 22", "Node 24", "Node 26"] as const)(
    "imported and required, in %s",
    { timeout: 2 * MINUTES },
    (runtime, context) => {
      const node = binaryOf(context, runtime);
      expect(consumer.manifest.engines).toEqual({ node: ">=20" });
      consumer.write("use.mjs", IMPORTED);
      consumer.write("use.cjs", REQUIRED);
      for (const name of ["use.mjs", "use.cjs"])
        expect(JSON.parse(runProgram(node, [name], consumer.folder)), name).toEqual(USED);
    },
  );
});
