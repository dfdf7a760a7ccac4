import { decodeModel } from "../../onnx/decode.ts";
import { externalLocations } from "../../onnx/external.ts";
import { loadExternal, loadModel } from "../../source.ts";
import { loading } from "../open-model.ts";
import { sha256 } from "./job.ts";

/** A model with all that it is made of, read once for all workers. */
export interface ModelFiles {
  readonly model: Uint8Array;
  readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** SHA-256 of it all. */
  readonly hash: string;
}

/** Reads a model at a path or URL and its external data. Errors name the model. */
export const readModelFiles = (address: string): Promise<ModelFiles> =>
  loading(address, async (onProgress) => {
    const loaded = await loadModel(address, { onProgress });
    const locations = externalLocations(decodeModel(loaded.bytes));
    const external = await loadExternal(locations, loaded, { onProgress });
    return {
      model: loaded.bytes,
      externalData: [...external].map(([path, data]) => ({ path, data })),
      hash: sha256([loaded.bytes, ...external.values()]),
    };
  });
