import { LanewiseError } from "../../errors.ts";
import type { ListedPicture } from "./picture-list.ts";
import { type PictureTask, PictureWorker } from "./picture-worker.ts";
import type { Result } from "./results-file.ts";

/**
 * Has so many workers take pictures, one after the other, until `next` gives no more. What goes wrong with a picture is its
 * result, and a worker that died of it is replaced; what would go wrong with all, or `done` throws, is thrown when the
 * pictures in work are done.
 */
export async function workOn(
  task: PictureTask,
  workers: number,
  next: () => ListedPicture | undefined,
  done: (result: Result, worker: number) => void,
): Promise<void> {
  let failed = false;
  const lane = async (number: number): Promise<void> => {
    let worker: PictureWorker | undefined;
    try {
      worker = await PictureWorker.start(task);
      for (let picture = next(); picture !== undefined && !failed; picture = next()) {
        if (!worker.isAlive) {
          await worker.stop();
          worker = await PictureWorker.start(task);
        }
        done(await resultOf(worker, picture), number);
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      await worker?.stop();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: workers }, (_, number) => lane(number)));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function resultOf(worker: PictureWorker, { image, path, fields }: ListedPicture): Promise<Result> {
  try {
    return { image, ...fields, top: await worker.classify(path) };
  } catch (error) {
    const { message } = error as Error;
    const code = error instanceof LanewiseError ? error.code : "ERR_UNEXPECTED";
    return { image, ...fields, error: { code, message } };
  }
}
