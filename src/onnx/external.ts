import { ModelError } from "../errors.ts";
import type { TensorData } from "../tensor.ts";
import { rawTensor } from "./decode-tensor.ts";
import type { GraphModel, Model, NodeModel, TensorModel } from "./model.ts";

/** Bytes of external data files by their location in the model. */
export type ExternalData = ReadonlyMap<string, Uint8Array>;

/** A tensor's elements, out of another file where they lie there; the reason where lanewise cannot take it. */
export function resolveTensor(model: TensorModel, external: ExternalData): TensorData | string {
  if (model.kind === "data") return model.tensor;
  if (model.kind === "unsupported") return model.reason;
  const { path, location, offset, dtype, dims } = model;
  const file = external.get(location);
  if (file === undefined)
    throw new ModelError(path, `external data file ${JSON.stringify(location)} was not given`);
  const end = model.length === undefined ? file.length : offset + model.length;
  if (end > file.length || offset > end) {
    throw new ModelError(
      path,
      `external data [${offset}, ${end}) lies outside ${JSON.stringify(location)} (${file.length} bytes)`,
    );
  }
  return rawTensor(file.subarray(offset, end), dtype as Exclude<typeof dtype, "string">, dims, path);
}

/** The files that a model keeps tensors in. Throws a ModelError for a location outside the model's folder. */
export function externalLocations(model: Model): string[] {
  const found = new Set<string>();
  const visitTensor = (tensor: TensorModel): void => {
    if (tensor.kind !== "external") return;
    const parts = tensor.location.split(/[\\/]/);
    if (/^([\\/]|[A-Za-z]+:)/.test(tensor.location) || parts.includes("..")) {
      throw new ModelError(
        tensor.path,
        `external data location ${JSON.stringify(tensor.location)} leaves the model's folder`,
      );
    }
    found.add(tensor.location);
  };
  const visitNodes = (nodes: readonly NodeModel[]): void => {
    for (const node of nodes) {
      for (const attribute of node.attributes.values()) {
        if (attribute.kind === "tensor") visitTensor(attribute.value);
        else if (attribute.kind === "tensors") attribute.value.forEach(visitTensor);
        else if (attribute.kind === "graph") visitGraph(attribute.value);
      }
    }
  };
  const visitGraph = (graph: GraphModel): void => {
    for (const tensor of graph.initializers.values()) visitTensor(tensor);
    visitNodes(graph.nodes);
  };
  visitGraph(model.graph);
  for (const fn of model.functions) visitNodes(fn.nodes);
  return [...found];
}
