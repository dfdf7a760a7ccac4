import { InferenceSession } from "onnxruntime-common";

/** Of whichever realm or polyfill. */
export const isBlob = (value: unknown): value is Blob =>
  typeof value === "object" && value !== null && typeof (value as Partial<Blob>).arrayBuffer === "function";

export const bytesOfBlob = async (blob: Blob): Promise<Uint8Array> =>
  new Uint8Array(await blob.arrayBuffer());

type Create = (model: unknown, ...rest: unknown[]) => Promise<InferenceSession>;

/** Has `InferenceSession.create` take a Blob or File, too. */
export function acceptBlobs(): void {
  const create = InferenceSession.create as Create;
  const accepting: Create = async (model, ...rest) =>
    create(isBlob(model) ? await bytesOfBlob(model) : model, ...rest);
  InferenceSession.create = accepting as typeof InferenceSession.create;
}
