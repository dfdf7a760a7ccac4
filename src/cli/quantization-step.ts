import type { GraphModel, TensorModel } from "../onnx/model.ts";
import { toNumbers } from "../ops/shared/elements.ts";

/** Operators that hand elements on as they are. */
const MOVERS = new Set([
  "Concat",
  "Flatten",
  "Identity",
  "MaxPool",
  "Reshape",
  "Slice",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
]);

/** Operators that round to integers. */
const QUANTIZERS = new Set([
  "QuantizeLinear",
  "DynamicQuantizeLinear",
  "QLinearAdd",
  "QLinearConv",
  "QLinearMatMul",
  "QLinearMul",
  "QGemm",
]);

/**
 * How far apart two numbers of a graph output are when their quantised integers are neighbours: 1 where a quantising
 * operator writes the output, the (largest) scale where DequantizeLinear does; 0 where the output is not quantised.
 * Runtimes may round a tie to either neighbour.
 */
export function quantizationStep(graph: GraphModel, output: string): number {
  const writers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let node = writers.get(output);
  while (node !== undefined && MOVERS.has(node.op)) node = writers.get(node.inputs[0] ?? "");
  if (node === undefined) return 0;
  if (QUANTIZERS.has(node.op)) return 1;
  if (node.op !== "DequantizeLinear") return 0;
  const scale = node.inputs[1] ?? "";
  const constant =
    writers.get(scale)?.op === "Constant" ? writers.get(scale)?.attributes.get("value") : undefined;
  const tensor = constant?.kind === "tensor" ? constant.value : graph.initializers.get(scale);
  return greatest(tensor);
}

function greatest(tensor: TensorModel | undefined): number {
  let most = 0;
  if (tensor?.kind === "data") for (const value of toNumbers(tensor.tensor)) most = Math.max(most, value);
  return most;
}
