import { upsampleRequest } from "../../ops/upsample.ts";
import { defineGradient } from "./define.ts";
import { resizeBack } from "./resize-back.ts";

type UpsampleAttributes = Parameters<typeof upsampleRequest>[0]["attributes"];

export const upsampleGradientRule = defineGradient({
  op: "Upsample",
  inputs(context) {
    const node = {
      attributes: context.attributes as unknown as UpsampleAttributes,
      opset: context.node.opset,
    };
    const scales = context.x(1);
    return resizeBack(context, upsampleRequest(node, scales === "" ? undefined : context.constant(scales)));
  },
});
