/** The two instruction sets that the kernels are built for. */
export type Simd = "plain" | "relaxed";

/** The bytes of a module of kernels, by build. */
export type Builds = Readonly<Record<Simd, () => Uint8Array<ArrayBuffer>>>;
