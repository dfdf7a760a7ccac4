/**
 * The entry `lanewise/ort/register`, for Node: from its import on, whatever asks for a package of onnxruntime is given
 * `lanewise/ort`. It is what an alias is in a bundler.
 */
import * as module from "node:module";
import { fileURLToPath } from "node:url";

const PACKAGES = /^onnxruntime-(common|node|web)(\/.*)?$/;
const IMPORTED = new URL("./ort.js", import.meta.url);
const REQUIRED = new URL("./ort.cjs", import.meta.url);

interface Resolved {
  readonly url: string;
  readonly shortCircuit: true;
}
type Next = (specifier: string, context: unknown) => unknown;
type Resolve = (
  specifier: string,
  context: { readonly conditions: readonly string[] },
  next: Next,
) => unknown;

/** What Node has of this by version: hooks for all from 22.15 on, those for imports alone from 20.6 on. */
const { registerHooks, register, Module } = module as unknown as {
  readonly registerHooks?: (hooks: { readonly resolve: Resolve }) => unknown;
  readonly register?: (specifier: string) => void;
  readonly Module: { _resolveFilename(this: unknown, request: string, ...rest: unknown[]): string };
};

const resolved = ({ href }: URL): Resolved => ({ url: href, shortCircuit: true });

/** Hooks that run in a thread of their own come as text. */
const IMPORTS = `export const resolve = async (specifier, context, next) =>
  ${PACKAGES}.test(specifier) ? ${JSON.stringify(resolved(IMPORTED))} : next(specifier, context);`;

if (registerHooks !== undefined)
  registerHooks({
    resolve: (specifier, context, next) =>
      PACKAGES.test(specifier)
        ? resolved(context.conditions.includes("require") ? REQUIRED : IMPORTED)
        : next(specifier, context),
  });
else {
  register?.(`data:text/javascript,${encodeURIComponent(IMPORTS)}`);
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function (request, ...rest) {
    const found = PACKAGES.test(request) ? fileURLToPath(REQUIRED) : request;
    return resolveFilename.call(this, found, ...rest);
  };
}
