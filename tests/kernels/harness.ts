import { readFileSync } from "node:fs";
import * as loader from "@assemblyscript/loader";
import type { KernelCalls } from "../../src/kernels/contract.ts";

export const BUILDS = ["plain", "relaxed"] as const;
export type Build = (typeof BUILDS)[number];
type AnyKernel = (...args: number[]) => number;

export type KernelName = keyof KernelCalls;
/** Arguments as a kernel gets them: codes as they are, addresses and floats as numbers. */
type Numbers<Call extends readonly unknown[]> = {
  [At in keyof Call]: Call[At] extends number ? Call[At] : number;
};
/** What a kernel takes by its contract, but for `part, parts`. */
export type KernelNumbers<Name extends KernelName> = Numbers<KernelCalls[Name]>;
export type Kernel<Name extends KernelName> = (
  ...args: [...call: KernelNumbers<Name>, part: number, parts: number]
) => void;

const CANARY = 0x7fc0dead; // a NaN with a payload no kernel produces
/** As in src/runtime/kernels.ts. */
const STATIC_DATA_END = 16384;
const GUARD = 32; // elements of canary on either side of a buffer (over-read allowance included)

/** One instance of a build, the modules beside it, with a bump allocator whose buffers are fenced by canaries. */
export interface Bench {
  kernel<Name extends KernelName>(name: Name): Kernel<Name>;
  /** Places values, fenced; the bytes behind are NaN canaries, so that an over-read that matters shows. */
  f32(values: ArrayLike<number>): number;
  i32(values: ArrayLike<number>): number;
  /** An output of `count` elements, filled with canaries. */
  output(count: number): number;
  read(pointer: number, count: number): Float32Array;
  readI32(pointer: number, count: number): Int32Array;
  /** Throws when a fence of any buffer has been written. */
  checkFences(): void;
}

export function bench(build: Build, pages = 2048): Bench {
  const memory = new WebAssembly.Memory({ initial: pages });
  const kernels = instantiate(build, memory);
  const beside = new Map<string, Record<string, AnyKernel>>();
  const words = new Uint32Array(memory.buffer);
  const floats = new Float32Array(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  let top = STATIC_DATA_END;
  const buffers: { pointer: number; count: number }[] = [];

  const reserve = (count: number): number => {
    const start = top / 4;
    const body = start + GUARD;
    words.fill(CANARY, start, body + count + GUARD);
    top = ((body + count + GUARD) * 4 + 63) & ~63;
    if (top > memory.buffer.byteLength) throw new Error("test memory exhausted");
    const pointer = body * 4;
    buffers.push({ pointer, count });
    return pointer;
  };

  return {
    kernel(name) {
      let found = kernels[name];
      for (const module of ["extra", "train"]) {
        if (found !== undefined) break;
        const theirs = beside.get(module) ?? instantiate(`${module}-${build}`, memory);
        beside.set(module, theirs);
        found = theirs[name];
      }
      if (found === undefined) throw new Error(`no kernel ${name} in the ${build} build`);
      return found as Kernel<typeof name>;
    },
    f32(values) {
      const pointer = reserve(values.length);
      floats.set(values, pointer / 4);
      return pointer;
    },
    i32(values) {
      const pointer = reserve(values.length);
      ints.set(values, pointer / 4);
      return pointer;
    },
    output: reserve,
    read: (pointer, count) => floats.slice(pointer / 4, pointer / 4 + count),
    readI32: (pointer, count) => ints.slice(pointer / 4, pointer / 4 + count),
    checkFences() {
      for (const { pointer, count } of buffers) {
        const first = pointer / 4;
        for (let i = 1; i <= GUARD; i++) {
          if (words[first - i] !== CANARY) throw new Error(`wrote ${i} elements before a buffer`);
          if (words[first + count + i - 1] !== CANARY) throw new Error(`wrote ${i} elements past a buffer`);
        }
      }
    },
  };
}

function instantiate(target: string, memory: WebAssembly.Memory): Record<string, AnyKernel> {
  const bytes = readFileSync(new URL(`../../build/kernels.${target}.wasm`, import.meta.url));
  const abort = () => {
    throw new Error("kernel aborted");
  };
  return loader.instantiateSync(bytes, { env: { memory, abort } }).exports as unknown as Record<
    string,
    AnyKernel
  >;
}

/** Seeded uniform numbers (mulberry32) in [-1, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x80000000 - 1;
  };
}

export function randoms(count: number, seed: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: count }, next);
}
