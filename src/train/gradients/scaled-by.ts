import { toNumbers } from "../../ops/shared/elements.ts";
import type { GradientContext } from "./define.ts";

/** A value times a scalar gradient; the value itself where that is known to be 1, as behind a loss. */
export function scaledBy(context: GradientContext, value: string, scale: string): string {
  const known = context.constant(scale);
  if (known !== undefined && toNumbers(known).every((number) => number === 1)) return value;
  return context.emit("Mul", [value, scale]);
}
