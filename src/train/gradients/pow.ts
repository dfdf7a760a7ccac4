import { dtypeInfo } from "../../dtype.ts";
import { toNumbers } from "../../ops/shared/elements.ts";
import { alignedOperands } from "./aligned.ts";
import { defineGradient } from "./define.ts";

/** y = aᵇ: da = b·aᵇ⁻¹·dy, 0 where b is, db = ln(a)·y·dy, taken as 0 where a is not positive. */
export const powGradientRule = defineGradient({
  op: "Pow",
  inputs(context) {
    const { a, dy, left, right: given, give } = alignedOperands(context);
    const known = context.constant(context.x(1));
    const exponents = known && toNumbers(known);
    const to = dtypeInfo[context.dtype(left)].onnx;
    const exponent =
      context.dtype(given) === context.dtype(left) ? given : context.emit("Cast", [given], { to });
    return give(
      () => {
        if (exponents?.length === 1 && exponents[0] === 2) return a.mul(dy, a.add(left, left));
        const slope = a.mul(exponent, a.pow(left, a.sub(exponent, 1)));
        // 0 · 0⁻¹ is no number.
        const flat = exponents === undefined || Array.from(exponents).includes(0);
        return a.mul(dy, flat ? a.where(a.equal(exponent, 0), 0, slope) : slope);
      },
      () => {
        if (context.dtype(given) !== context.dtype(left))
          return context.decline("its exponent has another dtype than its base");
        const positive = a.less(0, left);
        return a.mul(dy, a.mul(context.y(), a.of("Log", a.where(positive, left, 1))));
      },
    );
  },
});
