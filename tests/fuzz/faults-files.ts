import { LanewiseError, ModelError } from "../../src/errors.ts";
import { InferenceSession } from "../../src/session.ts";
import type { Tensor } from "../../src/tensor.ts";
import { decodeCheckpoint } from "../../src/train/checkpoint.ts";
import type { Trainer } from "../../src/train/trainer.ts";
import type { Restoring } from "./checkpoints.ts";
import type { Subject } from "./run-model.ts";

type Open = Subject["open"];

const opened: Open = (bytes, options) => InferenceSession.create(bytes, options);

/** Opens a session and does something else where it is refused. */
const onRefusal =
  (instead: (error: LanewiseError) => never): Open =>
  (bytes, options) =>
    opened(bytes, options).catch((error: unknown) => {
      if (error instanceof LanewiseError) instead(error);
      throw error;
    });

/** A session whose results somebody changes. */
const changing =
  (change: (results: Record<string, Tensor>, level: string | undefined) => Record<string, Tensor>): Open =>
  async (bytes, options) => {
    const session = await opened(bytes, options);
    const run = session.run.bind(session);
    session.run = async (feeds: never) => change(await run(feeds), options.graphOptimizationLevel);
    return session;
  };

/** Faults in what takes models from strangers, and what they show as. */
export const MODEL_FAULTS: Readonly<Record<string, { readonly open: Open; readonly bucket: RegExp }>> = {
  "a length in the file is trusted": {
    bucket: /^threw RangeError/,
    open: onRefusal((error) => {
      if (error instanceof ModelError) new Uint8Array(2 ** 53);
      throw error;
    }),
  },
  "a field that is missing is read": {
    bucket: /^threw TypeError/,
    open: onRefusal((error) => {
      if (/expected|missing|needs/.test(error.message)) (undefined as unknown as { dims: unknown }).dims;
      throw error;
    }),
  },
  "a loop has no limit": {
    bucket: /^hang/,
    open: onRefusal((error) => {
      if (/dims/.test(error.message)) for (;;);
      throw error;
    }),
  },
  "memory has no limit": {
    bucket: /^memory/,
    open: onRefusal((error) => {
      const held: Uint8Array[] = [];
      if (/elements|bytes/.test(error.message))
        for (let i = 0; i < 64; i++) held.push(new Uint8Array(2 ** 26).fill(1));
      throw held.length > 0 ? new Error(`${held.length} blocks`) : error;
    }),
  },
  "the process ends": {
    bucket: /^crash/,
    open: onRefusal((error) => {
      if (/input/.test(error.message)) process.abort();
      throw error;
    }),
  },
  "an optimisation changes a result": {
    bucket: /^levels disagree/,
    open: changing((results, level) => {
      if (level !== "all") return results;
      for (const { data } of Object.values(results))
        if (data instanceof Float32Array && data.length > 3) data[data.length - 1] = (data[0] as number) + 1;
      return results;
    }),
  },
  "an optimisation drops an output's dim": {
    bucket: /^levels disagree/,
    open: changing((results, level) =>
      level !== "all"
        ? results
        : Object.fromEntries(
            Object.entries(results).map(([name, value]) => [
              name,
              value.dims?.[0] === 1 ? value.reshape(value.dims.slice(1)) : value,
            ]),
          ),
    ),
  },
};

const restored = (trainer: Trainer, bytes: Uint8Array): void => void trainer.restore(bytes);

/** Faults in what takes checkpoints from strangers. */
export const CHECKPOINT_FAULTS: Readonly<
  Record<string, { readonly restore: Restoring["restore"]; readonly bucket: RegExp }>
> = {
  "a refused checkpoint has changed the trainer": {
    bucket: /^restore changed/,
    restore: (trainer, bytes) => {
      try {
        restored(trainer, bytes);
      } catch (error) {
        const batch = {
          x: { dtype: "float32", dims: [1, 1, 4, 4], data: new Float32Array(16) },
          labels: { dtype: "int32", dims: [1], data: new Int32Array(1) },
        } as const;
        trainer.trainStep(batch, { stepsPerEpoch: 1, epochs: 1 });
        throw error;
      }
    },
  },
  "a damaged checkpoint is an error of the engine's": {
    bucket: /^threw EvalError/,
    restore: (trainer, bytes) => {
      try {
        decodeCheckpoint(bytes);
      } catch {
        throw new EvalError("damaged");
      }
      restored(trainer, bytes);
    },
  },
};
