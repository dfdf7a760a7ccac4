import { type DType, dtypeInfo } from "../../../dtype.ts";
import { defineOp, factOf, int, required } from "../../define.ts";
import { dtypeOfOnnx } from "../../shared/onnx-dtype.ts";
import { reinterpret } from "../casting.ts";

/**
 * BitCast: the same bits read as another dtype of the same width.
 * https://onnx.ai/onnx/operators/onnx__BitCast.html
 */
export const bitCast = defineOp({
  type: "BitCast",
  since: [26],
  inputs: ["x"],
  attributes: { to: required(int()) },

  infer(context) {
    const { dtype, dims } = context.fact(0);
    return [factOf(targetOf(context, dtype), dims)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    return [reinterpret(x, targetOf(context, x.dtype))];
  },
});

function targetOf(
  context: { readonly attributes: { readonly to: number }; failType(message: string): never },
  source: DType,
): Exclude<DType, "string"> {
  const target = dtypeOfOnnx(context, context.attributes.to);
  if (source === "string" || target === "string") return context.failType("strings have no bits to cast");
  const [has, needs] = [dtypeInfo[source].bits, dtypeInfo[target].bits];
  if (has !== needs) return context.failType(`${source} has ${has} bits, ${target} ${needs}`);
  if (has < 8)
    return context.failType(`${source} to ${target}: elements narrower than a byte are not supported`);
  return target;
}
