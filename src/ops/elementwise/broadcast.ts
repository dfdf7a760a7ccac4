import { broadcastDims, showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";

/** Dims to walk over, outermost first, and for each operand the elements from one step of each dim to the next. */
export interface Box {
  readonly dims: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** The same walk with as few dims as possible (at least one): sizes of 1 dropped, neighbours merged. */
export function collapse({ dims, strides }: Box): Box {
  const sizes: number[] = [];
  const steps: number[][] = strides.map(() => []);
  dims.forEach((size, axis) => {
    if (size === 1) return;
    const last = sizes.length - 1;
    const runsOn =
      last >= 0 && strides.every((own, i) => (steps[i] as number[])[last] === (own[axis] as number) * size);
    if (runsOn) sizes[last] = (sizes[last] as number) * size;
    else sizes.push(size);
    strides.forEach((own, i) => {
      (steps[i] as number[])[sizes.length - 1] = own[axis] as number;
    });
  });
  if (sizes.length === 0) return { dims: [1], strides: strides.map(() => [1]) };
  return { dims: sizes, strides: steps };
}

/** Calls `visit` with each operand's offset at the start of every innermost row. The array is reused. */
export function forEachRow({ dims, strides }: Box, visit: (offsets: readonly number[]) => void): void {
  const outer = dims.slice(0, -1);
  const offsets = strides.map(() => 0);
  const index = outer.map(() => 0);
  if (dims.includes(0)) return;
  for (let row = elementCount(outer); row > 0; row--) {
    visit(offsets);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1;
      const stays = next < (outer[axis] as number);
      index[axis] = stays ? next : 0;
      for (let i = 0; i < strides.length; i++) {
        const step = (strides[i] as readonly number[])[axis] as number;
        offsets[i] = (offsets[i] as number) + (stays ? step : -step * (next - 1));
      }
      if (stays) break;
    }
  }
}

/** How operands of operators before opset 7 line up: `axis` is where the second one's dims begin in the first's. */
export interface LegacyBroadcast {
  readonly axis: number | undefined;
  readonly broadcast: number;
}

interface Failing {
  readonly opset: number;
  fail(message: string): never;
}

/**
 * The second operand's dims, padded so that they line up with the first's from the right. Since opset 7 they do as they
 * are; before, `broadcast` allows it and `axis` says where they begin.
 */
export function alignSecond<D extends Dim>(
  context: Failing,
  legacy: LegacyBroadcast,
  a: readonly D[],
  b: readonly D[],
): readonly (D | 1)[] {
  if (context.opset >= 7) return b;
  if (legacy.broadcast === 0) {
    const clash = a.length !== b.length || a.some((dim, i) => typeof dim === typeof b[i] && dim !== b[i]);
    if (clash) context.fail(`${showDims(a)} and ${showDims(b)} differ, and broadcast is 0`);
    return b;
  }
  const axis =
    legacy.axis === undefined ? a.length - b.length : legacy.axis < 0 ? legacy.axis + a.length : legacy.axis;
  if (axis < 0 || axis + b.length > a.length) {
    context.fail(`${showDims(b)} does not fit into ${showDims(a)} from axis ${legacy.axis ?? axis}`);
  }
  return [...b, ...new Array<1>(a.length - axis - b.length).fill(1)];
}

/** The broadcast dims; fails where they clash, undefined while a rank is unknown. */
export function broadcastOf(
  context: { fail(message: string): never },
  ...shapes: readonly (readonly Dim[] | undefined)[]
): Dim[] | undefined {
  if (shapes.includes(undefined)) return undefined;
  const known = shapes as readonly (readonly Dim[])[];
  const dims = broadcastDims(...known);
  if (dims === undefined) context.fail(`${known.map(showDims).join(" and ")} do not broadcast`);
  return dims;
}

const NO_LEGACY: LegacyBroadcast = { axis: undefined, broadcast: 1 };

/** The alignment attributes, for operators that have them. */
export const legacyOf = (attributes: object): LegacyBroadcast =>
  "broadcast" in attributes ? (attributes as LegacyBroadcast) : NO_LEGACY;
