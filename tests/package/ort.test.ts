import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binaryOf } from "../runtimes/binaries.ts";
import { type Consumer, consumerOfBuild, root, runNode, runProgram } from "../support/consumer.ts";
import { smallModel } from "../support/small-model.ts";

let consumer: Consumer;

/** onnxruntime as a project has it that has not changed over yet. */
const THEIRS = ["onnxruntime-common", "onnxruntime-node", "onnxruntime-web"];

beforeAll(() => {
  consumer = consumerOfBuild();
  mkdirSync(join(consumer.folder, "node_modules"), { recursive: true });
  for (const name of THEIRS)
    symlinkSync(join(root, "node_modules", name), join(consumer.folder, "node_modules", name), "junction");
  consumer.write("small.onnx", smallModel());
});

afterAll(() => consumer.remove());

/** Names every type that programs are known to name, and runs. */
const PROGRAM = (entry: string) => `
import * as ort from "${entry}";
import { env, InferenceSession, Tensor, type TypedTensor, type OnnxValue } from "${entry}";

env.wasm.numThreads = 1;
env.wasm.simd = true;
env.wasm.proxy = false;
env.wasm.initTimeout = 0;
env.logLevel = "error";
env.debug = false;
env.webgpu.powerPreference = "high-performance";
env.webgl.pack = false;

const sessionOptions: InferenceSession.SessionOptions = {
  executionProviders: ["wasm", { name: "cpu" }],
  graphOptimizationLevel: "all",
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  logSeverityLevel: 3,
  enableProfiling: false,
  preferredOutputLocation: "cpu",
  freeDimensionOverrides: { batch: 1 },
};
const runOptions: InferenceSession.RunOptions = { tag: "one", logSeverityLevel: 3, terminate: false };

async function main(model: Uint8Array): Promise<InferenceSession.OnnxValueMapType> {
  const session: InferenceSession = await InferenceSession.create(model, sessionOptions);
  const type: Tensor.Type = "float32";
  const data: Tensor.DataTypeMap["float32"] = Float32Array.from({ length: 1440 }, (_, i) => Math.sin(i));
  const x: TypedTensor<"float32"> = new Tensor(type, data, [1, 3, 20, 24]);
  const feeds: InferenceSession.FeedsType = { [session.inputNames[0]!]: x };
  const fetches: InferenceSession.FetchesType = session.outputNames;
  const metadata: readonly InferenceSession.ValueMetadata[] = session.inputMetadata;
  const first = metadata[0]!;
  if (first.isTensor) console.log(first.type, first.shape.join());
  const results: InferenceSession.ReturnType = await session.run(feeds, fetches, runOptions);
  const y: OnnxValue = results["y"]!;
  const again = await session.run(feeds, { y: null });
  const location: Tensor.DataLocation = y.location;
  const bytes: Tensor.DataType = await y.getData();
  console.log(y.type, y.dims.join(), location, bytes.length, again["y"]!.reshape([10]).dims.join());
  x.dispose();
  await session.release();
  return results;
}

declare function read(path: string): Uint8Array;
const { y } = await main(read("small.onnx"));
console.log(JSON.stringify(Array.from(y!.data as Float32Array, (value) => Math.round(value * 1e4))));
console.log(ort.InferenceSession === InferenceSession);
`;

/** What the types of tensors tell apart. */
const TYPES = (entry: string) => `
import { Tensor, type TypedTensor } from "${entry}";

export const typed: [TypedTensor<"bool">, TypedTensor<"string">, TypedTensor<"uint8">, TypedTensor<"int64">, TypedTensor<"float32">] = [
  new Tensor("bool", [true, false]),
  new Tensor("string", ["a"], [1]),
  new Tensor("uint8", Uint8ClampedArray.of(1)),
  new Tensor("int64", [1, 2]),
  new Tensor("float32", [1, 2], [2, 1]),
];
export const told: [TypedTensor<"bool">, TypedTensor<"string">, TypedTensor<"uint8">, TypedTensor<"uint64">, TypedTensor<"float64">] = [
  new Tensor([true, false]),
  new Tensor(["a"]),
  new Tensor(Uint8ClampedArray.of(1)),
  new Tensor(BigUint64Array.of(1n)),
  new Tensor(Float64Array.of(1)),
];
export const data: Float32Array = typed[4].data;
export const one = (tensor: TypedTensor<"int32">): Tensor => tensor.reshape([1]);
export const picture = async (image: ImageData, element: HTMLImageElement, bitmap: ImageBitmap) => [
  await Tensor.fromImage(image, { tensorFormat: "BGR", norm: { mean: 255, bias: [0, 0, 0] } }),
  await Tensor.fromImage(element),
  await Tensor.fromImage(bitmap, { resizedWidth: 8, resizedHeight: 8 }),
  await Tensor.fromImage("https://example.org/picture.png"),
];
export const back = (tensor: Tensor): [ImageData, string] => [tensor.toImageData({ format: "RGB" }), tensor.toDataURL()];
// @ts-expect-error a type that there is not
new Tensor("float128", [1]);
// @ts-expect-error no tensor of numbers without a type
new Tensor([1, 2]);
// @ts-expect-error dims are numbers
new Tensor("float32", [1], ["1"]);
// @ts-expect-error of another type
export const other: TypedTensor<"int32"> = new Tensor("float32", [1]);
// @ts-expect-error only for reading
typed[0].dims = [2];
// @ts-expect-error only for reading
typed[0].data = Uint8Array.of(1);
// @ts-expect-error only for reading
typed[0].type = "bool";
`;

const READING = `import { readFileSync } from "node:fs"; const read = (path) => new Uint8Array(readFileSync(path));\n`;

describe("a program for onnxruntime-web", () => {
  test.each(["onnxruntime-web", "lanewise/ort"])("compiles with %s", (entry) => {
    const folder = entry.replace(/\W/g, "-");
    consumer.write(`${folder}/program.ts`, PROGRAM(entry));
    consumer.write(`${folder}/types.ts`, TYPES(entry));
    const compilerOptions = {
      ...{ target: "es2022", module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom"] },
      ...{ types: [], strict: true, outDir: "out", skipLibCheck: entry !== "lanewise/ort" },
    };
    consumer.write(
      `${folder}/tsconfig.json`,
      JSON.stringify({ compilerOptions, files: ["program.ts", "types.ts"] }),
    );
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    expect(runNode(consumer.folder, compiler, "-p", folder)).toBe("");
  });

  test("runs with the import changed, and prints the same", () => {
    const printed = ["onnxruntime-web", "onnxruntime-node", "lanewise/ort"].map((entry) => {
      const compiled = runNode(
        consumer.folder,
        "--input-type=module",
        "--eval",
        `import { createRequire } from "node:module";
        const ts = createRequire(${JSON.stringify(join(root, "package.json"))})("typescript");
        const { outputText } = ts.transpileModule(${JSON.stringify(PROGRAM(entry))}, {
          compilerOptions: { target: "es2022", module: "esnext" },
        });
        console.log(outputText);`,
      );
      // onnxruntime-node knows no "wasm".
      const program = entry === "onnxruntime-node" ? compiled.replace('"wasm", ', "") : compiled;
      return consumer.runModule(`${entry.replace(/\W/g, "-")}.js`, READING + program);
    });
    expect(printed[2]).toBe(printed[0]);
    expect(printed[2]).toBe(printed[1]);
    expect(printed[2]).toContain("float32 1,3,20,24");
  });

  test("has all names of onnxruntime-web, and of its default export", () => {
    const printed = consumer.runModule(
      "names.js",
      `import * as web from "onnxruntime-web";
      import node from "onnxruntime-node";
      import * as ort from "lanewise/ort";
      const lacking = (names, of) => Object.keys(names).filter((name) => !(name in of));
      console.log(JSON.stringify([
        lacking(web, ort), lacking(web.default, ort.default), lacking(node, ort.default),
        lacking(web.Tensor, ort.Tensor), lacking(web.env, ort.env),
        ort.default.Tensor === ort.Tensor,
      ]));`,
    );
    expect(JSON.parse(printed)).toEqual([[], [], [], [], [], true]);
  });
});

describe("lanewise/ort of the package", () => {
  test("runs on threads that the flag or the option asks for", () => {
    const printed = consumer.runModule(
      "threads.js",
      `import ort from "lanewise/ort";
      const outputs = [];
      for (const [flag, intraOpNumThreads] of [[1], [2], [1, 2], [0]]) {
        ort.env.wasm.numThreads = flag;
        const session = await ort.InferenceSession.create("small.onnx", { intraOpNumThreads });
        const x = new ort.Tensor("float32", Float32Array.from({ length: 1440 }, (_, i) => Math.sin(i)), [1, 3, 20, 24]);
        outputs.push((await session.run({ x })).y.data.join());
        await session.release();
      }
      console.log(new Set(outputs).size, ort.env.wasm.numThreads);`,
    );
    expect(printed.trim()).toBe("1 0");
  });

  test.each([
    ["imported", "proxy.js", `import ort from "lanewise/ort";`],
    ["required", "proxy.cjs", `const ort = require("lanewise/ort");`],
  ])("runs sessions in a worker of Node where a document is made up and asks for it: %s", (_, name, head) => {
    consumer.write(
      name,
      `${head}
      let workers = 0;
      process.on("worker", () => workers++);
      const sum = async () => {
        const session = await ort.InferenceSession.create("small.onnx");
        const x = new ort.Tensor("float32", Float32Array.from({ length: 1440 }, (_, i) => Math.sin(i)), [1, 3, 20, 24]);
        const { y } = await session.run({ x });
        await session.release();
        return [workers, y.data.join()];
      };
      (async () => {
        ort.env.wasm.proxy = true;
        ort.env.logLevel = "error";
        const own = await sum();
        globalThis.document = {};
        const proxied = await sum();
        console.log(own[0], proxied[0], own[1] === proxied[1]);
      })();`,
    );
    expect(runNode(consumer.folder, name).trim()).toBe("0 1 true");
  });

  test("is one lanewise with the other entries", () => {
    const printed = consumer.runModule(
      "same.js",
      `import { InferenceSession } from "lanewise/ort";
      import { ModelError } from "lanewise";
      const error = await InferenceSession.create(Uint8Array.of(255)).catch((error) => error);
      console.log(error.constructor === ModelError, error.name);`,
    );
    expect(printed.trim()).toBe("true ModelError");
  });

  test("has types that take a Blob, where there is one, and refuse what is no model", () => {
    consumer.write(
      "blob/program.ts",
      `import { InferenceSession, type TensorMetadata } from "lanewise/ort";
      import type { default as everything } from "lanewise/ort";
      export const one = (blob: Blob, file: File) => [InferenceSession.create(blob), InferenceSession.create(file, {})];
      export const shapeOf = ({ shape }: TensorMetadata): readonly (string | number)[] => shape;
      export type Session = typeof everything.InferenceSession;
      // @ts-expect-error a number is no model
      export const wrong = () => InferenceSession.create(42);
      // @ts-expect-error a level that there is not
      export const level: InferenceSession.SessionOptions = { graphOptimizationLevel: "most" };`,
    );
    const compilerOptions = {
      ...{ target: "es2022", module: "nodenext", lib: ["es2022", "dom"], types: [] },
      ...{ strict: true, noEmit: true, skipLibCheck: false },
    };
    consumer.write("blob/tsconfig.json", JSON.stringify({ compilerOptions, files: ["program.ts"] }));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    expect(runNode(consumer.folder, compiler, "-p", "blob")).toBe("");
  });
});

describe("lanewise/ort/register", () => {
  const SAY = `console.log(Object.keys(ort.env.versions).join(), typeof ort.InferenceSession.create);`;

  test.each([
    ["a module that imports", "import.js", `import * as ort from "onnxruntime-node"; ${SAY}`],
    ["a script that requires", "require.cjs", `const ort = require("onnxruntime-web/wasm"); ${SAY}`],
  ])("puts it in onnxruntime's place, from the command line on: %s", (_, name, program) => {
    consumer.write(name, program);
    expect(runNode(consumer.folder, name).trim()).toMatch(/^common,(node|web) function$/);
    expect(runNode(consumer.folder, "--import", "lanewise/ort/register", name).trim()).toBe(
      "common,lanewise function",
    );
  });

  test("puts it in the place of what is required after its import, and of nothing else", () => {
    const printed = consumer.runModule(
      "late.js",
      `import "lanewise/ort/register";
      import { createRequire } from "node:module";
      const require = createRequire(import.meta.url);
      const ort = require("onnxruntime-node");
      const session = await ort.InferenceSession.create("small.onnx");
      const late = await import("onnxruntime-common");
      console.log(session.inputNames.join(), Object.keys(late.env.versions).join(), require("node:path").sep.length);`,
    );
    expect(printed.trim()).toBe("x common,lanewise 1");
  });

  test.for(["Node 20.0.0", "Node 22", "Node 24"] as const)(
    "does so in what is required in %s, and from 20.6 on in what is imported",
    (runtime, context) => {
      const node = binaryOf(context, runtime);
      consumer.write(
        "first.cjs",
        `require("lanewise/ort/register"); const ort = require("onnxruntime-node"); ${SAY}`,
      );
      consumer.write("import.js", `import * as ort from "onnxruntime-node"; ${SAY}`);
      const programs = [["first.cjs"], ["--import", "lanewise/ort/register", "import.js"]];
      for (const args of runtime === "Node 20.0.0" ? programs.slice(0, 1) : programs)
        expect(runProgram(node, args, consumer.folder).trim()).toBe("common,lanewise function");
    },
  );
});
