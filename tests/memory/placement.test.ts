import { expect, test } from "vitest";
import { MemoryError } from "../../src/errors.ts";
import type { Buffer, Plan } from "../../src/plan/plan.ts";
import { createHeap } from "../../src/runtime/memory.ts";
import { createPlacement } from "../../src/runtime/placement.ts";
import { copyBytes, lazyTensor, type TensorData } from "../../src/tensor.ts";

const KB = 1024;
const tensor = (count: number, value: number): TensorData => ({
  dtype: "float32",
  dims: [count],
  data: new Float32Array(count).fill(value),
});

/** A plan that says no more than what has to be placed; its first buffer is its arena. */
const planOf = (arenaBytes: number, sources: readonly TensorData[] = [], tableBytes = 0): Plan => ({
  arenaBytes,
  tables: new Uint8Array(tableBytes).fill(7),
  buffers: [
    { kind: "arena", bytes: arenaBytes, offsetBytes: 0 },
    { kind: "table", offsetBytes: 0 },
    ...sources.map(
      (source): Buffer => ({
        kind: "constant",
        source,
        key: "raw",
        bytes: (source.dims[0] as number) * 4,
        fill: copyBytes,
      }),
    ),
  ],
  inputs: [],
  outputs: [],
  steps: [],
});

const placementOf = (maxBytes?: number) => {
  const heap = createHeap(false, maxBytes);
  const placement = createPlacement(heap);
  const floats = (address: number | undefined, count: number) => [
    ...new Float32Array(heap.memory.buffer, address, count),
  ];
  return { heap, placement, floats, bytes: () => heap.memory.buffer.byteLength };
};

test("a heap gives what was given back, the tightest gap first, and joins gaps", () => {
  const heap = createHeap();
  const blocks = [256, 128, 512, 128, 64].map((bytes) => heap.reserve(bytes));
  heap.free(blocks[0] as number, 256);
  heap.free(blocks[2] as number, 512);
  expect(heap.reserve(200)).toBe(blocks[0]);
  heap.free(blocks[1] as number, 128);
  expect(heap.reserve(640)).toBe(blocks[1]);
  const top = heap.reserve(64);
  heap.free(blocks[4] as number, 64);
  heap.free(top, 64);
  expect(heap.reserve(640)).toBe(blocks[4]);
});

test("constants are placed below the arena and kept until the last plan that has them is forgotten", () => {
  const { placement, floats } = placementOf();
  const [shared, own] = [tensor(300, 1), tensor(500, 2)];
  const [a, b] = [planOf(KB, [shared, own], 40), planOf(4 * KB, [shared], 40)];
  const [arenaOfA, tables, ...constantsOfA] = placement.addresses(a);
  for (const address of [tables, ...constantsOfA]) expect(address).toBeLessThan(arenaOfA as number);
  expect(placement.usage()).toEqual({ constantBytes: 3200, arenaBytes: KB });

  const [arenaOfB, , sharedOfB] = placement.addresses(b);
  expect(sharedOfB).toBe(constantsOfA[0]);
  expect(placement.addresses(a)).toEqual([arenaOfB, tables, ...constantsOfA]);
  expect(placement.addresses(a)).toBe(placement.addresses(a));

  placement.forget(a);
  expect(placement.usage().constantBytes).toBe(1200);
  expect(floats(sharedOfB, 300)).toEqual(new Array(300).fill(1));
  placement.forget(b);
  placement.forget(b);
  expect(placement.usage().constantBytes).toBe(0);
  const again = placement.addresses(a);
  expect(floats(again[3], 500)).toEqual(new Array(500).fill(2));
});

test("an arena that grows by a little again and again, with a table each time, takes its own size and no more", () => {
  const { placement, bytes } = placementOf();
  for (let size = 200 * KB; size <= 1000 * KB; size += 10 * KB)
    placement.addresses(planOf(size, [tensor(4, size)], 200));
  expect(bytes()).toBeLessThan(1100 * KB);
});

test("states stay where they are", () => {
  const { placement, floats } = placementOf();
  const state = (name: string): Buffer => ({ kind: "state", name, bytes: 400 });
  const withStates = (arenaBytes: number, ...names: string[]): Plan => ({
    ...planOf(arenaBytes),
    buffers: names.map(state),
  });
  placement.setState("a", tensor(100, 1));
  const a = withStates(KB, "a");
  const [before] = placement.addresses(a);
  placement.setState("b", tensor(100, 2));
  const [same, second] = placement.addresses(withStates(9 * KB, "a", "b"));
  expect(same).toBe(before);
  placement.forget(a);
  placement.addresses(planOf(20 * KB, [tensor(200, 3)]));
  expect([floats(same, 100), floats(second, 100)]).toEqual([new Array(100).fill(1), new Array(100).fill(2)]);
  expect(placement.state("b")).toEqual(tensor(100, 2));
});

test("a constant made on demand is made where the arena will be", () => {
  const { placement, floats, bytes } = placementOf();
  const made = lazyTensor("float32", [50_000], (target) =>
    new Float32Array(target.buffer, target.byteOffset, 50_000).fill(5),
  );
  const [, , address] = placement.addresses(planOf(200_000, [made]));
  expect(floats(address, 50_000).every((value) => value === 5)).toBe(true);
  expect(bytes()).toBeLessThan(8 * 65_536);
});

test("what does not fit leaves all as it was", () => {
  const { placement, floats, bytes } = placementOf(1024 * KB);
  const small = planOf(300 * KB, [tensor(100, 1)]);
  const before = placement.addresses(small);
  const usage = placement.usage();
  const tooLarge = [
    planOf(1010 * KB, [tensor(4000, 2)]),
    planOf(300 * KB, [tensor(260_000, 2), tensor(10, 3)]),
    planOf(300 * KB, [tensor(10, 3), tensor(260_000, 2)], 400 * KB),
  ];
  for (const plan of tooLarge) {
    expect(() => placement.addresses(plan)).toThrow(MemoryError);
    expect(placement.usage()).toEqual(usage);
    expect(placement.addresses(small)).toEqual(before);
  }
  expect(() => placement.setState("s", tensor(260_000, 1))).toThrow(MemoryError);
  expect(floats(before[2], 100)).toEqual(new Array(100).fill(1));
  placement.addresses(planOf(1000 * KB));
  expect(bytes()).toBe(1024 * KB);
});
