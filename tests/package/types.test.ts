import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Consumer, consumerOfBuild, root, runNode } from "../support/consumer.ts";

let consumer: Consumer;

beforeAll(() => {
  consumer = consumerOfBuild();
});

afterAll(() => consumer.remove());

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

/** Every entry, so that a compiler that does not skip libraries reads the declarations of all. */
const EVERY_ENTRY = [
  "",
  "/all",
  "/external",
  "/vision",
  "/nn",
  "/train",
  "/inspect",
  "/models",
  "/threads",
  "/worker",
  "/ort",
]
  .map((entry, i) => `export * as entry${i} from "lanewise${entry}";\n`)
  .join("");

/** What a project hands over whose bundler or runtime makes modules of `.wasm`. */
const EXTERNAL_CONSUMER = `
import { type ExternalSessionOptions, InferenceSession, Tensor } from "lanewise/external";
import plain from "lanewise/kernels/plain.wasm";
import relaxed from "lanewise/kernels/relaxed.wasm";

const options: ExternalSessionOptions = { kernels: plain, simd: "plain" };

export async function run(model: Uint8Array): Promise<Tensor | undefined> {
  const session: InferenceSession = await InferenceSession.create(model, options);
  await InferenceSession.create(model.buffer, 0, model.length, { kernels: relaxed });
  if (!(session instanceof InferenceSession)) return undefined;
  // @ts-expect-error kernels must be handed over
  await InferenceSession.create(model);
  // @ts-expect-error likewise
  await InferenceSession.create(model, { simd: "plain" });
  const { y } = await session.run({ x: new Tensor("float32", [1], [1]) });
  return y;
}
`;

/** What only a project with its own fetch, streams and signals can hand over. */
const PLATFORM_CONSUMER = `
import { InferenceSession } from "lanewise";
import { threading } from "lanewise/threads";

export async function load(response: Response, stream: ReadableStream<Uint8Array>, text: ReadableStream<string>) {
  const { signal } = new AbortController();
  await InferenceSession.create(new URL("https://example.org/model.onnx"), { signal, threading });
  await InferenceSession.create(response);
  await InferenceSession.create(stream);
  // @ts-expect-error bytes are what a model is made of
  await InferenceSession.create(text);
}
`;

/** What a project without any of that is told. */
const BARE_CONSUMER = `
import { InferenceSession } from "lanewise";
// @ts-expect-error a number is no model
export const wrong = () => InferenceSession.create(42);
`;

const withoutUsing = TYPED_CONSUMER.replace("using ", "const ");

describe("the package's types", () => {
  test.each([
    { lib: ["es2022"], types: [], files: { typed: withoutUsing, bare: BARE_CONSUMER } },
    { lib: ["es2022", "dom"], types: [], files: { typed: withoutUsing, platform: PLATFORM_CONSUMER } },
    { lib: ["es2022"], types: ["node"], files: { typed: TYPED_CONSUMER, platform: PLATFORM_CONSUMER } },
    {
      lib: ["es2022", "dom", "esnext.disposable"],
      types: [],
      files: { typed: TYPED_CONSUMER, platform: PLATFORM_CONSUMER },
    },
  ])(
    "serve a strict consumer that skips no library, with lib $lib and types $types",
    ({ lib, types, files }) => {
      for (const [module, moduleResolution] of [
        ["esnext", "bundler"],
        ["nodenext", "nodenext"],
      ]) {
        const folder = `${moduleResolution}-${[...lib, ...types].join("-")}`;
        const all = { ...files, entries: EVERY_ENTRY, external: EXTERNAL_CONSUMER };
        for (const [name, text] of Object.entries(all)) consumer.write(`${folder}/${name}.ts`, text);
        const compilerOptions = {
          target: "es2022",
          module,
          moduleResolution,
          lib,
          types,
          typeRoots: [join(root, "node_modules/@types")],
          strict: true,
          skipLibCheck: false,
          noEmit: true,
        };
        consumer.write(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ["*.ts"] }));
        const compiler = join(root, "node_modules/typescript/bin/tsc");
        expect(runNode(consumer.folder, compiler, "-p", folder)).toBe("");
      }
    },
  );

  test("hold nothing that TypeScript before 5.7 cannot read", () => {
    const folder = join(consumer.installed, "dist/types");
    for (const name of readdirSync(folder, { recursive: true }) as string[])
      if (name.endsWith(".d.ts"))
        expect(readFileSync(join(folder, name), "utf8"), name).not.toMatch(/\b\w+Array<Array/);
  });
});
