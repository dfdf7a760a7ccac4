import * as ort from "onnxruntime-node";
import type { TensorData } from "../../src/tensor.ts";
import type { SequenceData } from "../../src/value.ts";

export type ReferenceValue = TensorData | SequenceData;

/** What onnxruntime makes of a model, its bytes or its path; throws what it throws. */
export async function runReference(
  model: Uint8Array | string,
  feeds: Readonly<Record<string, TensorData>>,
): Promise<Record<string, TensorData>> {
  const run = await openReference(model);
  try {
    return await run(feeds);
  } finally {
    await run.release();
  }
}

export interface ReferenceRun {
  (feeds: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>>;
  release(): Promise<void>;
}

/** A model opened in onnxruntime, without its optimisations: what it says is what the file says. */
export async function openReference(model: Uint8Array | string): Promise<ReferenceRun> {
  const session = await ort.InferenceSession.create(model as string, {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const run = async (feeds: Readonly<Record<string, TensorData>>) => {
    const given = Object.entries(feeds).map(([name, { dtype, data, dims }]) => [
      name,
      new ort.Tensor(dtype as "float32", data as Float32Array, dims),
    ]);
    const results = await session.run(Object.fromEntries(given));
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [
        name,
        { dtype: tensor.type, dims: [...tensor.dims], data: tensor.data } as TensorData,
      ]),
    );
  };
  return Object.assign(run, { release: () => session.release() });
}
