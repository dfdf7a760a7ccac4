import { version } from "../../package.json";
import { shown } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { addGiven, carriesKernels, chooseSimd, type GivenKernels, type KernelOptions } from "./kernels.ts";

/** Has sessions take the kernels that `create` is handed; gives what it was given. */
export function addGivenKernels<T>(takesThem: T): T {
  addGiven(checkedKernels);
  return takesThem;
}

const EXPECTED = `a WebAssembly.Module of lanewise/kernels/plain.wasm or relaxed.wasm, version ${version}`;

/** The module among the options, and which build it is; undefined where none need be. Throws a UsageError for anything but one that runs here. */
function checkedKernels({ kernels, simd, threads }: KernelOptions): GivenKernels | undefined {
  if (kernels === undefined && carriesKernels()) return undefined;
  const refuse = (got: string): never => {
    throw new UsageError(`kernels must be ${EXPECTED}, got ${got}`);
  };
  const sections = sectionsOf(kernels);
  if (sections === undefined) return refuse(what(kernels));
  const [section] = sections;
  if (section === undefined) return refuse("a module of something else");
  const [theirs, build] = String.fromCharCode(...new Uint8Array(section)).split(" ");
  if (theirs !== version) return refuse(`one of version ${theirs}`);
  if (build !== "plain" && build !== "relaxed") return refuse(`${build}.wasm`);
  if (threads !== undefined && threads !== 1)
    throw new UsageError(`threads ${shown(threads)}: kernels that are handed to create run on one thread`);
  if (simd !== undefined && simd !== "auto" && simd !== build)
    throw new UsageError(`simd is "${simd}", but the kernels are ${build}.wasm`);
  return { simd: chooseSimd(build), module: kernels as WebAssembly.Module };
}

/** What scripts/build.mjs has written into the files; undefined of what is no module, wherever it was made. */
function sectionsOf(module: unknown): ArrayBuffer[] | undefined {
  try {
    return WebAssembly.Module.customSections(module as WebAssembly.Module, "lanewise");
  } catch {
    return undefined;
  }
}

/** What came in place of a module: mostly what a runtime or bundler has made of the file instead. */
function what(value: unknown): string {
  if (value === undefined) return "none: this entry carries no kernels";
  if (value instanceof WebAssembly.Instance) return "a WebAssembly.Instance";
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
    return `${shown(value)}: bytes, which are yet to be compiled`;
  return shown(value);
}
