import { is64Bit } from "../../dtype.ts";
import type { TensorData } from "../../tensor.ts";

/** Whether the elements are bigints: integers that a double would not hold. */
export const isWideInteger = (tensor: TensorData): tensor is TensorData<"int64" | "uint64"> =>
  is64Bit(tensor.dtype);
