import { alignUp } from "../alignment.ts";

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
  const order = lifetimes
    .map((_, i) => i)
    .sort((a, b) => sizeOf(lifetimes, b) - sizeOf(lifetimes, a) || a - b);
  const placed: number[] = [];
  let total = 0;
  for (const i of order) {
    const own = lifetimes[i] as Lifetime;
    const bytes = alignUp(own.bytes);
    if (bytes === 0) continue;
    const rivals = placed
      .filter((j) => overlaps(own, lifetimes[j] as Lifetime))
      .sort((a, b) => (offsets[a] as number) - (offsets[b] as number));
    let best = -1;
    let bestGap = Infinity;
    let end = 0;
    for (const j of rivals) {
      const gap = (offsets[j] as number) - end;
      if (gap >= bytes && gap < bestGap) {
        best = end;
        bestGap = gap;
      }
      end = Math.max(end, (offsets[j] as number) + alignUp(sizeOf(lifetimes, j)));
    }
    offsets[i] = best >= 0 ? best : end;
    total = Math.max(total, (offsets[i] as number) + bytes);
    placed.push(i);
  }
  return { offsets, bytes: total };
}

const sizeOf = (lifetimes: readonly Lifetime[], i: number): number => (lifetimes[i] as Lifetime).bytes;
const overlaps = (a: Lifetime, b: Lifetime): boolean => a.first <= b.last && b.first <= a.last;
