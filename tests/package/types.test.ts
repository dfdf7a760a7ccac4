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

describe("the package's types", () => {
  test.each(["bundler", "nodenext"])(
    "serve a strict consumer with moduleResolution %s",
    (moduleResolution) => {
      const config = `tsconfig.${moduleResolution}.json`;
      consumer.write("typed.ts", TYPED_CONSUMER);
      const compilerOptions = {
        target: "es2022",
        module: moduleResolution === "bundler" ? "esnext" : "nodenext",
        moduleResolution,
        lib: ["es2022", "dom", "esnext.disposable"],
        types: [],
        strict: true,
        noEmit: true,
      };
      consumer.write(config, JSON.stringify({ compilerOptions, files: ["typed.ts"] }));
      expect(runNode(consumer.folder, join(root, "node_modules/typescript/bin/tsc"), "-p", config)).toBe("");
    },
  );
});
