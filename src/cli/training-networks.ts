import { lenet5, lenet5Of1998 } from "../../models/lenet5.ts";
import { resnet20 } from "../../models/resnet20.ts";
import { UsageError } from "../errors.ts";
import type { Dim } from "../graph/graph.ts";
import type { Network } from "../nn/network.ts";
import type { Imported } from "../onnx/import.ts";
import { networkFromImport } from "../train/model-network.ts";
import { openModel } from "./open-model.ts";

/** A network to train, and how it takes digits. */
export interface TrainingNetwork {
  readonly network: Network;
  readonly scaling: "unit" | "lenet";
  /** The same network for another number of classes, where it has no number of its own. */
  readonly withClasses?: (classes: number) => Network;
}

interface KnownNetwork {
  build(options: { readonly seed: number; readonly classes?: number }): Network;
  /** Whether `build` heeds `classes`. */
  readonly anyClasses?: boolean;
  /** Default "unit". */
  readonly scaling?: "lenet";
}

/** Networks that have a name. */
const NETWORKS: Readonly<Record<string, KnownNetwork>> = {
  lenet5: { build: lenet5 },
  "lenet5-1998": { build: lenet5Of1998, scaling: "lenet" },
  resnet20: { build: resnet20, anyClasses: true },
};

export const NETWORK_NAMES = Object.keys(NETWORKS);

/** A network by name, its weights from the seed, or one from an ONNX file. */
export async function trainingNetwork(name: string, seed: number): Promise<TrainingNetwork> {
  const known = Object.hasOwn(NETWORKS, name) ? NETWORKS[name] : undefined;
  if (known !== undefined) {
    const { build, anyClasses, scaling = "unit" } = known;
    const withClasses = (classes: number): Network => build({ seed, classes });
    return { network: build({ seed }), scaling, ...(anyClasses && { withClasses }) };
  }
  if (!/[./\\:]/.test(name))
    throw new UsageError(
      `there is no network ${JSON.stringify(name)}: expected ${NETWORK_NAMES.join(", ")} or an ONNX file`,
    );
  return { network: await modelNetwork(name), scaling: "unit" };
}

/** A picture's side where nobody says one. */
const PICTURE_SIZE = 224;

/** The network of an ONNX file for pictures of a size; where none is given, sizes that its picture input leaves open are 224. */
export const modelNetwork = async (address: string, size?: number): Promise<Network> =>
  networkOfImport((await openModel(address)).imported, size);

/** The same of a file that is open. */
export function networkOfImport(imported: Imported, size?: number): Network {
  const dims = imported.graph.facts.get(imported.graph.inputs[0] ?? "")?.dims;
  if (dims?.length !== 4) {
    if (size === undefined) return networkFromImport(imported);
    throw new UsageError(`--input-size is for models that take pictures, this one takes [${dims ?? "?"}]`);
  }
  if (size === undefined && dims.slice(1).every((dim) => typeof dim === "number"))
    return networkFromImport(imported);
  const isCount = (dim: Dim | undefined): boolean => dim === 1 || dim === 3;
  const channels = isCount(dims[3]) && !isCount(dims[1]) ? 3 : 1;
  const inputDims = dims.map((dim, axis) =>
    axis === channels ? (knownDim(dim) ?? 3) : (size ?? knownDim(dim) ?? PICTURE_SIZE),
  );
  return networkFromImport(imported, { inputDims: inputDims.slice(1) });
}

const knownDim = (dim: Dim): number | undefined => (typeof dim === "number" ? dim : undefined);
