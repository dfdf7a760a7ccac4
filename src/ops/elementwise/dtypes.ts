import {
  type AnyData,
  codecOf,
  createData,
  DTYPES,
  type DType,
  dtypeInfo,
  is64Bit,
  isFloat,
  isInteger,
} from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import type { Fact } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import type { Numbers } from "../shared/elements.ts";
import type { Scalar } from "./scalars.ts";

export const FLOATS: readonly DType[] = DTYPES.filter(isFloat);
export const INTEGERS: readonly DType[] = DTYPES.filter(isInteger);
export const SIGNED: readonly DType[] = DTYPES.filter((dtype) => dtypeInfo[dtype].kind === "signed");
export const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS];
export const BOOL: readonly DType[] = ["bool"];

/** Fails unless the operator takes the dtype; `what` names the input. */
export function checkDType(
  context: { failType(message: string): never },
  what: string,
  dtype: DType,
  allowed: readonly DType[],
): void {
  if (!allowed.includes(dtype))
    context.failType(`${what} must be one of ${allowed.join(", ")}, got ${dtype}`);
}

/** Fails unless these inputs are of the dtype of another (input 0 unless told); those left out are fine. */
export function checkAlike(
  context: { readonly inputs: readonly (Fact | undefined)[]; failType(message: string): never },
  named: Readonly<Record<string, number>>,
  other = 0,
): void {
  const dtype = context.inputs[other]?.dtype;
  for (const [what, index] of Object.entries(named)) {
    const own = context.inputs[index]?.dtype;
    if (own !== undefined && own !== dtype)
      context.failType(`${what} must be ${dtype} like input ${other}, got ${own}`);
  }
}

/** Fails unless an input of indices holds whole numbers; one left out is fine. */
export function checkWhole(
  context: { readonly inputs: readonly (Fact | undefined)[]; failType(message: string): never },
  index: number,
  what: string,
): void {
  const dtype = context.inputs[index]?.dtype;
  if (dtype !== undefined) checkDType(context, what, dtype, ["int64", "int32"]);
}

/** The same for an input that lists sizes, axes or steps: one number or a row of them. */
export function checkList(
  context: {
    readonly inputs: readonly (Fact | undefined)[];
    fail(message: string): never;
    failType(message: string): never;
  },
  index: number,
  what: string,
): void {
  checkWhole(context, index, what);
  const dims = context.inputs[index]?.dims;
  if (dims !== undefined && dims.length > 1)
    context.fail(`${what} must be a row of numbers, got ${showDims(dims)}`);
}

/**
 * Every element through a function; computed in double, stored as a cast to the output dtype does. 64-bit integers go
 * through `wide`, which sees bigints, where the operator has one.
 */
export function mapElements(
  tensor: TensorData,
  output: DType,
  number: Scalar,
  wide?: (x: bigint) => bigint | number,
): TensorData {
  const count = elementCount(tensor.dims);
  const data = createData(output, count);
  const codec = codecOf(tensor.dtype);
  if (is64Bit(tensor.dtype)) {
    if (wide === undefined) throw new TypeError(`${tensor.dtype} has no definition here`);
    applyTo(tensor.data, data, wide as unknown as Scalar);
  } else if (codec !== undefined) {
    const encode = codecOf(output)?.encode ?? ((x: number) => x);
    applyTo(tensor.data, data, (bits) => encode(number(codec.decode(bits))));
  } else if (tensor.dtype === "float32" && output === "float32") {
    applyToFloat32(tensor.data as Float32Array, data as Float32Array, number);
  } else {
    applyTo(tensor.data, data, number);
  }
  return { dtype: output, dims: tensor.dims, data };
}

function applyTo(source: AnyData, target: AnyData, scalar: Scalar): void {
  const read = source as Numbers;
  const write = target as Numbers;
  for (let i = 0; i < write.length; i++) write[i] = scalar(read[i] as number);
}

/** The same, kept apart so that the engine sees one array type. */
function applyToFloat32(source: Float32Array, target: Float32Array, scalar: Scalar): void {
  for (let i = 0; i < target.length; i++) target[i] = scalar(source[i] as number);
}
