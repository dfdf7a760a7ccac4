import { alignUp } from "../alignment.ts";
import { addRange, type ByteRange, countFirst, rangesBetween } from "../byte-ranges.ts";

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
    const gaps = taken.gaps(own);
    let best = gaps.at(-1) as ByteRange;
    for (const gap of gaps) {
      const size = gap.end - gap.start;
      if (size >= bytes && size < best.end - best.start) best = gap;
    }
    const offset = best.start;
    offsets[i] = offset;
    total = Math.max(total, offset + bytes);
    // Not by spreading: looking at objects so made takes V8 a hundred times as long.
    taken.add({ first: own.first, last: own.last, start: offset, end: offset + bytes });
  }
  return { offsets, bytes: total };
}

/** Steps from `first` to `last`. */
type Span = Omit<Lifetime, "bytes">;
type Placed = Span & ByteRange;

/** Looking at one of the buffers placed takes so much less than at one range of the index. */
const CHEAPER = 8;

/**
 * Which bytes are taken when: a segment tree over the times at which buffers begin and end. `through` has what is taken
 * all through a tree node's times, `within` what is taken at any of them. Where that is in many pieces, all the buffers
 * are looked at instead.
 */
function occupancy(lifetimes: readonly Lifetime[]) {
  const times = [...new Set(lifetimes.flatMap(({ first, last }) => [first, last]))].sort((a, b) => a - b);
  const through: ByteRange[][] = [];
  const within: ByteRange[][] = [];
  /** By address. */
  const placed: Placed[] = [];

  /** Visits the tree nodes that a span of times meets, down to those that it covers. */
  const walk = ({ first, last }: Span, visit: (node: number, covers: boolean) => void): void => {
    const descend = (node: number, low: number, high: number): void => {
      const [from, to] = [times[low] as number, times[high] as number];
      if (from > last || to < first) return;
      const covers = first <= from && to <= last;
      visit(node, covers);
      if (covers) return;
      const middle = (low + high) >> 1;
      descend(2 * node, low, middle);
      descend(2 * node + 1, middle + 1, high);
    };
    descend(1, 0, times.length - 1);
  };

  const betweenPlaced = ({ first, last }: Span): ByteRange[] => {
    const gaps: ByteRange[] = [];
    let top = 0;
    for (const other of placed) {
      if (other.first > last || other.last < first) continue;
      if (other.start > top) gaps.push({ start: top, end: other.start });
      if (other.end > top) top = other.end;
    }
    gaps.push({ start: top, end: Infinity });
    return gaps;
  };

  return {
    add(own: Placed): void {
      placed.splice(
        countFirst(placed, ({ start }) => start <= own.start),
        0,
        own,
      );
      walk(own, (node, covers) => {
        for (const tree of covers ? [within, through] : [within]) {
          const ranges = tree[node] ?? [];
          tree[node] = ranges;
          addRange(ranges, own);
        }
      });
    },
    /** What is free all through the span, by address; the last gap has no end. */
    gaps(span: Span): ByteRange[] {
      const lists: ByteRange[][] = [];
      let pieces = 0;
      walk(span, (node, covers) => {
        const list = (covers ? within : through)[node] ?? [];
        lists.push(list);
        pieces += list.length;
      });
      if (pieces * CHEAPER > placed.length) return betweenPlaced(span);
      let gaps: ByteRange[] = [{ start: 0, end: Infinity }];
      for (const list of lists) gaps = gaps.flatMap((gap) => rangesBetween(list, gap));
      return gaps;
    },
  };
}
