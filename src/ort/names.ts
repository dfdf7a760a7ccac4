import type { InferenceSession } from "onnxruntime-common";

export * from "onnxruntime-common";
export { listSupportedBackends } from "./backend.ts";

/** What a session says of an input or output that is a tensor. */
export type TensorMetadata = InferenceSession.TensorValueMetadata;

declare module "onnxruntime-common" {
  interface InferenceSessionFactory {
    /**
     * Create a new inference session from a Blob or File that holds an ONNX model.
     *
     * @param model - What holds the model.
     * @param options - specify configuration for creating a new inference session.
     * @returns A promise that resolves to an InferenceSession object.
     */
    create(model: Blob, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  }
}
