import { preprocess } from "lanewise/vision";
import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { classify } from "./classify.js";
import { report } from "./report.js";

env.wasm.numThreads = 1;
env.wasm.wasmPaths = "/onnxruntime-web/";

report(async () => {
  const own = await classify();
  const { dims, data } = preprocess(
    { ...own.photo, data: Uint8ClampedArray.from(own.photo.data) },
    "imagenet",
  ).tensor;
  const session = await InferenceSession.create("/model.onnx", { executionProviders: ["wasm"] });
  const results = await session.run({ [session.inputNames[0]]: new Tensor("float32", data, dims) });
  return { ...own, peer: Array.from(results[session.outputNames[0]].data) };
});
