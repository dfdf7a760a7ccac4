import fc from "fast-check";
import { expect, test } from "vitest";
import { alignUp } from "../../src/alignment.ts";
import { assignArena, type Lifetime } from "../../src/plan/arena.ts";

/** The placement as its definition says it: largest first, into the tightest gap between all that live meanwhile. */
function byDefinition(lifetimes: readonly Lifetime[]): number[] {
  const offsets = lifetimes.map(() => 0);
  const placed: number[] = [];
  const bytesOf = (i: number): number => alignUp((lifetimes[i] as Lifetime).bytes);
  const order = lifetimes
    .map((_, i) => i)
    .sort((a, b) => (lifetimes[b]?.bytes ?? 0) - (lifetimes[a]?.bytes ?? 0));
  for (const i of order) {
    const own = lifetimes[i] as Lifetime;
    const ends = [0, ...placed.filter(meets).map((j) => (offsets[j] as number) + bytesOf(j))];
    const rooms = ends.filter(isFree).map((start) => ({ start, bytes: roomAt(start) }));
    const fitting = rooms.filter(({ bytes }) => bytes >= bytesOf(i));
    fitting.sort((a, b) => (a.bytes === b.bytes ? a.start - b.start : a.bytes - b.bytes));
    if (bytesOf(i) === 0) continue;
    offsets[i] = fitting[0]?.start as number;
    placed.push(i);

    function meets(j: number): boolean {
      const other = lifetimes[j] as Lifetime;
      return own.first <= other.last && other.first <= own.last;
    }
    function isFree(start: number): boolean {
      return placed.filter(meets).every((j) => {
        const at = offsets[j] as number;
        return start < at || start >= at + bytesOf(j);
      });
    }
    function roomAt(start: number): number {
      const next = placed.filter(meets).map((j) => offsets[j] as number);
      return Math.min(Infinity, ...next.filter((at) => at >= start)) - start;
    }
  }
  return offsets;
}

const time = fc.integer({ min: -1, max: 12 });
const lifetime = fc
  .record({ bytes: fc.integer({ min: 0, max: 700 }), a: time, b: time })
  .map(({ bytes, a, b }): Lifetime => ({ bytes, first: Math.min(a, b), last: Math.max(a, b) }));

test("offsets are those of the definition, for any lifetimes", () => {
  fc.assert(
    fc.property(fc.array(lifetime, { maxLength: 24 }), (lifetimes) => {
      const { offsets, bytes } = assignArena(lifetimes);
      expect(offsets).toEqual(byDefinition(lifetimes));
      const ends = lifetimes.map((own, i) => (offsets[i] as number) + alignUp(own.bytes));
      expect(bytes).toBe(Math.max(0, ...ends));
    }),
    { numRuns: 500 },
  );
});

test("buffers that live for ever lie one after another", () => {
  const forever = { first: -Infinity, last: Infinity };
  const { offsets, bytes } = assignArena([64, 128, 64].map((size) => ({ bytes: size, ...forever })));
  expect(offsets).toEqual([128, 0, 192]);
  expect(bytes).toBe(256);
});
