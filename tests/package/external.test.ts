import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUILDS, type Consumer, consumerOfBuild } from "../support/consumer.ts";
import { smallModel } from "../support/small-model.ts";

let consumer: Consumer;

beforeAll(() => {
  consumer = consumerOfBuild();
  consumer.write("small.onnx", smallModel());
});

afterAll(() => consumer.remove());

/** What every program below begins with. */
const PROGRAM = `
import { readFileSync } from "node:fs";
import { InferenceSession, Tensor, UsageError } from "lanewise/external";
const bytesOf = (build) => readFileSync(new URL(import.meta.resolve("lanewise/kernels/" + build + ".wasm")));
const moduleOf = (build) => new WebAssembly.Module(bytesOf(build));
const model = readFileSync("small.onnx");
const feeds = { x: new Tensor("float32", new Float32Array(1440).map((_, i) => Math.sin(i)), [1, 3, 20, 24]) };
const refused = async (options) => {
  try {
    await InferenceSession.create(model, options);
  } catch (error) {
    return [error instanceof UsageError, error.message];
  }
};
const print = (value) => console.log(JSON.stringify(value));
`;

const RELAXED = "--experimental-wasm-relaxed-simd";

/** What a program prints in Node, where nothing may make modules of bytes once it has begun. */
const run = (name: string, text: string, ...options: string[]): unknown =>
  JSON.parse(consumer.runModule(`${name}.js`, PROGRAM + text, ...options));

const EXPECTED = () =>
  `kernels must be a WebAssembly.Module of lanewise/kernels/plain.wasm or relaxed.wasm, version ${consumer.manifest.version}`;

describe.each([[], ["--conditions", "worker"]])(
  "lanewise/external with the conditions %j",
  (...conditions) => {
    test("runs on the modules that it is handed, and compiles nothing", () => {
      const printed = run(
        "given",
        `const modules = [moduleOf("plain"), moduleOf("relaxed")];
      const no = () => { throw new Error("wasm code generation is not allowed"); };
      WebAssembly.Module = new Proxy(WebAssembly.Module, { construct: no });
      WebAssembly.compile = WebAssembly.instantiate = no;
      const outputs = [];
      for (const kernels of modules) {
        const session = await InferenceSession.create(model, { kernels });
        outputs.push([...(await session.run(feeds)).y.data].map((value) => value.toFixed(4)));
      }
      print([outputs[0].length, new Set(outputs.map(String)).size]);`,
        RELAXED,
        ...conditions,
      );
      expect(printed).toEqual([10, 1]);
    });

    test("says of anything else what was expected and what came", () => {
      const printed = run(
        "refused",
        `const plain = moduleOf("plain");
      const bytes = bytesOf("plain");
      const other = Buffer.from(bytes);
      other[other.lastIndexOf("lanewise") + 8] = 57;
      const instance = new WebAssembly.Instance(plain, { env: { memory: new WebAssembly.Memory({ initial: 1 }), abort() {} } });
      print([
        await refused(undefined),
        await refused({ kernels: bytes }),
        await refused({ kernels: bytes.buffer }),
        await refused({ kernels: instance }),
        await refused({ kernels: { plain } }),
        await refused({ kernels: new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)) }),
        await refused({ kernels: new WebAssembly.Module(other) }),
        await refused({ kernels: moduleOf("plain-threads") }),
      ]);`,
        ...conditions,
      );
      const version = consumer.manifest.version.slice(1);
      expect(printed).toEqual(
        [
          "none: this entry carries no kernels",
          "a Buffer: bytes, which are yet to be compiled",
          "an object: bytes, which are yet to be compiled",
          "a WebAssembly.Instance",
          "an object",
          "a module of something else",
          `one of version 9${version}`,
          "plain-threads.wasm",
        ].map((got) => [true, `${EXPECTED()}, got ${got}`]),
      );
    });

    test("takes no options that do not fit the module", () => {
      const printed = run(
        "options",
        `const kernels = moduleOf("plain");
      print([
        await refused({ kernels, simd: "relaxed" }),
        await refused({ kernels, threads: 2 }),
        await refused({ kernels, threads: "auto" }),
        await refused({ kernels, simd: "auto", threads: 1 }) ?? "taken",
      ]);`,
        ...conditions,
      );
      expect(printed).toEqual([
        [true, 'simd is "relaxed", but the kernels are plain.wasm'],
        [true, "threads 2: kernels that are handed to create run on one thread"],
        [true, 'threads "auto": kernels that are handed to create run on one thread'],
        "taken",
      ]);
    });

    test("takes no relaxed build where the engine says that it has no relaxed SIMD", () => {
      const printed = run(
        "unfit",
        `const kernels = moduleOf("relaxed");
      const { validate } = WebAssembly;
      // Opcodes of relaxed SIMD have a second byte in their number.
      WebAssembly.validate = (bytes) => !Buffer.from(bytes).includes(Buffer.of(253, 133, 2)) && validate(bytes);
      print(await refused({ kernels }));`,
        RELAXED,
        ...conditions,
      );
      expect(printed).toEqual([true, expect.stringContaining("no relaxed SIMD")]);
    });

    test("shares its classes with the other entries, and leaves lanewise its own kernels", () => {
      const printed = run(
        "both",
        `const all = await import("lanewise");
      const own = await all.InferenceSession.create(model);
      const given = await InferenceSession.create(model, { kernels: moduleOf("plain") });
      print([
        all.InferenceSession === InferenceSession,
        all.UsageError === UsageError,
        own instanceof InferenceSession && given instanceof InferenceSession,
        (await refused({ kernels: 7 }))[0],
      ]);`,
        ...conditions,
      );
      expect(printed).toEqual([true, true, true, true]);
    });
  },
);

test("the kernels say which build of which version they are", () => {
  for (const build of BUILDS) {
    const bytes = readFileSync(join(consumer.installed, `dist/kernels/${build}.wasm`));
    expect(bytes.toString("latin1")).toMatch(new RegExp(`lanewise${consumer.manifest.version} ${build}$`));
  }
});
