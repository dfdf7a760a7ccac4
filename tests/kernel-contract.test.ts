import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, expectTypeOf, test } from "vitest";
import { BUILDS, EXTRA_BUILDS, TRAIN_BUILDS } from "../scripts/build-kernels.mjs";
import { readKernels } from "../scripts/read-kernels.mjs";
import { formulaOf } from "../scripts/scratch-formulas.mjs";
import { type Address, asFloat } from "../src/kernels/arguments.ts";
import type { LowerContext } from "../src/kernels/context.ts";
import {
  convScratchBytes,
  convTransposeScratchBytes,
  i8ConvScratchBytes,
  i8DepthwiseScratchBytes,
  type KernelCalls,
  type ReduceCode,
  winogradScratchBytes,
} from "../src/kernels/contract.ts";
import { structWords } from "../src/kernels/struct-words.ts";
import type { Kernel as CalledKernel, KernelNumbers } from "./kernels/harness.ts";
import { sampledKernels } from "./lowering/sampled-kernels.ts";

interface Kernel {
  readonly name: string;
  readonly arguments: readonly { readonly name: string }[];
  readonly note: string;
}

const [main, extra, train] = readKernels().modules as unknown as [Kernel[], Kernel[], Kernel[]];

/** How many arguments each exported function of a build takes. */
function arities(build: string): Map<string, number> {
  const bytes = readFileSync(new URL(`../build/kernels.${build}.wasm`, import.meta.url));
  const shared = build.endsWith("threads");
  const memory = new WebAssembly.Memory({ initial: 1, ...(shared ? { maximum: 65536, shared } : {}) });
  const module = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort() {} } });
  return new Map(Object.entries(exports).map(([name, value]) => [name, (value as () => void).length]));
}

test.each([
  ...BUILDS.map((build: string) => [build, main] as const),
  ...EXTRA_BUILDS.map((build: string) => [build, extra] as const),
  ...TRAIN_BUILDS.map((build: string) => [build, train] as const),
])("the kernels of %s take what their source says", (build, kernels) => {
  const taken = arities(build);
  expect(kernels.length).toBeGreaterThan(0);
  expect(kernels.map(({ name }) => [name, taken.get(name)])).toEqual(
    kernels.map((kernel) => [kernel.name, kernel.arguments.length + 2]),
  );
});

test("every kernel has a note", () => {
  expect([...main, ...extra, ...train].filter(({ note }) => note === "").map(({ name }) => name)).toEqual([]);
});

/** All that the TypeScript files of a folder say, but for one of them. */
const textOf = (folder: string, without = ""): string =>
  readdirSync(new URL(folder, import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && path !== without)
    .map((path) => readFileSync(new URL(folder + path, import.meta.url), "utf8"))
    .join("\n");

/** The kernels whose names a text does not have. */
const unnamedIn = (text: string): string[] =>
  [...main, ...extra, ...train].map(({ name }) => name).filter((name) => !text.includes(`"${name}"`));

test("every kernel is called by a lowering", () => {
  expect(
    unnamedIn(textOf("../src/kernels/", "contract.ts")),
    "kernels that nothing calls: write a lowering in src/kernels/, in the operator's family, and its row in the family's table",
  ).toEqual([]);
});

test("every kernel is tried, on samples of its operator or by a test in tests/kernels", () => {
  const unnamed = unnamedIn(textOf("./kernels/"));
  const sampled = sampledKernels(unnamed);
  expect(
    unnamed.filter((name) => !sampled.has(name)),
    "kernels that nothing tries: write a sampler for which the operator calls them in tests/lowering/samplers/, in its family's file, or a test of the kernel in tests/kernels/",
  ).toEqual([]);
});

test("a call with other arguments than the kernel's does not compile", () => {
  const call: LowerContext<unknown>["call"] = () => {};
  const at: Address = { buffer: 0, offsetBytes: 0 };
  call("f32_prelu", at, 1, at, at, 1, 1, 1);
  // @ts-expect-error: one too few
  call("f32_prelu", at, 1, at, at, 1, 1);
  // @ts-expect-error: one too many
  call("f32_prelu", at, 1, at, at, 1, 1, 1, 1);
  // @ts-expect-error: a count for an address
  call("f32_prelu", at, 1, 1, at, 1, 1, 1);
  // @ts-expect-error: a float for a count
  call("f32_prelu", at, asFloat(1), at, at, 1, 1, 1);
  // @ts-expect-error: a number for a float
  call("f32_layer_norm", at, at, at, at, 1, 1, 1e-5);
  // @ts-expect-error: an address for a struct
  call("f32_max_pool", at, at, at);
  // @ts-expect-error: no such code
  call("f32_reduce", 10, at, at, 1, 1, 1);
  // @ts-expect-error: no such kernel
  call("f32_unheard_of", at);
  expectTypeOf<KernelCalls["x32_fill"]>().toEqualTypeOf<[dst: Address, bits: number, count: number]>();
});

test("the kernels' own tests give them as many numbers, and codes that there are", () => {
  expectTypeOf<Parameters<CalledKernel<"x32_fill">>>().toEqualTypeOf<
    [dst: number, bits: number, count: number, part: number, parts: number]
  >();
  expectTypeOf<KernelNumbers<"f32_reduce">[0]>().toEqualTypeOf<ReduceCode>();
  // @ts-expect-error: a count is missing
  const short: KernelNumbers<"x32_fill"> = [0, 0];
  expect(short).toHaveLength(2);
});

test("a struct is its fields in the order of shapes.ts, each an i32", () => {
  const six = [1, 2, 3, 4, 5, 6] as const;
  const zeros = [0, 0, 0, 0, 0, 0] as const;
  const fields = { yStrides: six, bStrides: zeros, aStrides: six, dims: six };
  expect([...structWords("StridedShape", fields)]).toEqual([...six, ...six, ...zeros, ...six]);
  expect(() => structWords("StridedShape", { ...fields, dims: [1, 1, 1, 1, 1, 2 ** 31] })).toThrow();
});

describe("scratch formulas", () => {
  const translated = (source: string) => {
    const file = ts.createSourceFile("sample.ts", source, ts.ScriptTarget.Latest, true);
    return formulaOf(file.statements[0] as ts.FunctionDeclaration, [
      { name: "Shape", fields: [{ name: "inC" }] },
    ]).lines;
  };
  const body = (text: string) => translated(`function f(k: i32, s: Shape): usize { ${text} }`);

  test("give the bytes that they gave when they were written by hand", () => {
    expect(convScratchBytes(27)).toBe(4 * (1024 + 120 * 27));
    expect(convScratchBytes(1e4)).toBe(4 * (1024 + 24 * 1e4));
    expect(convTransposeScratchBytes(9)).toBe(convScratchBytes(16));
    expect(i8ConvScratchBytes(27)).toBe(4096 + 240 * 28);
    expect(winogradScratchBytes(3, 100)).toBe(4 * (2304 + 36 * (60 * 12 + 64)));
    const shape = { inC: 9, kH: 3, kW: 3, dilH: 1, dilW: 1, outW: 10, strideW: 1 };
    const rest = { batch: 1, inH: 1, inW: 1, inStride: 9, outH: 1, outC: 9, outStride: 9, strideH: 1 };
    const pads = { padTop: 0, padLeft: 0, group: 9 };
    expect(i8DepthwiseScratchBytes({ ...shape, ...rest, ...pads })).toBe(
      (4 * 2 + 1) * 16 * 32 + 10 * 64 + 64,
    );
  });

  test("go on in doubles beyond an i32", () => {
    expect(convScratchBytes(2 ** 31)).toBe(4096 + 96 * 2 ** 31);
  });

  test("are translated operator by operator", () => {
    expect(body("return (k + 7) / 8 * 8;")).toEqual(["return Math.trunc((k + 7) / 8) * 8;"]);
    expect(body("return (k + 7) & ~7;")).toEqual(["return Math.floor((k + 7) / 8) * 8;"]);
    expect(body("return k - (1 - s.inC);")).toEqual(["return k - (1 - s.inC);"]);
    expect(body("return <usize>(k >> 1) << 5;")).toEqual(["return Math.floor(k / 2) * 32;"]);
    expect(body("const a = max<usize>(k, 3); return min(a, 2 << 4);")).toEqual([
      "const a = Math.max(k, 3);",
      "return Math.min(a, 32);",
    ]);
  });

  test("take in what only returns", () => {
    const source =
      "function f(k: i32): i32 { return 2 * up(k - 1) - 1; } function up(n: i32): i32 { return n + 7 & ~7; }";
    expect(translated(source)).toEqual(["return 2 * (Math.floor((k - 1 + 7) / 8) * 8) - 1;"]);
  });

  test.each([
    "let a = k; a++; return a;",
    "return k ^ 1;",
    "return k & 7;",
    "return k << s.inC;",
    "return load<i32>(k);",
    "return s.outC;",
    "return unknown;",
    "if (k) return 1; return 2;",
    "for (;;) {} return 1;",
  ])("do not hold %s", (text) => {
    expect(() => body(text)).toThrow(/assembly\/sample\.ts:1: /);
  });
});
