import type { Op } from "../define.ts";
import { binary, comparison } from "./binary-op.ts";
import { BOOL, FLOATS, NUMBERS } from "./dtypes.ts";
import { variadic } from "./variadic-op.ts";

// Of two numbers, broadcast: https://onnx.ai/onnx/operators has a page for each.

export const ARITHMETIC: readonly Op[] = [
  // a + b, broadcast.
  binary("Add", [1, 6, 7, 13, 14], { number: (a, b) => a + b, wide: (a, b) => a + b }),
  // a - b, broadcast.
  binary("Sub", [1, 6, 7, 13, 14], { number: (a, b) => a - b, wide: (a, b) => a - b }),
  // a·b, broadcast.
  binary("Mul", [1, 6, 7, 13, 14], { number: (a, b) => a * b, integer: Math.imul, wide: (a, b) => a * b }),
  // a / b, broadcast; integers are cut towards zero, and 0 where b is 0.
  binary("Div", [1, 6, 7, 13, 14], {
    number: (a, b) => a / b,
    integer: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
    wide: (a, b) => (b === 0n ? 0n : a / b),
  }),
];

/** Of any number of operands. */
export const VARIADIC: readonly Op[] = [
  // The least of the inputs' elements, broadcast; NaN where one of them is.
  variadic("Min", [1, 6, 8, 12, 13], { number: Math.min, wide: (a, b) => (a < b ? a : b) }),
  // The greatest of the inputs' elements, broadcast; NaN where one of them is.
  variadic("Max", [1, 6, 8, 12, 13], { number: Math.max, wide: (a, b) => (a > b ? a : b) }),
  // The sum of the inputs, broadcast.
  variadic("Sum", [1, 6, 8, 13], { dtypes: FLOATS, number: (a, b) => a + b }),
  // The mean of the inputs, broadcast.
  variadic("Mean", [1, 6, 8, 13], { dtypes: FLOATS, mean: true, number: (a, b) => a + b }),
];

export const COMPARISONS: readonly Op[] = [
  // Whether a equals b, broadcast; strings too.
  comparison("Equal", [1, 7, 11, 13, 19], {
    dtypes: [...NUMBERS, "bool", "string"],
    number: (a, b) => (a === b ? 1 : 0),
    wide: (a, b) => (a === b ? 1 : 0),
    text: (a, b) => (a === b ? 1 : 0),
  }),
  // Whether a is above b, broadcast.
  comparison("Greater", [1, 7, 9, 13], {
    number: (a, b) => (a > b ? 1 : 0),
    wide: (a, b) => (a > b ? 1 : 0),
  }),
  // Whether a is at least b, broadcast.
  comparison("GreaterOrEqual", [12, 16], {
    number: (a, b) => (a >= b ? 1 : 0),
    wide: (a, b) => (a >= b ? 1 : 0),
  }),
  // Whether a is below b, broadcast.
  comparison("Less", [1, 7, 9, 13], { number: (a, b) => (a < b ? 1 : 0), wide: (a, b) => (a < b ? 1 : 0) }),
  // Whether a is at most b, broadcast.
  comparison("LessOrEqual", [12, 16], {
    number: (a, b) => (a <= b ? 1 : 0),
    wide: (a, b) => (a <= b ? 1 : 0),
  }),
];

export const LOGIC: readonly Op[] = [
  // The logical and of bools, broadcast.
  binary("And", [1, 7], { dtypes: BOOL, number: (a, b) => a & b }),
  // The logical or of bools, broadcast.
  binary("Or", [1, 7], { dtypes: BOOL, number: (a, b) => a | b }),
];
