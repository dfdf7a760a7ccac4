import { ModelError } from "../errors.ts";
import type { TensorData } from "../tensor.ts";
import type { RuntimeValue } from "../value.ts";
import { decodeTensor } from "./decode-tensor.ts";
import { onnx, plainBytes, Reader } from "./proto.ts";

/** A serialised TensorProto (a `.pb` file of ONNX's test data). */
export function decodeTensorFile(bytes: Uint8Array, path: string): TensorData {
  let proto: onnx.TensorProto;
  try {
    proto = onnx.TensorProto.decode(plainBytes(bytes));
  } catch (error) {
    throw new ModelError(path, `not a TensorProto: ${(error as Error).message}`, { cause: error });
  }
  const model = decodeTensor(proto, path);
  if (model.kind === "data") return model.tensor;
  throw new ModelError(path, model.kind === "unsupported" ? model.reason : "external data in a tensor file");
}

// onnx-data.proto: SequenceProto { name = 1, elem_type = 2, tensor_values = 3, sparse_tensor_values = 4,
// sequence_values = 5, map_values = 6, optional_values = 7 }; OptionalProto { name = 1, elem_type = 2,
// tensor_value = 3, sparse_tensor_value = 4, sequence_value = 5, map_value = 6, optional_value = 7 }.
const ELEM_TYPE = 2;
const TENSOR = 3;
const SEQUENCE = 5;
const OPTIONAL = 7;

/** A serialised SequenceProto, which onnx-proto does not know. */
export function decodeSequenceFile(bytes: Uint8Array, path: string): RuntimeValue {
  const values = readHeld(bytes, path);
  return { container: "sequence", dtype: values[0]?.dtype ?? "float32", values };
}

/** A serialised OptionalProto, which onnx-proto does not know. */
export function decodeOptionalFile(bytes: Uint8Array, path: string): RuntimeValue {
  const [value] = readHeld(bytes, path);
  return { container: "optional", dtype: value?.dtype ?? "float32", value };
}

function readHeld(bytes: Uint8Array, path: string): RuntimeValue[] {
  try {
    return readFields(bytes, path);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError(path, `not a sequence or optional: ${(error as Error).message}`, { cause: error });
  }
}

function readFields(bytes: Uint8Array, path: string): RuntimeValue[] {
  const reader = Reader.create(plainBytes(bytes));
  const values: RuntimeValue[] = [];
  let elemType = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if (field === ELEM_TYPE) elemType = reader.int32();
    else if (field === TENSOR) values.push(decodeTensorFile(reader.bytes(), `${path}[${values.length}]`));
    else if (field === SEQUENCE) values.push(decodeSequenceFile(reader.bytes(), `${path}[${values.length}]`));
    else if (field === OPTIONAL) values.push(decodeOptionalFile(reader.bytes(), `${path}[${values.length}]`));
    else reader.skipType(tag & 7);
  }
  if (elemType > OPTIONAL) throw new ModelError(path, `holds elements of unknown kind ${elemType}`);
  return values;
}
