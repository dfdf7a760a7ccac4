import { UsageError } from "../errors.ts";
import type { Dim } from "../graph/graph.ts";

/** An input as far as its dims go; `shape` is undefined while the rank is unknown. */
export interface ShapedInput {
  readonly name: string;
  readonly shape: readonly Dim[] | undefined;
}

/** Dims for inputs whose sizes the model leaves open. */
export interface ResolvedDims {
  /** Dims by input name; those nobody said stay symbols. */
  readonly dims: ReadonlyMap<string, readonly Dim[]>;
  /** Sizes that were filled in, as `input: 1×3×224×224`. */
  readonly assumed: readonly string[];
  /** Inputs with dims that are still open. */
  readonly open: readonly string[];
}

/** A picture's side where neither the model nor the user says one. */
const PICTURE_SIZE = 224;

/**
 * Makes dims concrete: by `--dims` (`INPUT=1,3,224,224` for an input, `SYMBOL=4` for a named dim of any), then a batch
 * (a free axis 0) is 1 and the sides of a picture ([N, 1|3, H, W] or [N, H, W, 1|3]) are 224. A name that is neither
 * an input nor a symbol is a UsageError.
 */
export function resolveDims(inputs: readonly ShapedInput[], given: readonly string[]): ResolvedDims {
  const symbols = new Map<string, number>();
  const whole = new Map<string, readonly number[]>();
  const known = new Set(
    inputs.flatMap(({ shape }) => (shape ?? []).filter((dim) => typeof dim === "string" && dim !== "?")),
  );
  for (const text of given) {
    const { name, sizes } = parseDims(text);
    const input = inputs.find((candidate) => candidate.name === name);
    if (input !== undefined) whole.set(name, checkedDims(input, sizes));
    else if (known.has(name) && sizes.length === 1) symbols.set(name, sizes[0] as number);
    else {
      const names = [...inputs.map((candidate) => candidate.name), ...known].join(", ");
      throw new UsageError(`--dims ${text}: ${JSON.stringify(name)} is none of ${names}`);
    }
  }
  for (const [name, sizes] of whole) {
    inputs
      .find((input) => input.name === name)
      ?.shape?.forEach((dim, axis) => {
        if (typeof dim === "string" && dim !== "?") symbols.set(dim, sizes[axis] as number);
      });
  }
  const assumed: string[] = [];
  const open: string[] = [];
  const dims = new Map<string, readonly Dim[]>();
  for (const { name, shape } of inputs) {
    if (shape === undefined && !whole.has(name)) {
      open.push(name);
      continue;
    }
    const said = whole.get(name) ?? (shape as readonly Dim[]).map((dim) => symbols.get(String(dim)) ?? dim);
    const filled = said.map((dim, axis) =>
      typeof dim === "number" ? dim : (assumedSize(said, axis) ?? dim),
    );
    said.forEach((dim, axis) => {
      const size = filled[axis];
      if (typeof dim === "string" && dim !== "?" && typeof size === "number") symbols.set(dim, size);
    });
    if (filled.join() !== said.join()) assumed.push(`${name}: ${filled.join("×")}`);
    if (filled.some((dim) => typeof dim === "string")) open.push(name);
    dims.set(name, filled);
  }
  return { dims, assumed, open };
}

function parseDims(text: string): { name: string; sizes: number[] } {
  const at = text.lastIndexOf("=");
  const sizes = text
    .slice(at + 1)
    .split(/[,x×]/)
    .map(Number);
  if (at < 1 || sizes.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw new UsageError(`--dims ${text}: expected INPUT=1,3,224,224 or SYMBOL=4`);
  }
  return { name: text.slice(0, at), sizes };
}

function checkedDims({ name, shape }: ShapedInput, sizes: readonly number[]): readonly number[] {
  const fits =
    shape === undefined ||
    (shape.length === sizes.length &&
      shape.every((dim, axis) => typeof dim === "string" || dim === sizes[axis]));
  if (!fits) throw new UsageError(`--dims ${name}=${sizes}: the model takes [${shape?.join(", ")}]`);
  return sizes;
}

function assumedSize(dims: readonly Dim[], axis: number): number | undefined {
  if (axis === 0) return 1;
  if (dims.length !== 4) return undefined;
  const channelAxis = [1, 3].find((at) => dims[at] === 1 || dims[at] === 3);
  return channelAxis === undefined || axis === channelAxis ? undefined : PICTURE_SIZE;
}
