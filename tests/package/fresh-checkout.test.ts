import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  BUILDS,
  type Consumer,
  consumerOf,
  npm,
  pack,
  pathsOf,
  root,
  runProgram,
  type Target,
} from "../support/consumer.ts";
import { smallModel } from "../support/small-model.ts";

const MINUTES = 60_000;

/** What a clone of the checkout holds: no package of another's, nothing built. */
const checkout = mkdtempSync(join(tmpdir(), "lanewise-checkout-"));
let consumer: Consumer;

/** Makes a repository of a folder, with all that lies there. */
function commitAll(folder: string): void {
  const git = (...args: string[]) => runProgram("git", args, folder);
  git("init", "--quiet");
  git("add", "--all");
  git("-c", "user.name=Test", "-c", "user.email=test@localhost", "commit", "--quiet", "--message", "All");
}

beforeAll(() => {
  const ignored = readFileSync(join(root, ".gitignore"), "utf8").match(/[\w.-]+(?=\/?$)/gm) as string[];
  cpSync(root, checkout, {
    recursive: true,
    filter: (path) => ![".git", ...ignored].includes(basename(path)) && !path.endsWith(".tgz"),
  });
  commitAll(checkout);
  consumer = consumerOf(() => `git+${pathToFileURL(checkout).href}`, ["--prefer-offline"]);
  consumer.write("small.onnx", smallModel());
}, 10 * MINUTES);

afterAll(() => {
  rmSync(checkout, { recursive: true, force: true });
  consumer?.remove();
});

const RUN_SMALL = (options = "{}", entry = "lanewise") => `
  import { readFileSync } from "node:fs";
  import { InferenceSession, Tensor } from "${entry}";
  const session = await InferenceSession.create(readFileSync("small.onnx"), ${options});
  const { y } = await session.run({ x: new Tensor("float32", new Float32Array(1440).fill(1), [1, 3, 20, 24]) });
  console.log(y.dims.join());`;

const compiled = (build: string) => `
  import { readFileSync as readKernels } from "node:fs";
  const bytes = readKernels(new URL(import.meta.resolve("lanewise/kernels/${build}.wasm")));
  const kernels = new WebAssembly.Module(bytes);`;

// What they export is seen in entries.test.ts: not every Node takes relaxed SIMD without a flag.
const KERNELS = (build: string) => `
  import { readFileSync } from "node:fs";
  const file = readFileSync(new URL(import.meta.resolve("lanewise/kernels/${build}.wasm")));
  console.log(file.length > 50_000, file.toString("latin1", 1, 4));`;

// What they do is seen where threads and lanewise/worker are tried.
const SCRIPT = (name: string) => `
  import { existsSync } from "node:fs";
  console.log(existsSync(new URL(import.meta.resolve("lanewise/${name}-worker.js"))));`;

/** Of each entry: a program that uses it, and what that prints. */
const USES: Readonly<Record<string, readonly [program: string, printed: string]>> = {
  ".": [RUN_SMALL(), "1,10"],
  "./all": [RUN_SMALL('{ simd: "plain" }', "lanewise/all"), "1,10"],
  "./external": [`${compiled("plain")}${RUN_SMALL("{ kernels }", "lanewise/external")}`, "1,10"],
  "./vision": [
    `import { topK } from "lanewise/vision"; console.log(topK(Float32Array.of(1, 3, 2), 1)[0].index);`,
    "1",
  ],
  "./nn": [
    `import { dense, sequential } from "lanewise/nn";
    console.log(sequential({ input: [4] }, [dense({ units: 2 })]).trainable.size);`,
    "2",
  ],
  "./train": [
    `import { dense, flatten, sequential } from "lanewise/nn";
    import { compile, digits, sgd, softmaxCrossEntropy } from "lanewise/train";
    const network = sequential({ input: [1, 8, 8], seed: 1 }, [flatten(), dense({ units: 10 })]);
    const options = { optimizer: sgd({ learningRate: 0.1 }), loss: softmaxCrossEntropy() };
    const trainer = await compile(network, options);
    const [first, second] = await trainer.fit(digits({ count: 100, size: 8 }), { epochs: 2, batchSize: 10 });
    console.log(second.training.loss < first.training.loss);`,
    "true",
  ],
  "./inspect": [
    `import { dense, flatten, relu, sequential } from "lanewise/nn";
    import { inspector } from "lanewise/inspect";
    import { Tensor } from "lanewise";
    const network = sequential({ input: [1, 4, 4], seed: 1 }, [relu(), flatten(), dense({ units: 2 })]);
    const inside = await inspector(network);
    const picture = new Tensor("float32", new Float32Array(16).fill(1), [1, 1, 4, 4]);
    const { map, target } = await inside.saliency(picture, { target: 1 });
    console.log(map.width, map.height, target);`,
    "4 4 1",
  ],
  "./models": [
    `import { resnet20, zoo } from "lanewise/models";
    const listed = zoo.find(({ name }) => name === "resnet20").build({ width: 1 / 4, weights: "counted" });
    console.log(resnet20({ seed: 1 }).trainable.size === listed.trainable.size);`,
    "true",
  ],
  "./threads": [
    `import { threading } from "lanewise/threads";${RUN_SMALL("{ threads: 2, threading }")}
    await session.release();`,
    "1,10",
  ],
  "./worker": [`${RUN_SMALL("{ threads: 2 }", "lanewise/worker")} await session.release();`, "1,10"],
  ...Object.fromEntries(["thread", "session"].map((name) => [`./${name}-worker.js`, [SCRIPT(name), "true"]])),
  "./ort": [RUN_SMALL('{ executionProviders: ["cpu"] }', "lanewise/ort"), "1,10"],
  "./ort/register": [
    `import "lanewise/ort/register";
    const { env } = await import("onnxruntime-web");
    console.log(Object.keys(env.versions).join());`,
    "common,lanewise",
  ],
  ...Object.fromEntries(BUILDS.map((build) => [`./kernels/${build}.wasm`, [KERNELS(build), "true asm"]])),
  "./package.json": [
    `import { readFileSync } from "node:fs";
    console.log(JSON.parse(readFileSync(new URL(import.meta.resolve("lanewise/package.json")))).name);`,
    "lanewise",
  ],
};

describe("the package as npm makes it of a git repository", () => {
  test("has every entry tried here", () => {
    expect(Object.keys(USES).sort()).toEqual(Object.keys(consumer.manifest.exports).sort());
  });

  test.each(Object.entries(USES))("works at %s", (entry, [program, printed]) => {
    const name = `use-${entry.replace(/\W+/g, "-")}.js`;
    expect(consumer.runModule(name, program).trim()).toBe(printed);
  });

  // Threads and workers of a browser are tried in one.
  test.each(["browser", "worker"])("works at every entry with the condition %s", (condition) => {
    const inNode = ["./threads", "./worker", "./package.json"];
    for (const [entry, [program, printed]] of Object.entries(USES)) {
      if (inNode.includes(entry)) continue;
      const name = `use-${entry.replace(/\W+/g, "-")}-${condition}.js`;
      expect(consumer.runModule(name, program, "--conditions", condition).trim(), entry).toBe(printed);
    }
  });

  test("has types beside every entry that has some", () => {
    for (const target of Object.values(consumer.manifest.exports))
      if (typeof target !== "string")
        for (const path of "types" in target ? pathsOf(target.types as Target) : [])
          expect(existsSync(join(consumer.installed, path)), path).toBe(true);
  });

  test("comes with a command line that npx finds", () => {
    expect(npm(consumer.folder, "exec", "--offline", "--", "lanewise", "--help")).toMatch(/lanewise/);
  });
});

describe("a fresh checkout", () => {
  beforeAll(() => {
    npm(checkout, "ci", "--prefer-offline", "--no-audit", "--no-fund");
  }, 10 * MINUTES);

  test("is installed without what onnxruntime-node would download, and without a build", () => {
    const files = readdirSync(join(checkout, "node_modules/onnxruntime-node/bin"), { recursive: true });
    expect(files.filter((name) => /providers/.test(String(name)))).toEqual([]);
    expect(existsSync(join(checkout, "dist"))).toBe(false);
  });

  test("packs the same when npm start has built a part of it before", { timeout: 10 * MINUTES }, () => {
    npm(checkout, "start");
    const other = consumerOf((to) => pack(checkout, to));
    const files = (of: Consumer) => readdirSync(of.installed, { recursive: true }).sort();
    try {
      expect(files(other)).toEqual(files(consumer));
    } finally {
      other.remove();
    }
  });
});
