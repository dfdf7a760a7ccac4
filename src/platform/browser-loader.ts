/**
 * Stands in for `@assemblyscript/loader` in browsers, where its handling of strings, arrays and classes would be downloaded
 * for nothing: kernels take and give numbers.
 */
export const instantiateSync = (module: WebAssembly.Module, imports: WebAssembly.Imports) =>
  new WebAssembly.Instance(module, imports);
