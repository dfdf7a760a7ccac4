import { fromNumbers } from "../../ops/shared/elements.ts";
import { elementCount } from "../../tensor.ts";
import type { GradientContext } from "./define.ts";

/** A constant of zeros with the dims and dtype of a value. */
export function zerosLike(context: GradientContext, value: string): string {
  const dims = context.dims(value);
  return context.tensor(fromNumbers(context.dtype(value), dims, new Float64Array(elementCount(dims))));
}
