// What each of a worker's threads runs, picture after picture, with a session of its own.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UnrecoverableError } from "bullmq";
import { InferenceSession } from "lanewise";
import { preprocessFor, softmax, topK } from "lanewise/vision";
import sharp from "sharp";
import { folder, model } from "./settings.js";

// The threads are one a core already.
sharp.concurrency(1);
sharp.cache(false);

const session = await InferenceSession.create(model.path);
const labels = model.labels && JSON.parse(await readFile(model.labels, "utf8"));
const [input] = session.inputMetadata;

/** The job's result: BullMQ keeps it as it marks the job as done, in one step, for whoever holds the job's lock. */
export default async function classify({ data: { image } }) {
  // A file that cannot be read may be there later.
  const bytes = await readFile(join(folder, image));
  const { tensor } = preprocessFor(await decoded(bytes), input.shape, model.preset);
  const results = await session.run({ [input.name]: tensor });
  const scores = softmax(results[session.outputNames[0]].data);
  return topK(scores, model.top, labels);
}

/** RGBA pixels, upright. A broken picture is broken the next time, too. */
async function decoded(bytes) {
  try {
    const pixels = sharp(bytes).autoOrient().toColourspace("srgb").ensureAlpha().raw({ depth: "uchar" });
    const { data, info } = await pixels.toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (error) {
    throw new UnrecoverableError(`the picture cannot be decoded: ${error.message}`);
  }
}
