import { COUNT, shown } from "../../arguments.ts";
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

/** The attributes of ONNX that say the same. */
export interface WindowAttributes {
  readonly kernelShape: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
}

/** The window over an image, checked. */
export function windowAttributes(
  scope: LayerScope,
  x: Value,
  { kernelSize, stride = 1, padding = 0, dilation = 1 }: WindowOptions,
): WindowAttributes {
  const [, , height, width] = imageDims(scope, x);
  const kernelShape = pairOf(scope, "kernelSize", kernelSize, 1);
  const strides = pairOf(scope, "stride", stride, 1);
  const dilations = pairOf(scope, "dilation", dilation, 1);
  const vertical = samePadding(scope, height, kernelShape[0], strides[0], dilations[0], padding);
  const horizontal = samePadding(scope, width, kernelShape[1], strides[1], dilations[1], padding);
  const pads =
    typeof padding === "string"
      ? ([vertical[0], horizontal[0], vertical[1], horizontal[1]] as const)
      : padsOf(scope, padding);
  return { kernelShape, strides, pads, dilations };
}

/** The dims of an image, [N, C, H, W]; a UsageError where the value is none. */
export function imageDims(scope: LayerScope, { dims }: Value): readonly [Dim, number, Dim, Dim] {
  const [batch, channels, height, width] = dims;
  if (dims.length !== 4 || typeof channels !== "number")
    scope.fail(`needs an image [N, channels, height, width], got [${dims}]`);
  return [batch as Dim, channels as number, height as Dim, width as Dim];
}

/** Two whole numbers of at least `least`. */
export function pairOf(
  scope: LayerScope,
  what: string,
  given: Pair,
  least: number,
): readonly [number, number] {
  const pair = typeof given === "number" ? ([given, given] as const) : given;
  if (
    !Array.isArray(pair) ||
    pair.length !== 2 ||
    pair.some((size) => !Number.isInteger(size) || size < least)
  )
    return scope.fail(`${what} must be one or two whole numbers from ${least}, got ${shown(given)}`);
  return pair as readonly [number, number];
}

/** A whole number of at least 1. */
export function countOf(scope: LayerScope, what: string, given: number): number {
  return scope.number(what, given, COUNT);
}

function padsOf(
  scope: LayerScope,
  padding: Exclude<Padding, string>,
): readonly [number, number, number, number] {
  const [top, left, bottom, right] =
    typeof padding === "object" && padding?.length === 4
      ? padding
      : [...pairOf(scope, "padding", padding, 0), ...pairOf(scope, "padding", padding, 0)];
  const pads = [top, left, bottom, right] as const;
  if (pads.some((pad) => !Number.isInteger(pad) || (pad as number) < 0))
    scope.fail(`padding must be whole numbers from 0, got ${shown(padding)}`);
  return pads as readonly [number, number, number, number];
}

/** Zeros before and behind one axis. */
function samePadding(
  scope: LayerScope,
  size: Dim,
  kernel: number,
  stride: number,
  dilation: number,
  padding: Padding,
): readonly [number, number] {
  if (padding !== "same") {
    if (typeof padding === "string" && padding !== "valid")
      scope.fail(`padding must be numbers, "same" or "valid", got ${JSON.stringify(padding)}`);
    return [0, 0];
  }
  const reach = dilation * (kernel - 1);
  if (stride !== 1 && typeof size !== "number")
    scope.fail(`padding "same" with a stride needs a known size, got ${JSON.stringify(size)}`);
  const last = stride === 1 ? 0 : ((size as number) - 1) % stride;
  const total = stride === 1 ? reach : Math.max(0, reach - last);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}
