import { convTranspose } from "../conv/conv-transpose.ts";
import { defineOp } from "../define.ts";

/**
 * The gradient of a Conv by its input: the transposed convolution of dy with the same weight (Dumoulin and Visin 2016,
 * section 4), attributes and all ConvTranspose's; dy is its x.
 */
export const convInputGradient = defineOp({
  ...convTranspose,
  type: "ConvInputGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["x", "w"],
});
