import { DTYPES, type DType, dtypeInfo } from "../../dtype.ts";

const byNumber = new Map<number, DType>(DTYPES.map((dtype) => [dtypeInfo[dtype].onnx, dtype]));

/** The dtype of a TensorProto.DataType number in an attribute (`dtype`, `to`, `output_dtype`); fails where lanewise has none. */
export function dtypeOfOnnx(context: { failType(message: string): never }, number: number): DType {
  return byNumber.get(number) ?? context.failType(`element type ${number} is not supported`);
}
