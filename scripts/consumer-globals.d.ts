// What the declarations name of the platform, as the consumer's own libraries declare it; where none does, its least.
type Declared<Name extends string, Otherwise> =
  typeof globalThis extends Readonly<Record<Name, { prototype: infer Instance }>> ? Instance : Otherwise;

export type AbortSignal = Declared<"AbortSignal", { readonly aborted: boolean }>;
export type URL = Declared<"URL", { href: string }>;
export type Response = Declared<"Response", { readonly ok: boolean; arrayBuffer(): Promise<ArrayBuffer> }>;
export type ReadableStream<T> = Declared<"ReadableStream", unknown> & {
  getReader(): { read(): Promise<{ done: boolean; value?: T | undefined }> };
};

export type Blob = Declared<"Blob", { readonly size: number; arrayBuffer(): Promise<ArrayBuffer> }>;
export type HTMLImageElement = Declared<
  "HTMLImageElement",
  { readonly width: number; readonly height: number }
>;
export type ImageBitmap = Declared<"ImageBitmap", { readonly width: number; readonly height: number }>;
export type ImageData = Declared<
  "ImageData",
  { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray }
>;
export type WebGLRenderingContext = Declared<"WebGLRenderingContext", object>;
export type WebGLTexture = Declared<"WebGLTexture", object>;

type DeclaredWasm<Name extends string, Otherwise> = typeof globalThis extends {
  readonly WebAssembly: Readonly<Record<Name, { prototype: infer Instance }>>;
}
  ? Instance
  : Otherwise;

export declare namespace WebAssembly {
  type Memory = DeclaredWasm<"Memory", { readonly buffer: ArrayBuffer }>;
  type Module = DeclaredWasm<"Module", object>;
}

declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}
