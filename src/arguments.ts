import { UsageError } from "./errors.ts";

/** Which numbers an argument may be; all are finite. */
export interface NumberRange {
  /** The least that is taken. */
  readonly from?: number;
  /** What it must exceed. */
  readonly above?: number;
  /** The most that is taken. */
  readonly to?: number;
  /** What it must stay below. */
  readonly below?: number;
  /** Whether it must be an integer. */
  readonly whole?: boolean;
}

/** Counts: 1, 2, … */
export const COUNT: NumberRange = { from: 1, whole: true };
/** Shares that stay below the whole, as moments of running means do. */
export const SHARE: NumberRange = { from: 0, below: 1 };

const BOUNDS = [
  ["from", "of at least", (value: number, bound: number) => value >= bound],
  ["above", "above", (value: number, bound: number) => value > bound],
  ["to", "at most", (value: number, bound: number) => value <= bound],
  ["below", "below", (value: number, bound: number) => value < bound],
] as const;

/** What came, in a few words. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "function") return "a function";
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (Array.isArray(value)) return value.length > 8 ? `an array of ${value.length}` : `[${value.map(shown)}]`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

const refuse = (name: string, expected: string, value: unknown): never => {
  throw new UsageError(`${name} must be ${expected}, got ${shown(value)}`);
};

/** A number in its range; a UsageError that says what was expected otherwise. Whole numbers are safe integers. */
export function numberIn(name: string, value: unknown, range: NumberRange = {}): number {
  const fits =
    typeof value === "number" &&
    (range.whole ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    BOUNDS.every(([key, , holds]) => range[key] === undefined || holds(value, range[key]));
  if (fits) return value;
  const bounds = BOUNDS.filter(([key]) => range[key] !== undefined).map(
    ([key, words]) => `${words} ${range[key]}`,
  );
  const kind = range.whole ? "a whole number" : "a finite number";
  return refuse(name, bounds.length === 0 ? kind : `${kind} ${bounds.join(" and ")}`, value);
}

/** An object: options, or what was made by another function. */
export function objectOf<T>(name: string, value: T, expected = "an object"): T & object {
  if (typeof value !== "object" || value === null) return refuse(name, expected, value);
  return value;
}

export function functionOf<T>(name: string, value: T): T {
  return typeof value === "function" ? value : refuse(name, "a function", value);
}

export function booleanOf(name: string, value: unknown): boolean {
  return typeof value === "boolean" ? value : refuse(name, "true or false", value);
}

export function stringOf(name: string, value: unknown): string {
  return typeof value === "string" ? value : refuse(name, "a string", value);
}

export function arrayOf<T>(name: string, value: readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : refuse(name, "an array", value);
}

/** Numbers in an array or typed array. */
export function listOf(name: string, value: ArrayLike<number>): ArrayLike<number> {
  const typed =
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array);
  // What is empty may have lost its buffer to another thread, and then has no iterator.
  if (typed && value.length === 0) return [];
  return Array.isArray(value) || typed ? value : refuse(name, "an array of numbers", value);
}

/** An array or typed array of nothing but numbers. */
export function numbersIn(name: string, value: ArrayLike<number>): ArrayLike<number> {
  const list = listOf(name, value);
  if (Array.isArray(list))
    list.forEach((entry, i) => {
      if (typeof entry !== "number") refuse(`${name}: number ${i}`, "a number", entry);
    });
  return list;
}

export function bytesOf(name: string, value: Uint8Array): Uint8Array {
  if (!(value instanceof Uint8Array)) return refuse(name, "a Uint8Array", value);
  return value.length === 0 ? new Uint8Array() : value;
}

/** One of a few words. */
export function oneOf<T extends string>(name: string, value: T, known: readonly T[]): T {
  return known.includes(value)
    ? value
    : refuse(name, `one of ${known.map((word) => JSON.stringify(word)).join(", ")}`, value);
}

/** Sizes of axes, each a whole number of at least 1. */
export function dimsOf(name: string, value: readonly number[]): readonly number[] {
  if (!Array.isArray(value) || value.some((dim) => !Number.isSafeInteger(dim) || dim < 1))
    return refuse(name, "an array of whole numbers of at least 1", value);
  return value;
}

/** What may stop work. */
export function signalOf(name: string, value: AbortSignal | undefined): AbortSignal | undefined {
  if (value === undefined) return undefined;
  const signal = objectOf(name, value, "an AbortSignal");
  if (typeof signal.aborted !== "boolean" || typeof signal.addEventListener !== "function")
    return refuse(name, "an AbortSignal", value);
  return signal;
}
