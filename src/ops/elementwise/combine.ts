import { type AnyData, codecOf, createData, type DType, is64Bit, isFloat } from "../../dtype.ts";
import { broadcastStrides, rowMajorStrides } from "../../graph/dims.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { fromNumbers, type Numbers, toNumbers } from "../shared/elements.ts";
import { collapse, forEachRow } from "./broadcast.ts";

/** A function of two elements, by what holds them. Integers wrap when they are stored. */
export interface Pairing {
  /** Floats; other numbers and bools too, where `integer` is absent. */
  readonly number: (a: number, b: number) => number;
  /** Integers of up to 32 bits and bools. */
  readonly integer?: (a: number, b: number) => number;
  /** 64-bit integers; a number comes out where the output is bool. */
  readonly wide?: (a: bigint, b: bigint) => bigint | number;
  readonly text?: (a: string, b: string) => number;
}

type AnyPairing = (a: number, b: number) => number;

function pairingOf(pairing: Pairing, dtype: DType): AnyPairing {
  const chosen = is64Bit(dtype)
    ? pairing.wide
    : dtype === "string"
      ? pairing.text
      : isFloat(dtype)
        ? pairing.number
        : (pairing.integer ?? pairing.number);
  if (chosen === undefined) throw new TypeError(`${dtype} has no definition here`);
  return chosen as AnyPairing;
}

/**
 * y[i] = pairing(a[i], b[i]) over broadcast dims, for operands of one dtype. `bDims` are those of b where an old opset
 * aligns them otherwise.
 */
export function combine(
  pairing: Pairing,
  a: TensorData,
  b: TensorData,
  output: DType,
  dims: readonly number[],
  bDims: readonly number[] = b.dims,
): TensorData {
  const fn = pairingOf(pairing, a.dtype);
  const half = codecOf(a.dtype) !== undefined;
  const left = half ? toNumbers(a) : a.data;
  const right = half ? toNumbers(b) : b.data;
  const halfOut = codecOf(output) !== undefined;
  const data = halfOut ? new Float64Array(elementCount(dims)) : createData(output, elementCount(dims));
  combineArrays(fn, left, a.dims, right, bDims, data, dims);
  return halfOut
    ? fromNumbers(output, dims, data as Float64Array)
    : { dtype: output, dims, data: data as TensorData["data"] };
}

/** The same on bare arrays whose elements `fn` takes and gives. */
export function combineArrays(
  fn: AnyPairing,
  a: AnyData,
  aDims: readonly number[],
  b: AnyData,
  bDims: readonly number[],
  y: AnyData,
  dims: readonly number[],
): void {
  const box = collapse({
    dims,
    strides: [rowMajorStrides(dims), broadcastStrides(aDims, dims), broadcastStrides(bDims, dims)],
  });
  const [, aSteps, bSteps] = box.strides as readonly [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  const count = box.dims.at(-1) as number;
  const aStep = aSteps.at(-1) as number;
  const bStep = bSteps.at(-1) as number;
  const row =
    a instanceof Float32Array && b instanceof Float32Array && y instanceof Float32Array
      ? rowOfFloat32
      : rowOf;
  forEachRow(box, ([to, from, and]) => {
    row(
      fn,
      a as Float32Array,
      from as number,
      aStep,
      b as Float32Array,
      and as number,
      bStep,
      y as Float32Array,
      to as number,
      count,
    );
  });
}

function rowOf(
  fn: AnyPairing,
  a: Numbers,
  aAt: number,
  aStep: number,
  b: Numbers,
  bAt: number,
  bStep: number,
  y: Numbers,
  yAt: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) y[yAt + i] = fn(a[aAt + i * aStep] as number, b[bAt + i * bStep] as number);
}

/** The same, kept apart so that the engine sees one array type. */
function rowOfFloat32(
  fn: AnyPairing,
  a: Float32Array,
  aAt: number,
  aStep: number,
  b: Float32Array,
  bAt: number,
  bStep: number,
  y: Float32Array,
  yAt: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) y[yAt + i] = fn(a[aAt + i * aStep] as number, b[bAt + i * bStep] as number);
}
