import { dtypeInfo } from "../../dtype.ts";
import { toNumbers } from "../../ops/shared/elements.ts";
import { algebra } from "./algebra.ts";
import { alignedOperands, sumTo } from "./broadcasting.ts";
import type { GradientContext, GradientRules } from "./define.ts";

/** Operators of several operands, which broadcast. */
export const arithmeticGradients: GradientRules = {
  Add(context) {
    const { dy, give } = alignedOperands(context);
    return give(
      () => dy,
      () => dy,
    );
  },

  Sub(context) {
    const { a, dy, give } = alignedOperands(context);
    return give(
      () => dy,
      () => a.of("Neg", dy),
    );
  },

  Mul(context) {
    const { a, dy, left, right, give } = alignedOperands(context);
    return give(
      () => a.mul(dy, right),
      () => a.mul(dy, left),
    );
  },

  Div(context) {
    const { a, dy, right, give } = alignedOperands(context);
    return give(
      () => a.div(dy, right),
      () => a.of("Neg", a.mul(dy, a.div(context.y(), right))),
    );
  },

  /** y = aᵇ: da = b·aᵇ⁻¹·dy, 0 where b is, db = ln(a)·y·dy, taken as 0 where a is not positive. */
  Pow(context) {
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

  PRelu(context) {
    const a = algebra(context);
    const [x, slope, dy] = [context.x(0), context.x(1), context.dy() as string];
    const [rank, dims] = [context.dims(x).length, context.dims(slope)];
    // Before opset 7 a vector of slopes goes with the channels.
    const byChannel = context.node.opset < 7 && dims.length === 1 && rank >= 3;
    const aligned = byChannel ? [...dims, ...new Array<number>(rank - 2).fill(1)] : dims;
    const above = a.less(0, x);
    return [
      context.wants(0) ? a.where(above, dy, a.mul(dy, a.reshape(slope, aligned))) : undefined,
      context.wants(1)
        ? a.reshape(sumTo(context, a.where(above, 0, a.mul(dy, x)), aligned), dims)
        : undefined,
    ];
  },

  Where(context) {
    const a = algebra(context);
    const [condition, dy] = [context.x(0), context.dy() as string];
    const slopes = [() => a.where(condition, dy, 0), () => a.where(condition, 0, dy)];
    return [undefined, ...slopes.map((slope, i) => byOperand(context, i + 1, slope))];
  },

  Sum: (context) => context.node.inputs.map((_, i) => byOperand(context, i, () => context.dy() as string)),

  Mean(context) {
    const { inputs } = context.node;
    const share = algebra(context).mul(context.dy() as string, 1 / inputs.length);
    return inputs.map((_, i) => byOperand(context, i, () => share));
  },

  Min: extremes,
  Max: extremes,
};

/** dy goes to the operands that are y, in equal shares where several are. */
function extremes(context: GradientContext): readonly (string | undefined)[] {
  const a = algebra(context);
  const dy = context.dy() as string;
  const masks = context.node.inputs.map((name) => a.asNumber(a.equal(name, context.y()), dy));
  const share = masks.length === 1 ? dy : a.div(dy, masks.reduce(a.add));
  return masks.map((mask, i) => byOperand(context, i, () => a.mul(share, mask)));
}

/** A gradient of y's dims summed to those of an operand; made only where it is wanted. */
const byOperand = (context: GradientContext, index: number, gradient: () => string): string | undefined =>
  context.wants(index) ? sumTo(context, gradient(), context.dims(context.x(index))) : undefined;
