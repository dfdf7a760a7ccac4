import { InferenceSession } from "lanewise/external";
import kernels from "lanewise/kernels/relaxed.wasm";
import { createApp } from "./app.js";
import labels from "./labels.json";
import model from "./model.onnx";

export default createApp({ openSession: () => InferenceSession.create(model, { kernels }), labels });
