/**
 * Stands in for `@assemblyscript/loader` in browsers, where its handling of strings, arrays and classes would be downloaded
 * for nothing: kernels take and give numbers.
 */
export function instantiateSync(module: WebAssembly.Module, imports: WebAssembly.Imports) {
  const instance = new WebAssembly.Instance(module, imports);
  return { module, instance, exports: instance.exports };
}
