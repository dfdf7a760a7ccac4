import * as node from "onnxruntime-node";
import * as ort from "../../src/ort/index.ts";

/** What the tests ask of both: what holds for onnxruntime's own package is what `lanewise/ort` has to do. */
export const IMPLEMENTATIONS = [
  ["lanewise/ort", ort],
  ["onnxruntime-node", node as unknown as typeof ort],
] as const;

/** Calls a constructor or function with arguments that its types do not allow. */
export const untyped = (value: unknown) => value as never;

/** A float tensor's elements. */
export const floatsOf = (tensor: ort.Tensor | undefined): number[] =>
  Array.from((tensor as ort.Tensor).data as Float32Array);
