import { ModelError } from "../errors.ts";
import { decodeModel } from "../onnx/decode.ts";
import { externalLocations } from "../onnx/external.ts";
import { type Imported, importModel } from "../onnx/import.ts";
import type { Model } from "../onnx/model.ts";
import { InferenceSession } from "../session.ts";
import type { SessionOptions } from "../session-options.ts";
import { type Progress as LoadProgress, loadExternal, loadModel } from "../source.ts";
import { progressLine } from "./progress.ts";

/** A session on a model at a path or URL, with a progress line while it loads. Errors name the model. */
export async function openSession(address: string, options: SessionOptions = {}): Promise<InferenceSession> {
  return loading(address, (onProgress) => InferenceSession.create(address, { ...options, onProgress }));
}

/** A model at a path or URL and its graph as imported, unsupported nodes included. Errors name the model. */
export async function openModel(address: string): Promise<{ model: Model; imported: Imported }> {
  return loading(address, async (onProgress) => {
    const loaded = await loadModel(address, { onProgress });
    const model = decodeModel(loaded.bytes);
    const external = await loadExternal(externalLocations(model), loaded, { onProgress });
    return { model, imported: importModel(model, external) };
  });
}

/** Does what loads, with a progress line; errors in the model name its address. */
export async function loading<T>(
  address: string,
  load: (onProgress: (progress: LoadProgress) => void) => Promise<T>,
): Promise<T> {
  const line = progressLine();
  try {
    return await load(({ stage, loadedBytes, totalBytes }) => {
      const megabytes = (loadedBytes / 1e6).toFixed(1);
      line.update(
        `loading ${stage} ${megabytes} MB`,
        totalBytes === undefined ? undefined : loadedBytes / totalBytes,
      );
    });
  } catch (error) {
    if (error instanceof ModelError) throw new ModelError(address, error.message, { cause: error });
    throw error;
  } finally {
    line.done();
  }
}
