import type { Op } from "../../define.ts";
import { binary } from "../binary-op.ts";
import { BOOL, INTEGERS } from "../dtypes.ts";

/** Functions of two numbers that vision networks do without: https://onnx.ai/onnx/operators has a page for each. */
export const RARE_BINARY: readonly Op[] = [
  // The logical exclusive or of bools, broadcast.
  binary("Xor", [1, 7], { dtypes: BOOL, number: (a, b) => a ^ b }),
  // The bitwise and of integers, broadcast.
  binary("BitwiseAnd", [18], { dtypes: INTEGERS, number: (a, b) => a & b, wide: (a, b) => a & b }),
  // The bitwise or of integers, broadcast.
  binary("BitwiseOr", [18], { dtypes: INTEGERS, number: (a, b) => a | b, wide: (a, b) => a | b }),
  // The bitwise exclusive or of integers, broadcast.
  binary("BitwiseXor", [18], { dtypes: INTEGERS, number: (a, b) => a ^ b, wide: (a, b) => a ^ b }),
];
