import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as node from "onnxruntime-node";
import { expect, test } from "vitest";
import * as ort from "../../src/ort/index.ts";
import type { TensorData } from "../../src/tensor.ts";
import { difference } from "../support/compare.ts";
import { dataPath } from "../support/data.ts";
import { random } from "../support/random.ts";

const NAMES = [
  ...[
    "blazeface",
    "fastestdet",
    "mnist_8",
    "mobilenetv2_fp32_dequant",
    "nanodet_m_320",
    "pfld_68",
    "ppocr_cls",
  ],
  ...[
    "resnet20",
    "style_candy_nc16_256",
    "superres_opset10",
    "vit_cifar_pgd_2_3_16",
    "yunet_n_dynamic",
    "zero_dce",
  ],
];

/** A program for either: it feeds the session what that says of its inputs. */
async function outputsOf({ InferenceSession, Tensor }: typeof ort, path: string) {
  const session = await InferenceSession.create(path, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  const { inputMetadata, outputMetadata } = session;
  const { tensor } = random(7);
  const feeds: Record<string, ort.Tensor> = {};
  for (const value of inputMetadata) {
    const { name, type, shape } = value as ort.TensorMetadata;
    const dims = shape.map((dim) => (typeof dim === "number" ? dim : 1));
    feeds[name] = new Tensor(type, tensor(type as "float32", dims, 0, 1).data, dims);
  }
  const results = await session.run(feeds);
  await session.release();
  return { inputMetadata, outputMetadata, results };
}

const plain = ({ type, dims, data }: ort.Tensor): TensorData => ({ dtype: type, dims, data });

test.for(NAMES)("one program gets of %s what it gets of onnxruntime", async (name, context) => {
  const path = dataPath(context, "models", name, "model.onnx");
  const info = join(path, "../info.json");
  const noise = existsSync(info)
    ? (JSON.parse(readFileSync(info, "utf8")) as { maxAbsDiffOptVsNoopt: number }).maxAbsDiffOptVsNoopt
    : 0;
  const [own, theirs] = [await outputsOf(ort, path), await outputsOf(node as unknown as typeof ort, path)];
  expect(own.inputMetadata).toEqual(theirs.inputMetadata);
  expect(own.outputMetadata.map(({ name }) => name)).toEqual(theirs.outputMetadata.map(({ name }) => name));
  for (const [name, expected] of Object.entries(theirs.results)) {
    const actual = own.results[name] as ort.Tensor;
    const tolerance = { rtol: 1e-3, atol: 1e-4 + 4 * noise };
    expect(difference(plain(actual), plain(expected), tolerance), name).toBeUndefined();
  }
});
