import { defineGradient } from "./define.ts";
import { reductionOf } from "./reduced.ts";

/** The product of the other elements: with one zero among them only that one's is not 0, with two none's. */
export const reduceProdGradientRule = defineGradient({
  op: "ReduceProd",
  inputs(context) {
    const { a, x, axes, dy } = reductionOf(context);
    const isZero = a.equal(x, 0);
    const filled = a.where(isZero, 1, x);
    const product =
      axes.length === 0 ? filled : context.emit("ReduceProd", [filled, context.ints(axes)], { keepdims: 1 });
    const others = a.sub(a.sum(a.asNumber(isZero, x), axes), a.asNumber(isZero, x));
    const slope = a.where(a.less(others, 0.5), a.div(product, filled), 0);
    return [a.mul(dy, slope)];
  },
});
