import { plainKernels, relaxedKernels } from "#kernels";
import { InternalError, UsageError } from "../errors.ts";
import { instantiate, type Kernel } from "./instantiate.ts";

export type Simd = "plain" | "relaxed";

export interface KernelInstance {
  readonly simd: Simd;
  kernel(name: string): Kernel;
  /** The training kernels, once one of them was asked for. */
  training(): WebAssembly.Module | undefined;
  /** First byte that the kernels' own static data leaves free. */
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

const compiled = new Map<Simd, WebAssembly.Module>();

/** The compiled build, once per process. */
function kernelModule(simd: Simd): WebAssembly.Module {
  let module = compiled.get(simd);
  if (module === undefined) {
    module = new WebAssembly.Module(simd === "plain" ? plainKernels() : relaxedKernels());
    compiled.set(simd, module);
  }
  return module;
}

/**
 * An instance of a build on the given memory; a shared memory needs a shared-memory build. The training kernels are a
 * module of their own, which keeps no data in memory: it joins when a plan first asks for one of them.
 */
export function instantiateKernels(
  simd: Simd,
  memory: WebAssembly.Memory,
  module: WebAssembly.Module = kernelModule(simd),
  trainingOf: () => WebAssembly.Module | undefined = () => undefined,
): KernelInstance {
  const kernels = instantiate(module, memory);
  let training: WebAssembly.Module | undefined;
  let more: typeof kernels = {};
  return {
    simd,
    kernel(name) {
      if (kernels[name] === undefined && training === undefined) {
        training = trainingOf();
        if (training !== undefined) more = instantiate(training, memory);
      }
      const found = kernels[name] ?? more[name];
      if (typeof found !== "function") throw new InternalError(`the ${simd} build has no kernel ${name}`);
      return found;
    },
    training: () => training,
    heapBase: (kernels.heapBase as Kernel)() as number,
  };
}
