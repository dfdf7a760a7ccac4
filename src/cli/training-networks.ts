import { lenet5, lenet5Of1998 } from "../../models/lenet5.ts";
import { resnet20 } from "../../models/resnet20.ts";
import { UsageError } from "../errors.ts";
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

/** The network of an ONNX file; sizes that a picture input leaves open are 224. */
export const modelNetwork = async (address: string): Promise<Network> =>
  networkOfImport((await openModel(address)).imported);

/** The same of a file that is open. */
export function networkOfImport(imported: Imported): Network {
  const dims = imported.graph.facts.get(imported.graph.inputs[0] ?? "")?.dims;
  const isOpen = dims?.length === 4 && dims.slice(1).some((dim) => typeof dim !== "number");
  if (!isOpen) return networkFromImport(imported);
  const channels = typeof dims[1] !== "number" && (dims[3] === 1 || dims[3] === 3) ? 3 : 1;
  const sizes = dims.map((dim, axis) => (typeof dim === "number" ? dim : axis === channels ? 3 : 224));
  return networkFromImport(imported, { inputDims: sizes.slice(1) });
}
