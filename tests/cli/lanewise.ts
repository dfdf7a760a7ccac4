import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onnx } from "onnx-proto";
import { graphBuilder } from "../../src/nn/build.ts";
import { exportModel } from "../../src/onnx/export.ts";
import type { TensorData } from "../../src/tensor.ts";
import { random } from "../support/random.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const cli = `${root}dist/cli.js`;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line; `--json` output is for `JSON.parse(outcome.stdout)`. */
export function lanewise(...args: readonly string[]): Promise<Outcome> {
  if (!existsSync(cli)) throw new Error("dist/cli.js is missing: npm run build");
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}

/** A classifier of colour pictures, [batch, 3, 16, 16] to [batch, 4]: a Conv, a pool, a Gemm. */
export function classifier(): Uint8Array {
  const { input, constant, node, output, finish } = graphBuilder({ name: "classifier", opset: 13 });
  const { tensor } = random(1);
  const weights = (name: string, dims: number[]): string => constant(name, tensor("float32", dims));
  const x = input("x", "float32", ["batch", 3, 16, 16]);
  const conv = node(
    "Conv",
    [x, weights("w", [8, 3, 3, 3]), weights("b", [8])],
    { pads: [1, 1, 1, 1] },
    { name: "conv" },
  );
  const pooled = node(
    "GlobalAveragePool",
    [node("Relu", [conv], {}, { name: "relu" })],
    {},
    { name: "pool" },
  );
  const flat = node("Flatten", [pooled], {}, { name: "flatten" });
  output(node("Gemm", [flat, weights("g", [8, 4])], {}, { name: "gemm", outputs: ["y"] }));
  return exportModel(finish());
}

/** A model of two operators that nobody has, with an Identity between them. */
export function unsupportedModel(): Uint8Array {
  const value = (name: string): onnx.IValueInfoProto => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: "n" }] } } },
  });
  return onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [
      { domain: "", version: 13 },
      { domain: "house", version: 1 },
    ],
    graph: {
      name: "unsupported",
      node: [
        { name: "first", opType: "Frobnicate", domain: "house", input: ["x"], output: ["a"] },
        { name: "between", opType: "Identity", input: ["a"], output: ["b"] },
        { name: "second", opType: "Blorp", input: ["b"], output: ["y"] },
      ],
      input: [value("x")],
      output: [value("y")],
    },
  }).finish();
}

/** A float32 tensor as a .pb file of ONNX's test data. */
export function tensorFile({ dims, data }: TensorData): Uint8Array {
  return onnx.TensorProto.encode({
    dims: [...dims],
    dataType: 1,
    floatData: [...(data as Float32Array)],
  }).finish();
}
