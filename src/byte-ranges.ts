/** Bytes from `start` up to `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Adds a range to others that are sorted and apart; those that it meets become one with it. */
export function addRange(ranges: ByteRange[], { start, end }: ByteRange): void {
  let first = 0;
  for (let high = ranges.length; first < high; ) {
    const middle = (first + high) >> 1;
    if ((ranges[middle] as ByteRange).end < start) first = middle + 1;
    else high = middle;
  }
  let next = first;
  for (let other = ranges[next]; other !== undefined && other.start <= end; other = ranges[++next]) {
    start = Math.min(start, other.start);
    end = Math.max(end, other.end);
  }
  ranges.splice(first, next - first, { start, end });
}
