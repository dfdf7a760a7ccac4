import { booleanOf, COUNT, shown } from "../../arguments.ts";
import type { Dim } from "../../graph/graph.ts";
import type { LayerScope, Value } from "../layer.ts";

/** One number for height and width, or one for each. */
export type Pair = number | readonly [height: number, width: number];

/**
 * Zeros around the image: as many on every side, [above and below, left and right], or [top, left, bottom, right].
 * "same" keeps ⌈size / stride⌉ (an odd one goes behind), "valid" pads nothing.
 */
export type Padding = Pair | readonly [number, number, number, number] | "same" | "valid";

/** How a window of a convolution or pool moves over an image. */
export interface WindowOptions {
  /** The window's size. */
  readonly kernelSize: Pair;
  /** 1 for convolutions, the kernel's size for pools by default. */
  readonly stride?: Pair;
  /** 0 by default. */
  readonly padding?: Padding;
  /** How far apart the kernel's taps lie; 1, next to each other, by default. */
  readonly dilation?: Pair;
}

/** A window over any number of axes: one number for all of them, or one for each. */
export interface SlidingOptions {
  readonly kernelSize: PerAxis;
  readonly stride?: PerAxis;
  readonly padding?: PerAxis | "same" | "valid";
  readonly dilation?: PerAxis;
}

/** One number for all axes, or one for each; of paddings also all in front and then all behind. */
export type PerAxis = number | readonly number[];

/** The attributes of ONNX that say the same. */
export interface WindowAttributes {
  readonly kernelShape: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
}

const KINDS = [
  "",
  "a signal [N, channels, length]",
  "an image [N, channels, height, width]",
  "a volume [N, channels, depth, height, width]",
];
const COUNTS = ["", "one whole number", "one or two whole numbers", "one or three whole numbers"];

/** The window over an image, or over a signal or a volume by the number of axes, checked. */
export function windowAttributes(
  scope: LayerScope,
  x: Value,
  { kernelSize, stride = 1, padding = 0, dilation = 1 }: SlidingOptions,
  axes = 2,
): WindowAttributes {
  const sizes = mapsOf(scope, x, axes).slice(2);
  const kernelShape = perAxis(scope, "kernelSize", kernelSize, 1, axes);
  const strides = perAxis(scope, "stride", stride, 1, axes);
  const dilations = perAxis(scope, "dilation", dilation, 1, axes);
  if (typeof padding !== "string")
    return { kernelShape, strides, pads: padsOf(scope, padding, axes), dilations };
  if (padding !== "same" && padding !== "valid")
    scope.fail(`padding must be numbers, "same" or "valid", got ${JSON.stringify(padding)}`);
  const sides = sizes.map((size, i): readonly [number, number] =>
    padding === "valid"
      ? [0, 0]
      : samePadding(
          scope,
          size,
          (kernelShape[i] as number) - 1,
          strides[i] as number,
          dilations[i] as number,
        ),
  );
  const pads = [...sides.map(([before]) => before), ...sides.map(([, behind]) => behind)];
  return { kernelShape, strides, pads, dilations };
}

/** The attributes of a pool over as many axes: windows side by side unless told. */
export const poolAttributes = (
  scope: LayerScope,
  x: Value,
  options: SlidingOptions & { readonly ceilMode?: boolean },
  axes = 2,
) => ({
  ...windowAttributes(scope, x, { stride: options.kernelSize, ...options }, axes),
  ceilMode: Number(booleanOf(`${scope.name}: ceilMode`, options.ceilMode ?? false)),
});

/** The dims of maps over some axes, [N, C, …]; a UsageError where the value is none. */
export function mapsOf(scope: LayerScope, { dims }: Value, axes: number): readonly [Dim, number, ...Dim[]] {
  if (dims.length !== axes + 2 || typeof dims[1] !== "number")
    scope.fail(`needs ${KINDS[axes]}, got [${dims}]`);
  return dims as [Dim, number, ...Dim[]];
}

/** The dims of an image, [N, C, H, W]; a UsageError where the value is none. */
export const imageDims = (scope: LayerScope, x: Value): readonly [Dim, number, Dim, Dim] =>
  mapsOf(scope, x, 2) as [Dim, number, Dim, Dim];

/** A whole number of at least `least` for each axis. */
function perAxis(
  scope: LayerScope,
  what: string,
  given: PerAxis,
  least: number,
  axes: number,
): readonly number[] {
  const sizes = typeof given === "number" ? new Array<number>(axes).fill(given) : given;
  if (
    !Array.isArray(sizes) ||
    sizes.length !== axes ||
    sizes.some((size) => !Number.isInteger(size) || size < least)
  )
    return scope.fail(`${what} must be ${COUNTS[axes]} from ${least}, got ${shown(given)}`);
  return sizes as readonly number[];
}

/** Two whole numbers of at least `least`. */
export const pairOf = (
  scope: LayerScope,
  what: string,
  given: Pair,
  least: number,
): readonly [number, number] => perAxis(scope, what, given, least, 2) as readonly [number, number];

/** A whole number of at least 1. */
export function countOf(scope: LayerScope, what: string, given: number): number {
  return scope.number(what, given, COUNT);
}

/** Zeros in front of each axis, then behind each. */
function padsOf(scope: LayerScope, padding: PerAxis, axes: number): readonly number[] {
  const both = typeof padding === "object" && padding?.length === 2 * axes;
  if (!both) {
    const sides = perAxis(scope, "padding", padding, 0, axes);
    return [...sides, ...sides];
  }
  if (padding.some((pad) => !Number.isInteger(pad) || pad < 0))
    scope.fail(`padding must be whole numbers from 0, got ${shown(padding)}`);
  return padding;
}

/** Zeros in front and behind one axis, so that ⌈size / stride⌉ places are left. */
function samePadding(
  scope: LayerScope,
  size: Dim,
  taps: number,
  stride: number,
  dilation: number,
): readonly [number, number] {
  const reach = dilation * taps;
  if (stride !== 1 && typeof size !== "number")
    scope.fail(`padding "same" with a stride needs a known size, got ${JSON.stringify(size)}`);
  const last = stride === 1 ? 0 : ((size as number) - 1) % stride;
  const total = stride === 1 ? reach : Math.max(0, reach - last);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}
