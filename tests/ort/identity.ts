import type { DType } from "../../src/dtype.ts";
import { model, node } from "../support/onnx-model.ts";

/** Gives what it gets, by a value between: what comes out is not what went in. */
export const identityModel = (dtype: DType, dims: readonly (number | string)[]): Uint8Array =>
  model({
    inputs: { x: { dtype, dims } },
    outputs: { y: { dtype, dims } },
    nodes: [node("Identity", ["x"], ["z"]), node("Identity", ["z"], ["y"])],
    opset: 21,
    irVersion: 10,
  });
