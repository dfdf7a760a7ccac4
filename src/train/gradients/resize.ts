import { resizeRequest } from "../../ops/resize.ts";
import { defineGradient, type GradientContext } from "./define.ts";
import { resizeBack } from "./resize-back.ts";

type ResizeAttributes = Parameters<typeof resizeRequest>[0]["attributes"];

export const resizeGradientRule = defineGradient({
  op: "Resize",
  inputs(context: GradientContext) {
    const node = { attributes: context.attributes as unknown as ResizeAttributes, opset: context.node.opset };
    return resizeBack(
      context,
      resizeRequest(node, (i) => (context.x(i) === "" ? undefined : context.constant(context.x(i)))),
    );
  },
});
