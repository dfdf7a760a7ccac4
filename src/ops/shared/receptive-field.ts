import { concreteDims, type Fact, isConcrete } from "../../graph/graph.ts";
import type { SeenAxis } from "../define.ts";
import { CHECKED } from "./axes.ts";
import { resolveWindow, type WindowAttributes } from "./window.ts";

/** The facet of operators whose every output element sees its inputs at its own place only, channels aside. */
export const atOwnPlace = (): "own place" => "own place";

/** Any size that is large enough for a window: only "same" padding asks for the image's own. */
const LARGE = 2 ** 20;

/** What a window of `kernel` over the image sees; undefined where its size, or one that its padding asks for, is not known. */
export function seenThrough(
  image: Fact | undefined,
  kernel: readonly unknown[] | undefined,
  attributes: WindowAttributes,
): readonly SeenAxis[] | undefined {
  const same = attributes.autoPad.startsWith("SAME");
  const known = isConcrete(image) ? concreteDims(image).slice(2) : undefined;
  if (kernel === undefined || kernel.some((size) => typeof size !== "number") || (same && !known))
    return undefined;
  const window = resolveWindow(
    CHECKED,
    known ?? kernel.map(() => LARGE),
    kernel as readonly number[],
    attributes,
  );
  return window.kernelShape.map((size, axis) => ({
    extent: (size - 1) * (window.dilations[axis] as number) + 1,
    stride: window.strides[axis] as number,
    start: -(window.padsBegin[axis] as number),
  }));
}
