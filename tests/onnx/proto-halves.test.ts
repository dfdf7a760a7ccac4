import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { onnx } from "onnx-proto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProtoHalves } from "../../scripts/build-proto-halves.mjs";
import { decodeModel } from "../../src/onnx/decode.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { importModel } from "../../src/onnx/import.ts";
import { root } from "../support/consumer.ts";
import { float, model, modelProto, node } from "../support/onnx-model.ts";
import { random } from "../support/random.ts";
import { VARIED, variedModel } from "../support/varied-model.ts";

/** What browsers' bundles have. */
let decodeInBrowser: typeof decodeModel;
let exportInBrowser: typeof exportModel;
const folder = mkdtempSync(join(tmpdir(), "lanewise-halves-"));

beforeAll(async () => {
  buildProtoHalves();
  const outfile = join(folder, "onnx.mjs");
  await build({
    stdin: {
      contents: `
        import { addDTypes } from "./src/dtype.ts";
        import { NARROW_DTYPES } from "./src/narrow.ts";
        export { decodeModel } from "./src/onnx/decode.ts";
        export { exportModel } from "./src/onnx/export.ts";
        addDTypes(NARROW_DTYPES);`,
      resolveDir: root,
    },
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
  });
  ({ decodeModel: decodeInBrowser, exportModel: exportInBrowser } = (await import(
    /* @vite-ignore */ pathToFileURL(outfile).href
  )) as typeof import("../../src/onnx/decode.ts") & typeof import("../../src/onnx/export.ts"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The model, or the error's message. */
function outcome(decode: typeof decodeModel, bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    return (error as Error).message;
  }
}

const { FLOAT, DOUBLE, INT32, INT64, UINT64, STRING } = onnx.TensorProto.DataType;
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A tensor in every typed field that there is. */
const typedTensors: readonly onnx.ITensorProto[] = [
  { dataType: FLOAT, floatData: [1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** -149, 3.4e38] },
  { dataType: DOUBLE, doubleData: [Math.PI, -0, 5e-324, 1.7e308] },
  { dataType: INT32, int32Data: [1, -1, 2 ** 31 - 1, -(2 ** 31)] },
  { dataType: INT64, int64Data: [1, -1, 2 ** 53, -(2 ** 53)] },
  { dataType: UINT64, uint64Data: [0, 2 ** 53] },
  { dataType: STRING, stringData: ["", "a", "ä€😀"].map(bytesOf) },
].map((tensor, i) => ({
  ...tensor,
  name: `t${i}`,
  dims: [Math.max(...Object.values(tensor).map((value) => (Array.isArray(value) ? value.length : 0)))],
}));

function everyField(): Uint8Array {
  const proto = modelProto(VARIED);
  const graph = proto.graph as onnx.IGraphProto;
  const sparse = { values: { ...typedTensors[0], name: "sparse", dims: [6] }, indices: {}, dims: [12] };
  sparse.indices = { dataType: INT64, dims: [6], int64Data: [0, 2, 4, 6, 8, 11] };
  return onnx.ModelProto.encode(
    onnx.ModelProto.create({
      ...proto,
      producerVersion: "ünïcode",
      metadataProps: [{ key: "k", value: "v" }],
      graph: {
        ...graph,
        initializer: [...(graph.initializer ?? []), ...typedTensors],
        sparseInitializer: [sparse],
        docString: "unread",
        quantizationAnnotation: [{ tensorName: "w", quantParameterTensorNames: [{ key: "a", value: "b" }] }],
      },
      trainingInfo: [{ algorithm: { name: "unread" }, initializationBinding: [{ key: "a", value: "b" }] }],
    }),
  ).finish();
}

test("what browsers' bundles leave out of the decoder changes nothing of what it reads", () => {
  const functions = [
    {
      name: "twice",
      domain: "own",
      inputs: ["a"],
      outputs: ["b"],
      attributes: ["axis"],
      defaults: { alpha: float(2) },
      nodes: [node("Add", ["a", "a"], ["b"])],
    },
  ];
  const models = [
    everyField(),
    variedModel(),
    model({ nodes: [], outputs: [], functions }),
    readFileSync(join(root, "models/lenet5-mnist.onnx")),
    readFileSync(join(root, "models/sobel.onnx")),
  ];
  for (const bytes of models) {
    const expected = outcome(decodeModel, bytes);
    expect(expected).toHaveProperty("graph");
    expect(outcome(decodeInBrowser, bytes)).toEqual(expected);
  }
});

test("nor of what it says of broken files", () => {
  const intact = everyField();
  const draw = random(7);
  for (let round = 0; round < 500; round++) {
    const bytes = new Uint8Array(
      intact.subarray(0, draw.chance(0.2) ? draw.whole(1, intact.length) : intact.length),
    );
    for (let i = draw.whole(0, 3); i > 0; i--) bytes[draw.whole(0, bytes.length - 1)] = draw.whole(0, 255);
    expect(outcome(decodeInBrowser, bytes), `round ${round}`).toEqual(outcome(decodeModel, bytes));
  }
});

test("what they leave out of the encoder changes nothing of what it writes", () => {
  const files = ["lenet5-mnist", "sobel"].map((name) => readFileSync(join(root, `models/${name}.onnx`)));
  for (const bytes of [variedModel(), ...files]) {
    const { graph } = importModel(decodeModel(bytes));
    expect(exportInBrowser(graph)).toEqual(exportModel(graph));
  }
});
