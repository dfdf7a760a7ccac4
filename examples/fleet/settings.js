// What all machines must agree on comes from the environment.
import { createHash } from "node:crypto";
import { availableParallelism, hostname } from "node:os";

const { env } = process;

/** Where Redis is; and the queue, one for each job: another model or other options want another name. */
export const connection = { url: env.REDIS_URL ?? "redis://127.0.0.1:6379" };
export const queueName = env.QUEUE ?? "pictures";

/** The folder with the pictures, the same on all machines: a shared volume. */
export const folder = env.IMAGES ?? "images";

export const model = {
  path: env.MODEL ?? "model.onnx",
  /** A preset of lanewise/vision: how pictures become numbers. */
  preset: env.PRESET ?? "imagenet",
  /** A JSON array of the classes' names. */
  labels: env.LABELS,
  top: Number(env.TOP ?? 5),
};

export const worker = {
  name: env.WORKER ?? `${hostname()}-${process.pid}`,
  /** Pictures at a time, each on a thread with a session of its own. */
  concurrency: Number(env.CONCURRENCY ?? availableParallelism()),
  /** A worker that has not been heard of for so long has lost its pictures to the others. */
  lockDuration: Number(env.LOCK_MS ?? 30_000),
  stalledInterval: Number(env.STALLED_MS ?? 30_000),
  /** A picture that has been lost with its worker more often is given up. */
  maxStalledCount: 3,
};

/** Tries that fail by more than the picture itself (a file server that is away, say) are repeated, later and later. */
export const tries = {
  attempts: Number(env.ATTEMPTS ?? 5),
  backoff: { type: "exponential", delay: Number(env.BACKOFF_MS ?? 1000), jitter: 0.5 },
};

/** A picture's job: the same picture has the same, so that the queue has it once. */
export const jobIdOf = (image) => createHash("sha256").update(image).digest("hex");
