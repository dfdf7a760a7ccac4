import { UsageError } from "../../errors.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Network } from "../../nn/network.ts";
import type { Imported } from "../../onnx/import.ts";
import { propagateFacts } from "../../passes/propagate-facts.ts";
import type { ValueMetadata } from "../../session.ts";
import { networkFromImport } from "../../train/index.ts";
import type { PresetName, RgbaImage } from "../../vision/index.ts";
import type { CommonOptions } from "../command.ts";
import { readImageFile } from "../image-file.ts";
import { outputImage, type PreparedImage, prepareImage } from "../image-task.ts";
import { openModel } from "../open-model.ts";

/** What of the options says on what a model is looked at. */
export interface LookOptions extends CommonOptions {
  readonly image?: string;
  readonly preset?: PresetName;
}

/** A model as a network, and the picture that it is shown. */
export interface LookedAt {
  readonly network: Network;
  readonly picture: PreparedImage;
  /** The picture as the network takes it, back in colours. */
  readonly seen: RgbaImage;
}

export async function openNetwork(model: string): Promise<{ network: Network; imported: Imported }> {
  const { imported } = await openModel(model);
  return { imported, network: networkFromImport(imported) };
}

export async function openWithPicture(
  model: string,
  { image: path, preset }: LookOptions,
): Promise<LookedAt> {
  if (path === undefined) throw new UsageError("nothing to look at: give --image FILE");
  const [image, { imported, network }] = await Promise.all([readImageFile(path), openNetwork(model)]);
  const picture = prepareImage(takerOf(imported), image, preset);
  const seen = outputImage(picture.tensor, picture.preset);
  if (seen === undefined)
    throw new UsageError(`${model} takes no picture [1, 1|3, H, W], but [${picture.tensor.dims}]`);
  return { network, picture, seen };
}

/** Inputs and outputs as a session has them. */
export function takerOf({ graph, declared }: Imported) {
  const describe = (name: string): ValueMetadata => {
    const [fact, type] = [graph.facts.get(name), declared.get(name)];
    const dtype = fact?.dtype ?? type?.dtype;
    const container = fact?.container ?? type?.container ?? "tensor";
    if (container !== "tensor" || dtype === undefined) return { name, isTensor: false };
    return { name, isTensor: true, type: dtype, shape: fact?.dims ?? type?.dims ?? [] };
  };
  return { inputMetadata: graph.inputs.map(describe), outputMetadata: graph.outputs.map(describe) };
}

/** The name of a value that goes by its own or by its layer's; a UsageError that lists some where there is none. */
export function valueNamed(graph: Graph, name: string, option = "--layer"): string {
  const { nodes } = propagateFacts(graph);
  const isValue = graph.inputs.includes(name) || nodes.some(({ outputs }) => outputs.includes(name));
  const found = isValue ? name : nodes.find((node) => node.name === name)?.outputs[0];
  if (found !== undefined) return found;
  const some = nodes.slice(0, 20).map((node) => node.outputs[0]);
  const more = nodes.length > some.length ? `, … (${nodes.length} in all)` : "";
  throw new UsageError(
    `${option} ${name}: there is no such layer or value; there are ${some.join(", ")}${more}`,
  );
}
