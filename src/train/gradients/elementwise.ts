import { type Algebra, algebra, type Term } from "./algebra.ts";
import type { GradientContext } from "./define.ts";

interface Point {
  readonly a: Algebra;
  readonly x: string;
  readonly y: string;
  readonly context: GradientContext;
}

/** The rule of y = f(x), element by element: dy times the slope, made of x and y. */
export const elementwise =
  (slope: (point: Point) => Term) =>
  (context: GradientContext): readonly string[] => {
    const a = algebra(context);
    return [a.mul(context.dy() as string, slope({ a, x: context.x(), y: context.y(), context }))];
  };

/** The rule of an operator whose result does not change with its inputs, but in steps. */
export const piecewiseConstant = (): readonly undefined[] => [];
