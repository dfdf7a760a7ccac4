/** Bytes from `start` up to `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** How many of a sorted list's first entries pass a test that none behind them passes. */
export function countFirst<Entry>(list: readonly Entry[], passes: (entry: Entry) => boolean): number {
  let low = 0;
  for (let high = list.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (passes(list[middle] as Entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds a range to others that are sorted and apart; those that it meets become one with it. */
export function addRange(ranges: ByteRange[], { start, end }: ByteRange): void {
  const first = countFirst(ranges, (other) => other.end < start);
  let next = first;
  for (let other = ranges[next]; other !== undefined && other.start <= end; other = ranges[++next]) {
    start = Math.min(start, other.start);
    end = Math.max(end, other.end);
  }
  ranges.splice(first, next - first, { start, end });
}

/** What of a range lies in none of others that are sorted and apart. */
export function rangesBetween(ranges: readonly ByteRange[], { start, end }: ByteRange): ByteRange[] {
  const between: ByteRange[] = [];
  let next = countFirst(ranges, (other) => other.end < start);
  for (let other = ranges[next]; other !== undefined && other.start < end; other = ranges[++next]) {
    if (other.start > start) between.push({ start, end: other.start });
    start = Math.max(start, other.end);
  }
  if (start < end) between.push({ start, end });
  return between;
}
