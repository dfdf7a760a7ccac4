import type { Lowerings } from "../lowering.ts";
import { dropout } from "../movement/views.ts";
import { binary, variadic } from "./binary.ts";
import { pRelu, unary } from "./unary.ts";

/** Element by element. Operators that only have an activation are not listed: `unary` does them all. */
export const ELEMENTWISE: Lowerings = {
  Add: [binary("add")],
  Div: [binary("div")],
  Dropout: [dropout],
  Max: [variadic("max")],
  Mean: [variadic("add", true)],
  Min: [variadic("min")],
  Mul: [binary("mul")],
  PRelu: [unary, pRelu],
  Pow: [unary, binary("pow")],
  Sub: [binary("sub")],
  Sum: [variadic("add")],
};

/** Operators that the table does not list, where they are activations. */
export const ACTIVATIONS = [unary];
