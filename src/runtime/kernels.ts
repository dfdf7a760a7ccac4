import { InternalError, UsageError } from "../errors.ts";
import type { CompileModule, Modules, Simd } from "./builds.ts";
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
export function chooseSimd(wish: "auto" | Simd = "auto"): Simd {
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

/** What `create` and `compile` are told of kernels. */
export interface KernelOptions {
  readonly simd?: "auto" | Simd;
  readonly threads?: "auto" | number;
  /** What lanewise/external is handed; not checked yet. */
  readonly kernels?: unknown;
}

/** The instruction set to use and, where the kernels come from outside, their main module. */
export interface GivenKernels {
  readonly simd: Simd;
  readonly module?: WebAssembly.Module;
}

let carried: Modules;
let given: ((options: KernelOptions) => GivenKernels | undefined) | undefined;

/** Has the main module be one of these from now on, where `create` is handed none. */
export function addMain(modules: Modules): void {
  carried = modules;
}

/** Has a module be looked for among the options from now on. */
export function addGiven(find: (options: KernelOptions) => GivenKernels | undefined): void {
  given = find;
}

/** Whether this entry or another that is loaded carries kernels. */
export const carriesKernels = (): boolean => carried !== undefined;

/** The kernels to use; throws a UsageError where this engine cannot run them. */
export const chooseKernels = (options: KernelOptions): GivenKernels =>
  given?.(options) ?? { simd: chooseSimd(options.simd) };

/** The static data of all modules lies below: the main one's up to 8192, that of others, which join later, behind it. */
const STATIC_DATA_END = 16384;

const modulesBeside: Modules[] = [];

/** Has the kernels of a module be found from now on. */
export function addKernels(modules: Modules): void {
  if (!modulesBeside.includes(modules)) modulesBeside.push(modules);
}

/**
 * An instance of a build on the given memory: of what is carried, where no module is given. The modules beside the main one
 * join it when a plan first asks for a kernel of theirs.
 */
export function instantiateKernels(
  simd: Simd,
  memory: WebAssembly.Memory,
  compile?: CompileModule,
  module: WebAssembly.Module = carried(simd, compile),
): KernelInstance {
  const kernels = instantiate(module, memory);
  const beside: WebAssembly.Module[] = [];
  const found = new Map<string, Kernel>();

  const join = (name: string): Kernel => {
    for (const modules of modulesBeside) {
      const other = modules(simd, compile);
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
