import { type DType, dtypeOfNumber } from "../../dtype.ts";

/** The dtype of a TensorProto.DataType number in an attribute (`dtype`, `to`, `output_dtype`); fails where lanewise has none. */
export function dtypeOfOnnx(context: { failType(message: string): never }, number: number): DType {
  return dtypeOfNumber(number) ?? context.failType(`element type ${number} is not supported`);
}
