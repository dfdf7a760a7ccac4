import { dtypeInfo } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import { copyBytes, elementCount, type TensorData } from "../tensor.ts";

/** Smaller tensors stay in the model's file, as other exporters have it. */
const LEAST_BYTES = 1024;
/** Offsets are whole pages, so that a runtime may map the file: https://onnx.ai/onnx/repo-docs/ExternalData.html */
const PAGE_BYTES = 4096;

/** Weights on their way to a file beside the model's. */
export interface ExternalDataWriter {
  /** What a TensorProto says of a tensor that goes there; undefined where it stays. */
  place(tensor: TensorData): Record<string, string> | undefined;
  /** The file's bytes so far, tensor by tensor, zeros up to the next page between them. */
  pieces(): Iterable<Uint8Array>;
}

/** Gathers the tensors that are worth it; `location` is the file's name, in the model's folder. */
export function externalDataWriter(location: string): ExternalDataWriter {
  if (location === "" || location.includes("/") || location.includes("\\"))
    throw new UsageError(
      `external data lies in the model's folder: a file's name, got ${JSON.stringify(location)}`,
    );
  const placed: { readonly tensor: TensorData; readonly offset: number; readonly length: number }[] = [];
  let end = 0;
  return {
    place(tensor) {
      const { bits, bytes } = dtypeInfo[tensor.dtype];
      const length = elementCount(tensor.dims) * bytes;
      if (tensor.dtype === "string" || bits < 8 || length < LEAST_BYTES) return undefined;
      const offset = Math.ceil(end / PAGE_BYTES) * PAGE_BYTES;
      placed.push({ tensor, offset, length });
      end = offset + length;
      return { location, offset: String(offset), length: String(length) };
    },
    *pieces() {
      let at = 0;
      for (const { tensor, offset, length } of placed) {
        if (offset > at) yield new Uint8Array(offset - at);
        const piece = new Uint8Array(length);
        copyBytes(tensor, piece);
        yield piece;
        at = offset + length;
      }
    },
  };
}
