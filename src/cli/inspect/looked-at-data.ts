import { UsageError } from "../../errors.ts";
import type { Network } from "../../nn/network.ts";
import { Tensor } from "../../tensor.ts";
import { batches, type Dataset } from "../../train/data/dataset.ts";
import { sampleDims } from "../../train/forward.ts";
import type { CommonOptions } from "../command.ts";
import { pictureTask } from "../image-task.ts";
import { openModel } from "../open-model.ts";
import { shownData } from "../training-data.ts";
import { networkOfImport } from "../training-networks.ts";
import { type LookOptions, openWithPicture, takerOf } from "./looked-at.ts";

export interface DataOptions extends LookOptions, CommonOptions {
  readonly data?: string;
  readonly limit?: number;
  readonly labels?: string;
}

/** A model as a network, and the labelled samples that it is shown. */
export interface LookedAtData {
  readonly network: Network;
  readonly data: Dataset;
  /** Names of the samples' classes, where these are not numbers alone. */
  readonly classNames: readonly string[] | undefined;
}

export async function openWithData(model: string, options: DataOptions): Promise<LookedAtData> {
  const { data: address, preset: wanted, limit } = options;
  if (address === undefined)
    throw new UsageError(
      "nothing to look at: give --data, a folder with a folder for each class, MNIST's folder, a LIST.jsonl, or digits",
    );
  const { imported } = await openModel(model);
  const network = networkOfImport(imported);
  const { preset } = pictureTask(takerOf(imported), wanted);
  return { network, ...(await shownData(address, { inputDims: sampleDims(network), preset, limit })) };
}

/** A network with one picture, or as many samples at once as the limit says. */
export async function openWithBatch(
  model: string,
  options: DataOptions,
): Promise<{ readonly network: Network; readonly batch: Tensor }> {
  if (options.image !== undefined) {
    if (options.data !== undefined) throw new UsageError("either --image or --data");
    const { network, picture } = await openWithPicture(model, options);
    return { network, batch: picture.tensor };
  }
  const { network, data } = await openWithData(model, options);
  for await (const { x, count } of batches(data, { batchSize: data.length }))
    return { network, batch: new Tensor("float32", x.slice(), [count, ...data.inputDims]) };
  throw new UsageError(`${data.name} has no samples`);
}
