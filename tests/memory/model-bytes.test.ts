import { onnx } from "onnx-proto";
import { expect, test } from "vitest";
import { dense, graphBuilder, initializers, sequential } from "../../src/nn/index.ts";
import { InferenceSession } from "../../src/session.ts";
import { Tensor, type TensorData } from "../../src/tensor.ts";
import { networkFromModel } from "../../src/train/model-network.ts";
import { modelProto, node } from "../support/onnx-model.ts";
import { randomFloats, SMALL_MODEL_DIMS, smallModel } from "../support/small-model.ts";

const x = new Tensor(randomFloats(3 * 20 * 24, 5), SMALL_MODEL_DIMS);

const run = async (creation: Promise<InferenceSession>): Promise<unknown> => {
  const { y } = await (await creation).run({ x });
  return y?.data;
};

const wanted = await run(InferenceSession.create(smallModel()));

/** What a caller may hand over, and what it may do with it afterwards. */
const WAYS: Readonly<
  Record<string, (bytes: Uint8Array<ArrayBuffer>) => { source: Uint8Array | ArrayBufferLike }>
> = {
  "a Uint8Array": (bytes) => ({ source: bytes }),
  "a Buffer": (bytes) => ({ source: Buffer.from(bytes.buffer) }),
  "an ArrayBuffer": (bytes) => ({ source: bytes.buffer }),
  "a SharedArrayBuffer": (bytes) => {
    const source = new SharedArrayBuffer(bytes.length);
    new Uint8Array(source).set(bytes);
    return { source };
  },
};

for (const [what, hand] of Object.entries(WAYS)) {
  test(`a model from ${what} that is cleared while the session is created`, async () => {
    const { source } = hand(new Uint8Array(smallModel()));
    const creation = InferenceSession.create(source);
    (source instanceof Uint8Array ? source : new Uint8Array(source)).fill(0);
    expect(await run(creation)).toEqual(wanted);
  });
}

test("a model that is cleared between create and the first run", async () => {
  const bytes = smallModel();
  const session = await InferenceSession.create(bytes);
  bytes.fill(0);
  expect(await run(Promise.resolve(session))).toEqual(wanted);
});

test("a part of a buffer that is transferred away", async () => {
  const bytes = smallModel();
  const buffer = new ArrayBuffer(bytes.length + 24);
  new Uint8Array(buffer, 8).set(bytes);
  const creation = InferenceSession.create(buffer, 8, bytes.length);
  structuredClone(buffer, { transfer: [buffer] });
  expect(await run(creation)).toEqual(wanted);
});

test("bytes that were transferred before are no model", async () => {
  const bytes = new Uint8Array(smallModel());
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  await expect(InferenceSession.create(bytes)).rejects.toThrow("the file is empty");
  await expect(InferenceSession.create(bytes.buffer)).rejects.toThrow("the file is empty");
});

/** y = x + w, the weight in a file beside the model. */
function externalModel(): { model: Uint8Array; file: Uint8Array } {
  const weight: TensorData = { dtype: "float32", dims: [2000], data: randomFloats(2000, 7) };
  const proto = modelProto({
    inputs: { x: { dtype: "float32", dims: [2000] } },
    outputs: { y: { dtype: "float32", dims: [2000] } },
    initializers: { w: weight },
    nodes: [node("Add", ["x", "w"], ["y"])],
  });
  const [tensor] = proto.graph?.initializer ?? [];
  if (tensor === undefined) throw new Error("no initializer");
  const file = tensor.rawData as Uint8Array;
  tensor.rawData = null;
  tensor.dataLocation = 1;
  tensor.externalData = [{ key: "location", value: "w.bin" }];
  return { model: onnx.ModelProto.encode(proto).finish(), file: new Uint8Array(file) };
}

test("external data that is cleared while the session is created", async () => {
  const { model, file } = externalModel();
  const weight = new Float32Array(file.slice().buffer);
  const creation = InferenceSession.create(model, { externalData: [{ path: "w.bin", data: file }] });
  file.fill(0);
  const { y } = await (await creation).run({ x: new Tensor(new Float32Array(2000), [2000]) });
  expect(y?.data).toEqual(weight);
});

test("a network keeps nothing of the bytes, weights and constants that it was made from", () => {
  const bytes = smallModel();
  const weightsOf = (network: ReturnType<typeof networkFromModel>) =>
    [...network.trainable].map((name) => network.graph.facts.get(name)?.data?.data);
  const kept = weightsOf(networkFromModel(bytes.slice()));
  const fromModel = networkFromModel(bytes);
  bytes.fill(0);
  expect(weightsOf(fromModel)).toEqual(kept);

  const weights = [1, 2, 3, 4];
  const layer = dense({ units: 2, weightInitializer: initializers.values(weights) });
  weights.fill(0);
  const fromLayers = sequential({ input: [2] }, [layer]);
  expect(weightsOf(fromLayers)[0]).toEqual(Float32Array.of(1, 2, 3, 4));

  const data = Float32Array.of(1, 2);
  const builder = graphBuilder({ name: "sum" });
  builder.constant("w", { dtype: "float32", dims: [2], data });
  data.fill(0);
  expect(builder.fact("w")?.data?.data).toEqual(Float32Array.of(1, 2));
});
