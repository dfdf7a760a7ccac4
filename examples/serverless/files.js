import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InferenceSession } from "lanewise";

const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What the app needs, of the files beside it: model.onnx and labels.json. */
export const files = {
  openSession: () => InferenceSession.create(beside("model.onnx")),
  labels: JSON.parse(readFileSync(beside("labels.json"), "utf8")),
};
