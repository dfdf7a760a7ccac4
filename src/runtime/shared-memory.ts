import { InternalError } from "../errors.ts";

const IMPORTS = 2;

/** How a module imports `env.memory`: of one page at least, and a shared one of 65536 pages at most. */
const ENV_MEMORY = "\x03env\x06memory\x02";
const OWN = "\x00\x01";
const SHARED = "\x03\x01\x80\x80\x04";

/**
 * The module of these bytes for a memory that threads share: the builds of one source differ in the limits of the memory
 * that they import, and in nothing else.
 */
export function withSharedMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const from = bytesOf(ENV_MEMORY + OWN);
  const at = indexOf(bytes, from);
  // The section's length stands in one byte before the number of its imports, of which there is one.
  const section = at - 3;
  if (at < 0 || bytes[section] !== IMPORTS || bytes[section + 1] !== from.length + 1)
    throw new InternalError("a build of the kernels imports more than its memory");
  const to = bytesOf(ENV_MEMORY + SHARED);
  const patched = new Uint8Array(bytes.length + to.length - from.length);
  patched.set(bytes.subarray(0, at));
  patched[section + 1] = to.length + 1;
  patched.set(to, at);
  patched.set(bytes.subarray(at + from.length), at + to.length);
  return patched;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const indexOf = (bytes: Uint8Array, part: Uint8Array): number =>
  bytes.findIndex((_, at) => part.every((byte, i) => bytes[at + i] === byte));
