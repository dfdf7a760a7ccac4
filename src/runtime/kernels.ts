import { mainKernels } from "#kernels";
import { InternalError, UsageError } from "../errors.ts";
import type { Builds, Simd } from "./builds.ts";
import { instantiate, type Kernel } from "./instantiate.ts";

export type { Simd };

export interface KernelInstance {
  readonly simd: Simd;
  kernel(name: string): Kernel;
  /** The main module. */
  readonly module: WebAssembly.Module;
  /** The modules beside it of which a kernel was asked for. */
  beside(): readonly WebAssembly.Module[];
  /** First byte that the kernels' own static data leaves free, that of modules yet to join included. */
  readonly heapBase: number;
}

/** `f32x4.relaxed_madd` in the smallest module that has it: valid only where relaxed SIMD is on. */
const RELAXED_PROBE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  4,
  1,
  96,
  0,
  0,
  3,
  2,
  1,
  0,
  10,
  20,
  1,
  18,
  0,
  65,
  0,
  253,
  15,
  65,
  0,
  253,
  15,
  65,
  0,
  253,
  15,
  253,
  133,
  2,
  26,
  11,
);

/** `i8x16.splat` likewise: valid only where SIMD is on. */
const SIMD_PROBE = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  4,
  1,
  96,
  0,
  0,
  3,
  2,
  1,
  0,
  10,
  9,
  1,
  7,
  0,
  65,
  0,
  253,
  15,
  26,
  11,
);

/** Whether this engine runs each build, found by validating a probe. */
export function simdSupport(): Readonly<Record<Simd, boolean>> {
  return { plain: WebAssembly.validate(SIMD_PROBE), relaxed: WebAssembly.validate(RELAXED_PROBE) };
}

/** The build to use; throws a UsageError for one that this engine cannot run. */
export function chooseSimd(wish: "auto" | Simd): Simd {
  const support = simdSupport();
  if (!support.plain) throw new UsageError("this engine has no WebAssembly SIMD, which lanewise needs");
  if (wish === "auto") return support.relaxed ? "relaxed" : "plain";
  if (!support[wish]) {
    throw new UsageError(
      `this engine has no ${wish} SIMD (Node 20 needs --experimental-wasm-relaxed-simd): use simd: "auto"`,
    );
  }
  return wish;
}

/** Makes a module of its bytes: for a memory of its own or, in lanewise/threads, for a shared one. */
export type CompileModule = (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;

const compileAlone: CompileModule = (bytes) => new WebAssembly.Module(bytes);

const compiled = new Map<CompileModule, Map<Builds[Simd], WebAssembly.Module>>();

/** A compiled build, once per process. */
function moduleOf(bytes: Builds[Simd], compile: CompileModule): WebAssembly.Module {
  const known = compiled.get(compile) ?? new Map<Builds[Simd], WebAssembly.Module>();
  compiled.set(compile, known);
  const module = known.get(bytes) ?? compile(bytes());
  known.set(bytes, module);
  return module;
}

/** The static data of all modules lies below: the main one's up to 8192, that of others, which join later, behind it. */
const STATIC_DATA_END = 16384;

const modulesBeside: Builds[] = [];

/** Has the kernels of a module be found from now on. */
export function addKernels(builds: Builds): void {
  if (!modulesBeside.includes(builds)) modulesBeside.push(builds);
}

/**
 * An instance of a build on the given memory. The modules beside the main one join it when a plan first asks for a
 * kernel of theirs.
 */
export function instantiateKernels(
  simd: Simd,
  memory: WebAssembly.Memory,
  compile: CompileModule = compileAlone,
): KernelInstance {
  const module = moduleOf(mainKernels[simd], compile);
  const kernels = instantiate(module, memory);
  const beside: WebAssembly.Module[] = [];
  const found = new Map<string, Kernel>();

  const join = (name: string): Kernel => {
    for (const builds of modulesBeside) {
      const other = moduleOf(builds[simd], compile);
      if (beside.includes(other)) continue;
      const theirs = instantiate(other, memory);
      if (theirs[name] === undefined) continue;
      beside.push(other);
      for (const [own, kernel] of Object.entries(theirs)) found.set(own, kernel as Kernel);
      return theirs[name];
    }
    throw new InternalError(`the ${simd} build has no kernel ${name}`);
  };

  return {
    simd,
    kernel: (name) => kernels[name] ?? found.get(name) ?? join(name),
    module,
    beside: () => beside,
    heapBase: STATIC_DATA_END,
  };
}
