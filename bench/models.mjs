// The models that are measured, where they are, and what they are fed.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const DATA = process.env.LANEWISE_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));

/** The suite of models.json: `{ name, default?, int8?, inputs?, notes? }`; `inputs` are dims by input name. */
export const SUITE = JSON.parse(readFileSync(new URL("models.json", import.meta.url), "utf8"));

/** An entry with its file's path: of the suite, of any other model in the data folder, or of an ONNX file. */
export function findModel(name) {
  const entry = SUITE.find((model) => model.name === name) ?? { name };
  const places = [
    name,
    join(DATA, "models", name, "model.onnx"),
    join(DATA, "onnx-backend/light", name, "model.onnx"),
  ];
  const path = places.find((place) => place.endsWith(".onnx") && existsSync(place));
  if (path === undefined)
    throw new Error(`no model ${name} (data folder: ${DATA}, LANEWISE_DATA sets another)`);
  return { ...entry, path };
}
