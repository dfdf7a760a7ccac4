import { alignUp } from "../alignment.ts";
import { addRange, type ByteRange } from "../byte-ranges.ts";

/** A buffer's size and the steps between which it must not be touched by others. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Offsets in one arena for buffers whose lifetimes may not overlap in the same bytes: the largest first, each into the
 * smallest gap that fits (greedy by size; Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
 * Inference", 2020).
 */
export function assignArena(lifetimes: readonly Lifetime[]): { offsets: number[]; bytes: number } {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const order = [...lifetimes.entries()].sort(([i, a], [j, b]) => b.bytes - a.bytes || i - j);
  const taken = occupancy(lifetimes);
  let total = 0;
  for (const [i, own] of order) {
    const bytes = alignUp(own.bytes);
    if (bytes === 0) continue;
    let best = -1;
    let bestGap = Infinity;
    let top = 0;
    for (const { start, end } of taken.during(own)) {
      const gap = start - top;
      if (gap >= bytes && gap < bestGap) {
        best = top;
        bestGap = gap;
      }
      top = Math.max(top, end);
    }
    const offset = best >= 0 ? best : top;
    offsets[i] = offset;
    total = Math.max(total, offset + bytes);
    taken.add(own, { start: offset, end: offset + bytes });
  }
  return { offsets, bytes: total };
}

/**
 * Which bytes are taken when: a segment tree over the times at which buffers begin and end. `through` has the bytes that
 * are taken all through a tree node's times, `within` those taken at any of them.
 */
function occupancy(lifetimes: readonly Lifetime[]) {
  const times = [...new Set(lifetimes.flatMap(({ first, last }) => [first, last]))].sort((a, b) => a - b);
  const through: ByteRange[][] = [];
  const within: ByteRange[][] = [];

  /** Visits the tree nodes that a span of times meets, down to those that it covers. */
  const walk = (span: Lifetime, visit: (node: number, covers: boolean) => void): void => {
    const descend = (node: number, low: number, high: number): void => {
      const [from, to] = [times[low] as number, times[high] as number];
      if (from > span.last || to < span.first) return;
      const covers = span.first <= from && to <= span.last;
      visit(node, covers);
      if (covers) return;
      const middle = (low + high) >> 1;
      descend(2 * node, low, middle);
      descend(2 * node + 1, middle + 1, high);
    };
    descend(1, 0, times.length - 1);
  };

  return {
    add(span: Lifetime, range: ByteRange): void {
      walk(span, (node, covers) => {
        for (const tree of covers ? [within, through] : [within]) {
          const ranges = tree[node] ?? [];
          tree[node] = ranges;
          addRange(ranges, range);
        }
      });
    },
    /** What is taken at any time of the span, by address. */
    during(span: Lifetime): ByteRange[] {
      const ranges: ByteRange[] = [];
      walk(span, (node, covers) => {
        for (const range of (covers ? within : through)[node] ?? []) ranges.push(range);
      });
      return ranges.sort((a, b) => a.start - b.start);
    },
  };
}
