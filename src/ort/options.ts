import { env, type InferenceSession } from "onnxruntime-common";
import type { ExternalDataFile, SessionOptions, Threading } from "../index.ts";
import { bytesOfBlob, isBlob } from "./blobs.ts";
import { type Remark, warning } from "./log.ts";

type OrtOptions = InferenceSession.SessionOptions;

/** lanewise's session options for onnxruntime's and the flags in `env`; says once what cannot be had of them. */
export async function sessionOptionsOf(
  options: OrtOptions,
  say: (remark: Remark) => void,
): Promise<SessionOptions> {
  for (const remark of [...remarksOnFlags(), ...remarksOnOptions(options)]) say(remark);
  return {
    simd: SIMD.get(env.wasm.simd) ?? "auto",
    ...(options.graphOptimizationLevel && { graphOptimizationLevel: options.graphOptimizationLevel }),
    ...(options.freeDimensionOverrides && { freeDimensionOverrides: options.freeDimensionOverrides }),
    ...(options.externalData && { externalData: await externalDataOf(options.externalData) }),
    ...(await threadsOf(options, say)),
  };
}

/** "relaxed" asks that there be such kernels; `true` and `false` whether to look for any. */
const SIMD = new Map<unknown, "plain" | "relaxed">([
  ["fixed", "plain"],
  ["relaxed", "relaxed"],
]);

/** As many as `runtime/threading.ts` takes. */
const MAX_THREADS = 64;

/** A session's own count goes before the flag; 0 is for the machine to say, in the flag. One thread downloads nothing. */
async function threadsOf(
  { intraOpNumThreads }: OrtOptions,
  say: (remark: Remark) => void,
): Promise<{ threads?: "auto" | number; threading?: Threading }> {
  const wish = intraOpNumThreads || (env.wasm.numThreads ?? 1);
  if (wish === 1) return {};
  const { threading } = await import("../threads.ts");
  const missing = threading.missing();
  if (missing !== undefined) {
    if (wish > 1) say(warning("threads", `${missing}: running on one`));
    return {};
  }
  return { threads: wish === 0 ? "auto" : Math.min(wish, MAX_THREADS), threading };
}

/** A string is a file's address, which the model names as it stands or by its last part. */
async function externalDataOf(files: NonNullable<OrtOptions["externalData"]>): Promise<ExternalDataFile[]> {
  const found = files.map(async (file): Promise<ExternalDataFile[]> => {
    if (typeof file === "string")
      return [file, file.replace(/^.*[\\/]/, "")].map((path) => ({ path, data: file }));
    const { path, data } = file;
    return [{ path, data: isBlob(data) ? await bytesOfBlob(data) : data }];
  });
  return (await Promise.all(found)).flat();
}

function* remarksOnFlags(): Generator<Remark> {
  const { wasmPaths, wasmBinary } = env.wasm;
  if (wasmPaths !== undefined || wasmBinary !== undefined)
    yield { about: "env.wasm.wasmPaths", text: "the kernels are inside the bundle", level: "info" };
}

function* remarksOnOptions(options: OrtOptions): Generator<Remark> {
  for (const [name, holds, text] of UNSERVED) if (holds(options)) yield warning(name, text);
  const { preferredOutputLocation: where, extra } = options;
  const locations = typeof where === "object" ? Object.values(where) : [where ?? "cpu"];
  for (const location of locations)
    if (location !== "cpu" && location !== "cpu-pinned")
      yield warning(`preferredOutputLocation ${JSON.stringify(location)}`, "outputs are on the CPU");
  yield* remarksOnExtra("extra", extra);
}

/** What onnxruntime's core takes by keys of its own: nothing of it is known here. */
function* remarksOnExtra(about: string, extra: OrtOptions["extra"]): Generator<Remark> {
  for (const key of Object.keys(extra ?? {}))
    yield warning(`${about}.${key}`, "not known here, and without effect");
}

/** What cannot be had of a run's options. */
export const remarksOnRun = ({ extra }: InferenceSession.RunOptions): Iterable<Remark> =>
  remarksOnExtra("extra of run", extra);

const IN_THEIR_OWN = "there is one way of using memory, which is planned for each session";

/** Options that lanewise has nothing for: the value that asks for something, and what becomes of it. */
const UNSERVED: readonly (readonly [string, (options: OrtOptions) => boolean, string])[] = [
  ["executionMode", (o) => o.executionMode === "parallel", "nodes run one after the other"],
  ["interOpNumThreads", (o) => (o.interOpNumThreads ?? 1) > 1, "nodes run one after the other"],
  ["enableCpuMemArena", (o) => o.enableCpuMemArena === false, IN_THEIR_OWN],
  ["enableMemPattern", (o) => o.enableMemPattern === false, IN_THEIR_OWN],
  ["enableGraphCapture", (o) => o.enableGraphCapture === true, "there is no graph of a GPU to capture"],
  ["optimizedModelFilePath", (o) => o.optimizedModelFilePath !== undefined, "no file is written"],
];
