import { dtypeInfo, isFloat } from "../../dtype.ts";
import { toNumbers } from "../../ops/shared/elements.ts";
import type { ActivationKind } from "../../ops/training/activation-gradient.ts";
import { type Algebra, algebra, type Term } from "./algebra.ts";
import { sumTo } from "./broadcasting.ts";
import { type GradientContext, type GradientRule, type GradientRules, rulesOf } from "./define.ts";

interface Point {
  readonly a: Algebra;
  readonly x: string;
  readonly y: string;
  readonly attributes: Readonly<Record<string, number>>;
}

/** The slope of y = f(x) at each element, made of x and y. */
const SLOPES: Readonly<Record<string, (point: Point) => Term>> = {
  Abs: ({ a, x }) => a.of("Sign", x),
  Acos: ({ a, x }) => a.div(-1, a.of("Sqrt", a.mul(a.sub(1, x), a.add(x, 1)))),
  Acosh: ({ a, x }) => a.of("Reciprocal", a.of("Sqrt", a.mul(a.sub(x, 1), a.add(x, 1)))),
  Asin: ({ a, x }) => a.of("Reciprocal", a.of("Sqrt", a.mul(a.sub(1, x), a.add(x, 1)))),
  Asinh: ({ a, x }) => a.of("Reciprocal", a.of("Sqrt", a.add(a.square(x), 1))),
  Atan: ({ a, x }) => a.of("Reciprocal", a.add(a.square(x), 1)),
  Atanh: ({ a, x }) => a.of("Reciprocal", a.mul(a.sub(1, x), a.add(x, 1))),
  /** y = x, or alpha·(e^(x/alpha) − 1) below 0: there the slope is e^(x/alpha), as which y/alpha + 1 would cancel. */
  Celu: ({ a, x, attributes: { alpha } }) => a.where(a.less(x, 0), a.of("Exp", a.div(x, alpha as number)), 1),
  Cos: ({ a, x }) => a.of("Neg", a.of("Sin", x)),
  Cosh: ({ a, x }) => a.of("Sinh", x),
  Erf: ({ a, x }) => a.mul(2 / Math.sqrt(Math.PI), a.of("Exp", a.of("Neg", a.square(x)))),
  Exp: ({ y }) => y,
  Log: ({ a, x }) => a.of("Reciprocal", x),
  /** x·t with t = tanh(softplus(x)): the slope is t + x·sigmoid(x)·(1 − t²). */
  Mish: ({ a, x }) => {
    const t = a.of("Tanh", a.of("Softplus", x));
    return a.add(t, a.mul(a.mul(x, a.of("Sigmoid", x)), a.sub(1, a.square(t))));
  },
  Reciprocal: ({ a, y }) => a.of("Neg", a.square(y)),
  /** y = gamma·(x, or alpha·(eˣ − 1) up to 0): there the slope is gamma·alpha·eˣ, as which y + gamma·alpha would cancel. */
  Selu: ({ a, x, attributes: { alpha, gamma } }) =>
    a.where(a.less(0, x), gamma as number, a.mul(a.of("Exp", x), (gamma as number) * (alpha as number))),
  Sin: ({ a, x }) => a.of("Cos", x),
  Sinh: ({ a, x }) => a.of("Cosh", x),
  Softsign: ({ a, x }) => a.of("Reciprocal", a.square(a.add(a.of("Abs", x), 1))),
  Sqrt: ({ a, y }) => a.div(0.5, y),
  Tan: ({ a, y }) => a.add(a.square(y), 1),
  ThresholdedRelu: ({ a, x, attributes: { alpha } }) => a.asNumber(a.less(alpha as number, x), x),
};

const bySlope =
  (slope: (point: Point) => Term): GradientRule =>
  (context) => {
    const a = algebra(context);
    const attributes = context.attributes as Point["attributes"];
    return [a.mul(context.dy() as string, slope({ a, x: context.x(), y: context.y(), attributes }))];
  };

interface Activation {
  readonly kind: ActivationKind;
  readonly at: "x" | "y";
  /** Whether it goes by the operator's alpha. */
  readonly alpha?: true;
}

/** Activations whose gradient `lanewise:ActivationGradient` knows, and what it looks at. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  Elu: { kind: "elu", at: "x", alpha: true },
  HardSigmoid: { kind: "hardSigmoid", at: "y", alpha: true },
  HardSwish: { kind: "hardSwish", at: "x" },
  LeakyRelu: { kind: "leakyRelu", at: "x", alpha: true },
  Sigmoid: { kind: "sigmoid", at: "y" },
  "lanewise:Silu": { kind: "silu", at: "x", alpha: true },
  Softplus: { kind: "softplus", at: "x" },
  Swish: { kind: "silu", at: "x", alpha: true },
  Tanh: { kind: "tanh", at: "y" },
};

const byActivation =
  ({ kind, at, alpha }: Activation): GradientRule =>
  (context) => [
    context.emit(
      "lanewise:ActivationGradient",
      [context.dy() as string, at === "x" ? context.x() : context.y()],
      { kind, ...(alpha && { alpha: context.attributes.alpha as number }) },
    ),
  ];

/** Operators whose result does not change with their inputs, but in steps. */
const STEPS = ["Ceil", "Floor", "Round", "Sign", "lanewise:DropoutMask"];

export const unaryGradients: GradientRules = {
  ...rulesOf(SLOPES, bySlope),
  ...rulesOf(ACTIVATIONS, byActivation),
  ...Object.fromEntries(STEPS.map((op) => [op, () => []])),

  Identity: (context) => [context.dy()],
  Neg: (context) => [context.emit("Neg", [context.dy() as string])],
  Relu: (context) => [context.emit("lanewise:ReluGradient", [context.dy() as string, context.y()])],
  Gelu: (context) =>
    byActivation({ kind: context.attributes.approximate === "tanh" ? "geluTanh" : "gelu", at: "x" })(context),
  Cast: castBack,
  CastLike: castBack,

  /**
   * dy passes between the bounds and at them; what is cut to a bound goes to it. Where min exceeds max, all is cut to
   * max, as Clip has it.
   */
  Clip(context) {
    const a = algebra(context);
    const [x, dy] = [context.x(), context.dy() as string];
    const min = boundOf(context, 1, "min", -Infinity);
    const max = boundOf(context, 2, "max", Infinity);
    if (typeof min === "number" && typeof max === "number") {
      const attributes = { kind: "clip", alpha: min, beta: max };
      return [context.emit("lanewise:ActivationGradient", [dy, x], attributes)];
    }
    const below = a.less(x, min);
    const above = a.less(max, context.emit("Max", [x, a.like(min, x)]));
    const cut = (slopes: string) => sumTo(context, slopes, []);
    return [
      a.where(below, 0, a.where(a.equal(x, context.y()), dy, 0)),
      context.wants(1)
        ? a.reshape(cut(a.where(above, 0, a.where(below, dy, 0))), context.dims(context.x(1)))
        : undefined,
      context.wants(2) ? a.reshape(cut(a.where(above, dy, 0)), context.dims(context.x(2))) : undefined,
    ];
  },

  /** At rest dy itself; at work dy where the mask kept an element, scaled as that was. */
  Dropout(context) {
    const dy = context.dy() as string;
    const scalarOf = (i: number): number | undefined => {
      const data = context.constant(context.x(i));
      return data && Number(toNumbers(data)[0]);
    };
    if (context.x(2) === "" || scalarOf(2) === 0) return [dy];
    const a = algebra(context);
    const ratio = context.x(1) === "" ? (context.attributes.ratio as number) : scalarOf(1);
    if (context.y(1) === "" || ratio === undefined)
      return context.decline("in training it needs its mask as an output and a known ratio");
    return [a.where(context.y(1), a.mul(dy, 1 / (1 - ratio)), 0)];
  },
};

/** The gradient of a cast between floats; others change in steps. */
function castBack(context: GradientContext): readonly string[] {
  const [from, to] = [context.dtype(context.x()), context.dtype(context.y())];
  if (!isFloat(from) || !isFloat(to)) return [];
  return [context.emit("Cast", [context.dy() as string], { to: dtypeInfo[from].onnx })];
}

/** A bound by its name where it is an input of unknown value, else the number, as the dtype of x has it. */
function boundOf(context: GradientContext, index: number, key: string, absent: number): string | number {
  if (context.node.opset < 11) {
    const given = (context.attributes[key] as number | undefined) ?? absent;
    return context.dtype(context.x()) === "float64" ? given : Math.fround(given);
  }
  const name = context.x(index);
  if (name === "") return absent;
  const known = context.constant(name);
  return known === undefined ? name : (toNumbers(known)[0] as number);
}
