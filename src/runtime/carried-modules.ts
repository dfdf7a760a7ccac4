import type { Builds, CompileModule, Modules, Simd } from "./builds.ts";

/** Compiles each build once per process. */
export function compilingOnce(
  compile: (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module,
): CompileModule {
  const compiled = new Map<Builds[Simd], WebAssembly.Module>();
  return (build) => {
    const module = compiled.get(build) ?? compile(build());
    compiled.set(build, module);
    return module;
  };
}

const compileAlone = /* @__PURE__ */ compilingOnce((bytes) => new WebAssembly.Module(bytes));

/** The modules of builds that an entry carries. */
export const modulesOf =
  (builds: Builds): Modules =>
  (simd, compile = compileAlone) =>
    compile(builds[simd]);
