import { MemoryError } from "../../errors.ts";
import { assertFits } from "../../memory-limit.ts";

interface ArrayType<T> {
  new (length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** A typed array of zeros; a MemoryError, before anything is taken, where it is more than wasm could hold or there is. */
export function roomOf<T>(what: string, type: ArrayType<T>, count: number): T {
  const bytes = count * type.BYTES_PER_ELEMENT;
  assertFits(what, bytes);
  try {
    return new type(count);
  } catch (cause) {
    throw new MemoryError(bytes, `${what} needs ${bytes} bytes, which this engine does not give`, { cause });
  }
}
