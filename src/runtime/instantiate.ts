import * as loader from "#loader";
import { InternalError } from "../errors.ts";

/** A kernel of an instance; all arguments and results are numbers. */
export type Kernel = (...args: number[]) => number | undefined;

/** What a build exports, once it stands on a memory. */
export function instantiate(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Readonly<Record<string, Kernel | undefined>> {
  const abort = (): never => {
    throw new InternalError("a kernel aborted");
  };
  return loader.instantiateSync(module, { env: { memory, abort } }).exports as never;
}
