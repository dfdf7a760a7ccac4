import { graphBuilder } from "../../src/nn/build.ts";
import type { Network } from "../../src/nn/network.ts";
import { softmaxCrossEntropy } from "../../src/train/losses.ts";
import { adam } from "../../src/train/optimizers.ts";
import { compile, type Trainer } from "../../src/train/trainer.ts";
import { crc32 } from "../support/crc32.ts";
import { join } from "../support/onnx-model.ts";
import type { Random } from "../support/random.ts";
import { random } from "../support/random.ts";
import { EXTREMES, FLOAT_EXTREMES, mutateBytes } from "./mutate-bytes.ts";
import { finding, judge, RAN, REFUSED, type Verdict } from "./verdict.ts";

const PREFIX_BYTES = 16;
const CLASSES = 3;

/** What is attacked: a trainer's restore. */
export interface Restoring {
  restore(trainer: Trainer, bytes: Uint8Array): void;
}

export const RESTORE: Restoring = { restore: (trainer, bytes) => void trainer.restore(bytes) };

function network(): Network {
  const draw = random(3);
  const b = graphBuilder({ name: "fuzzed" });
  b.input("x", "float32", ["N", 1, 4, 4]);
  b.constant("conv.weight", draw.tensor("float32", [2, 1, 3, 3]));
  b.constant("dense.weight", draw.tensor("float32", [CLASSES, 32]));
  const conv = b.node("Conv", ["x", "conv.weight"], { pads: [1, 1, 1, 1] });
  b.output(b.node("Gemm", [b.node("Flatten", [b.node("Relu", [conv])]), "dense.weight"], { transB: 1 }));
  return { graph: b.finish(), trainable: new Set(["conv.weight", "dense.weight"]) };
}

const images = random(4).tensor("float32", [5, 1, 4, 4]);
const labels = { dtype: "int32", dims: [5], data: Int32Array.of(0, 1, 2, 1, 0) } as const;
const progress = { stepsPerEpoch: 1, epochs: 1 };

const train = (trainer: Trainer): void => void trainer.trainStep({ x: images, labels }, progress);

/** The checkpoint of a small training after two updates. */
export async function checkpointBytes(): Promise<Uint8Array> {
  const trainer = await newTrainer();
  train(trainer);
  train(trainer);
  const bytes = trainer.checkpoint();
  trainer.release();
  return bytes;
}

const newTrainer = (): Promise<Trainer> =>
  compile(network(), { loss: softmaxCrossEntropy(), optimizer: adam({ learningRate: 0.01 }) });

/**
 * Restores a checkpoint that may be broken in any way. It is refused and changes nothing, or training and prediction go
 * on from it.
 */
export async function runCheckpoint(bytes: Uint8Array, draw: Random, subject = RESTORE): Promise<Verdict> {
  const trainer = await newTrainer();
  try {
    if (draw.chance(0.7)) train(trainer);
    const before = trainer.predict(images).data as Float32Array;
    const step = trainer.step;
    let refused = false;
    try {
      subject.restore(trainer, bytes);
    } catch (error) {
      const verdict = judge(error);
      if (verdict.status === "finding") return verdict;
      refused = true;
    }
    const after = trainer.predict(images).data as Float32Array;
    if (refused && (step !== trainer.step || after.some((value, i) => !Object.is(value, before[i]))))
      return finding("restore changed what it refused", "a refused checkpoint left another trainer behind");
    if (!Number.isSafeInteger(trainer.step) || trainer.step < 0)
      return finding("restore took a step", `the step is ${trainer.step}`);
    train(trainer);
    trainer.checkpoint();
    return refused ? REFUSED : RAN;
  } catch (error) {
    return judge(error);
  } finally {
    trainer.release();
  }
}

/** One edit of a checkpoint: of its bytes, or of its header, with the checksum put right. */
export function mutateCheckpoint(bytes: Uint8Array, draw: Random): Uint8Array {
  if (bytes.length < PREFIX_BYTES + 8 || draw.chance(0.2)) return mutateBytes(bytes, draw);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(8, true);
  const body = bytes.subarray(PREFIX_BYTES);
  const text = new TextDecoder().decode(body.subarray(0, length));
  const rest = body.subarray(Math.ceil(length / 8) * 8);
  if (draw.chance(0.15))
    return sealed(draw.pick([0, 1, length - 1, length + 1, length + 4096, 2 ** 32 - 1]), body);
  if (draw.chance(0.25)) return sealed(length, mutateBytes(body, draw));
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return sealed(length, mutateBytes(body, draw));
  }
  const changed = new TextEncoder().encode(JSON.stringify(mutateJson(header, draw)) ?? "");
  const padding = new Uint8Array(Math.ceil(changed.length / 8) * 8 - changed.length);
  return sealed(changed.length, join([changed, padding, draw.chance(0.1) ? mutateBytes(rest, draw) : rest]));
}

/** One value of the tree becomes another, goes, or comes twice. */
function mutateJson(value: unknown, draw: Random): unknown {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (entries.length === 0 || draw.chance(0.08)) return otherValue(value, draw);
  const [key] = draw.pick(entries);
  if (Array.isArray(value)) {
    const at = Number(key);
    if (draw.chance(0.12)) return value.toSpliced(at, 1);
    if (draw.chance(0.12)) return value.toSpliced(at, 0, value[draw.whole(0, value.length - 1)]);
    return value.with(at, mutateJson(value[at], draw));
  }
  const record = { ...(value as Record<string, unknown>) };
  if (draw.chance(0.08)) delete record[key];
  else record[key] = mutateJson(record[key], draw);
  return record;
}

function otherValue(value: unknown, draw: Random): unknown {
  const numbers = [...EXTREMES.map(Number), ...FLOAT_EXTREMES, 1.5];
  if (typeof value === "number" && draw.chance(0.8)) return draw.pick([value + 1, value - 1, ...numbers]);
  if (typeof value === "string" && draw.chance(0.6))
    return draw.pick([
      "",
      "__proto__",
      "float64",
      "int64",
      "string",
      "bool",
      `${value}x`,
      value.toUpperCase(),
    ]);
  return draw.pick([null, true, "", "x", 0, -1, 1e300, [], {}, [1, 2], draw.pick(numbers)]);
}

/** A checkpoint whose checksum is right, whatever it holds. */
function sealed(headerBytes: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PREFIX_BYTES + body.length);
  bytes.set(body, PREFIX_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x4b43574c, true);
  view.setUint32(4, 1, true);
  view.setUint32(8, headerBytes >>> 0, true);
  view.setUint32(12, crc32(body), true);
  return bytes;
}
