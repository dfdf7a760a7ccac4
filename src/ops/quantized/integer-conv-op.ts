import { mapDims, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { type InferContext, int, ints, string } from "../define.ts";
import { inferWindow, resolveWindow, type Window, type WindowAttributes } from "../shared/window.ts";

/** Conv's attributes, which the integer convolutions share. */
export const CONV_ATTRIBUTES = {
  autoPad: string("NOTSET"),
  dilations: ints(),
  group: int(1),
  kernelShape: ints(),
  pads: ints(),
  strides: ints(),
};

export interface ConvAttributes extends WindowAttributes {
  readonly group: number;
  readonly kernelShape: readonly number[] | undefined;
}

/** The output's dims of an integer convolution. */
export function inferConvDims<A extends ConvAttributes>(
  context: InferContext<A>,
  x: readonly Dim[] | undefined,
  w: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  if (x === undefined || w === undefined) return undefined;
  const { group } = context.attributes;
  const rank = x.length - 2;
  if (rank < 1 || rank > 3) context.fail(`x needs one to three spatial axes, got ${showDims(x)}`);
  if (w.length !== x.length) context.fail(`w needs rank ${x.length} like x, got ${showDims(w)}`);
  const [outC, perGroup] = w as [Dim, Dim];
  const excess = mapDims((channels, own) => channels - own * group, x[1] as Dim, perGroup);
  if (typeof excess === "number" && excess !== 0) {
    context.fail(`weight expects ${(perGroup as number) * group} input channels, got ${x[1]}`);
  }
  if (typeof outC === "number" && outC % group !== 0)
    context.fail(`${outC} output channels do not split into ${group} groups`);
  return [x[0] as Dim, outC, ...inferWindow(context, x.slice(2), w.slice(2), context.attributes)];
}

/** The window of an integer convolution with known sizes. */
export const convWindow = (
  context: { readonly attributes: ConvAttributes; fail(message: string): never },
  x: readonly number[],
  w: readonly number[],
): Window => resolveWindow(context, x.slice(2), w.slice(2), context.attributes);
