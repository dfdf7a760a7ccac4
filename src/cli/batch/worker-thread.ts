// What a thread of `lanewise batch` runs: the worker of lanewise/worker, and beside it whoever prepares pictures.
import { type MessagePort, workerData } from "node:worker_threads";
import { serveParent } from "../../worker/node-serve.ts";
import { clonedError } from "../../worker/protocol.ts";
import { readImageFile } from "../image-file.ts";
import { prepareImage } from "../image-task.ts";
import type { PictureAnswer, PictureReply, PictureRequest } from "./picture-requests.ts";

serveParent();

const { pictures } = workerData as { readonly pictures: MessagePort };

pictures.on("message", async (request: PictureRequest) => {
  try {
    const picture = await prepared(request);
    pictures.postMessage({ picture } satisfies PictureAnswer, [
      (picture.data as Float32Array).buffer as ArrayBuffer,
    ]);
  } catch (error) {
    pictures.postMessage({ error: clonedError(error) } satisfies PictureAnswer);
  }
});

async function prepared({ path, taker, preset }: PictureRequest): Promise<PictureReply> {
  const { input, tensor } = prepareImage(taker, await readImageFile(path), preset);
  return { input, type: tensor.type, dims: tensor.dims, data: tensor.data };
}
