import type { Fact } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import type { LowerContext } from "../lowering.ts";
import type { QuantizeAttributes } from "./quantization.ts";

/** Whether the value is a tensor that the int8 kernels take. */
export const isEightBit = (fact: Fact | undefined): boolean =>
  fact?.container === undefined && (fact?.dtype === "int8" || fact?.dtype === "uint8");

/** Whether one float32 scale and one zero point (inputs 1 and 2) hold for the whole tensor. */
export const hasOneScale = (context: LowerContext<QuantizeAttributes>): boolean =>
  context.attributes.blockSize === 0 &&
  context.input(1).fact.dtype === "float32" &&
  [context.inputs[1], context.inputs[2]].every(
    (input) => input === undefined || elementCount(input.dims) === 1,
  );
