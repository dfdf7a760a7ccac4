/** The two instruction sets that the kernels are built for. */
export type Simd = "plain" | "relaxed";

/** The bytes of a module of kernels, by build. */
export type Builds = Readonly<Record<Simd, () => Uint8Array<ArrayBuffer>>>;

/** Makes a module of a build: for a memory of its own or, in lanewise/threads, for a shared one. */
export type CompileModule = (build: Builds[Simd]) => WebAssembly.Module;

/** Gives a module's build, compiled; for a memory of its own where it is not said how. */
export type Modules = (simd: Simd, compile?: CompileModule) => WebAssembly.Module;
