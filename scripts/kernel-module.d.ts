// What bundlers and runtimes that know `.wasm` make of `lanewise/kernels/*.wasm`.
import type { WebAssembly } from "./globals.js";

declare const kernels: WebAssembly.Module;
export default kernels;
