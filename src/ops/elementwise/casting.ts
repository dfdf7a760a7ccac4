import type { NarrowOptions } from "../../codec.ts";
import { type AnyData, codecOf, createData, type DType, is64Bit, isFloat, isInteger } from "../../dtype.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { ElementKindError, fromNumbers, toNumbers } from "../shared/elements.ts";

/**
 * Every element under another dtype: floats to nearest even, to integers cut towards zero, integers wrapped, anything
 * but 0 is true. https://onnx.ai/onnx/operators/onnx__Cast.html
 */
export function castTensor(tensor: TensorData, dtype: DType, options?: NarrowOptions): TensorData {
  const { dims } = tensor;
  if (tensor.dtype === dtype) return tensor;
  if (dtype === "string") return { dtype, dims, data: textOf(tensor) };
  if (tensor.dtype === "string") return parsed(tensor.data as string[], dtype, dims, options);
  if (is64Bit(tensor.dtype)) return fromWide(tensor, dtype, options);
  if (is64Bit(dtype) || dtype === "bool" || codecOf(dtype) !== undefined)
    return fromNumbers(dtype, dims, toNumbers(tensor), options);
  const data = createData(dtype, elementCount(dims));
  (data as Float32Array).set(toNumbers(tensor));
  return { dtype, dims, data };
}

function fromWide(tensor: TensorData, dtype: DType, options?: NarrowOptions): TensorData {
  const source = tensor.data as BigInt64Array;
  const { dims } = tensor;
  if (isFloat(dtype) || dtype === "bool" || codecOf(dtype) !== undefined)
    return fromNumbers(dtype, dims, toNumbers(tensor), options);
  const data = createData(dtype, source.length);
  if (is64Bit(dtype)) (data as BigInt64Array).set(source);
  else
    for (let i = 0; i < source.length; i++)
      (data as Int32Array)[i] = Number(BigInt.asIntN(32, source[i] as bigint));
  return { dtype, dims, data };
}

function textOf(tensor: TensorData): string[] {
  const { dtype, data } = tensor;
  if (dtype === "bool") return Array.from(data as Uint8Array, (bit) => (bit === 0 ? "0" : "1"));
  if (isInteger(dtype)) return Array.from(data as Int32Array, String);
  return Array.from(toNumbers(tensor), shortText);
}

const DIGITS = 8;

/** C's `%.8g`, with onnxruntime's names for what is not finite. */
function shortText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "INF" : "-INF";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa, exponent] = roundedMantissa(Math.abs(value)).split("e") as [string, string];
  const power = Number(exponent);
  const digits = mantissa.replace(".", "");
  const trim = (text: string) => (text.includes(".") ? text.replace(/\.?0*$/, "") : text);
  if (power < -4 || power >= DIGITS) {
    return `${sign}${trim(mantissa)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  if (power < 0) return sign + trim(`0.${"0".repeat(-1 - power)}${digits}`);
  return sign + trim(`${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`);
}

/** `d.ddddddde±p`, ties to even as C rounds them (toExponential rounds them up). */
function roundedMantissa(value: number): string {
  const exact = value.toExponential(100);
  const tie = /^(\d\.\d{6}[02468])50*e(.*)$/.exec(exact);
  return tie === null ? value.toExponential(DIGITS - 1) : `${tie[1]}e${tie[2]}`;
}

function parsed(
  texts: readonly string[],
  dtype: DType,
  dims: readonly number[],
  options?: NarrowOptions,
): TensorData {
  if (is64Bit(dtype)) {
    const data = createData(dtype, texts.length);
    texts.forEach((text, i) => {
      (data as BigInt64Array)[i] = /^\s*[+-]?\d+\s*$/.test(text)
        ? BigInt(text.trim().replace(/^\+/, ""))
        : BigInt(Math.trunc(finite(number(text))));
    });
    return { dtype, dims, data };
  }
  const numbers = texts.map(number);
  return fromNumbers(dtype, dims, isInteger(dtype) ? numbers.map(finite) : numbers, options);
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0);

function number(text: string): number {
  const plain = text.trim();
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(plain);
  if (special === null) {
    const value = plain === "" ? Number.NaN : Number(plain);
    if (Number.isNaN(value)) throw new ElementKindError(`${JSON.stringify(text)} is not a number`);
    return value;
  }
  if (special[2]?.toLowerCase() === "nan") return Number.NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}

/** The same bytes read as another dtype of the same width. */
export function reinterpret(tensor: TensorData, dtype: Exclude<DType, "string">): TensorData {
  const source = tensor.data as Uint8Array;
  const target = createData(dtype, source.length) as AnyData as Uint8Array;
  new Uint8Array(target.buffer).set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  return { dtype, dims: tensor.dims, data: target };
}
