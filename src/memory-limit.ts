import { type DType, dtypeInfo } from "./dtype.ts";
import { MemoryError } from "./errors.ts";
import { elementCount } from "./tensor.ts";
import { isTensor, type RuntimeValue } from "./value.ts";

/** wasm32 addresses no more than this. */
export const MAX_MEMORY_BYTES = 2 ** 32 - 2 ** 16;

/** An array of strings takes a pointer, a header and a few characters each. */
const STRING_BYTES = 48;
/** Strings lie in the JavaScript heap, which ends the process when it overflows. */
const MAX_STRING_BYTES = 2 ** 30;
/** Definitions compute in float64, whatever they are given. */
const WORKING_BYTES = 8;

/** What a value of these dims takes in the JavaScript heap while a definition makes it. */
const hostBytes = (dtype: DType, dims: readonly number[]): number =>
  elementCount(dims) * (dtype === "string" ? STRING_BYTES : Math.max(dtypeInfo[dtype].bytes, WORKING_BYTES));

/** Throws a MemoryError for a value too large to be made on the host; `what` names it. */
export function assertFitsHost(
  what: string,
  dtype: DType,
  dims: readonly number[],
  maxBytes = MAX_MEMORY_BYTES,
): void {
  const limit = dtype === "string" ? Math.min(maxBytes, MAX_STRING_BYTES) : maxBytes;
  assertFits(`${what} ${dtype} [${dims}]`, hostBytes(dtype, dims), limit);
}

/** Throws a MemoryError for more bytes than allowed; `what` is the subject of its message. */
export function assertFits(what: string, bytes: number, maxBytes = MAX_MEMORY_BYTES): void {
  if (!(bytes <= maxBytes))
    throw new MemoryError(bytes, `${what} needs ${bytes} bytes, allowed are ${maxBytes}`);
}

/** What a value holds in the JavaScript heap. */
export function heldBytes(value: RuntimeValue | undefined): number {
  if (value === undefined) return 0;
  if (isTensor(value))
    return (
      elementCount(value.dims) * (value.dtype === "string" ? STRING_BYTES : dtypeInfo[value.dtype].bytes)
    );
  if (value.container === "optional") return heldBytes(value.value);
  if (value.container === "map") return value.entries.size * (STRING_BYTES + WORKING_BYTES);
  return value.values.reduce((sum, entry) => sum + WORKING_BYTES + heldBytes(entry), 0);
}
