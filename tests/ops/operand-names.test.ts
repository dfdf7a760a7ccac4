import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { Fact } from "../../src/graph/graph.ts";
import { type FactsOf, type Op, placesOf, type TensorsOf } from "../../src/ops/define.ts";
import { EXTRA_OPS } from "../../src/ops/extra.ts";
import { OPS } from "../../src/ops/index.ts";
import { TRAIN_OPS } from "../../src/ops/training.ts";
import type { TensorData } from "../../src/tensor.ts";
import { evaluateOp } from "./run-op.ts";

describe("a schema's names", () => {
  const NAMES = ["x", "scale?", "zeroPoint?", "parts*"] as const;

  test("say where operands stand", () => {
    const places = placesOf(NAMES);
    expect(places).toEqual({ x: 0, scale: 1, zeroPoint: 2, parts: 3 });
    expectTypeOf(places).toEqualTypeOf<{
      readonly x: 0;
      readonly scale: 1;
      readonly zeroPoint: 2;
      readonly parts: 3;
    }>();
    // @ts-expect-error: no such operand
    expect(places.bias).toBeUndefined();
  });

  test("say which operands may be absent", () => {
    expectTypeOf<FactsOf<typeof NAMES>["x"]>().toEqualTypeOf<Fact>();
    expectTypeOf<FactsOf<typeof NAMES>["scale"]>().toEqualTypeOf<Fact | undefined>();
    expectTypeOf<TensorsOf<typeof NAMES>["x"]>().toEqualTypeOf<TensorData>();
    expectTypeOf<TensorsOf<typeof NAMES>["scale"]>().toEqualTypeOf<TensorData | undefined>();
    expectTypeOf<keyof TensorsOf<typeof NAMES>>().toEqualTypeOf<"x" | "scale" | "zeroPoint" | "parts">();
  });

  const vector = (...data: number[]): TensorData => ({
    dtype: "float32",
    dims: [data.length],
    data: Float32Array.from(data),
  });

  test("find what definitions read", () => {
    const bound = (value: number): TensorData => ({ ...vector(value), dims: [] });
    const clip = (...bounds: (TensorData | undefined)[]) =>
      Array.from(evaluateOp("Clip", [vector(1, 2, 3), ...bounds])[0]?.data as Float32Array);
    expect(clip()).toEqual([1, 2, 3]);
    expect(clip(undefined, bound(2))).toEqual([1, 2, 2]);
    expect(clip(bound(2), undefined)).toEqual([2, 2, 3]);
  });

  test("are the same where operators share a definition", () => {
    const bare = ({ inputs }: Op) => inputs.map((name) => name.replace(/\W/, ""));
    const differ = (a: Op, b: Op) => bare(a).some((name, i) => name !== (bare(b)[i] ?? name));
    const ops = [...OPS, ...EXTRA_OPS, ...TRAIN_OPS];
    const wrong = ops.flatMap((op) =>
      ops.filter((other) => other.evaluate === op.evaluate && differ(op, other)).map(({ type }) => type),
    );
    expect(wrong).toEqual([]);
  });

  test("are in what is said of an operand that is missing", () => {
    expect(() => evaluateOp("Where", [vector(1), vector(1)])).toThrow("input 2 (y) is missing");
  });
});

/** The last place that may be read by its number, of calls and of lists: unary and binary code reads well without names. */
const LAST_CALLED = new Map(
  Object.entries({ fact: 1, dims: 1, data: 1, tensor: 1, optional: 1, input: 1, output: 0 }),
);
const LAST_LISTED = new Map(Object.entries({ inputs: 1, values: 1, outputs: 0 }));

/** Whether this is `context.input(2)`, `context.inputs[2]`, `inputs[2]` or one of their kin. */
function isBareRead(node: ts.Node): boolean {
  const isCall = ts.isCallExpression(node);
  if (!isCall && !ts.isElementAccessExpression(node)) return false;
  const { expression: read } = node;
  const name = (ts.isPropertyAccessExpression(read) ? read.name : read).getText();
  const last = (isCall ? LAST_CALLED : LAST_LISTED).get(name);
  const place = isCall ? node.arguments[0] : node.argumentExpression;
  return last !== undefined && place !== undefined && ts.isNumericLiteral(place) && Number(place.text) > last;
}

function bareReads(path: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isBareRead(node)) found.push(`${path}: ${node.getText()}`);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

describe("third operands and later ones, and outputs behind the first,", () => {
  test.each(["ops", "kernels", "passes", "train"])("are read by name in src/%s", (room) => {
    const folder = fileURLToPath(new URL(`../../src/${room}/`, import.meta.url));
    const paths = (readdirSync(folder, { recursive: true }) as string[]).filter((path) =>
      path.endsWith(".ts"),
    );
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.flatMap((path) => bareReads(path, readFileSync(folder + path, "utf8")))).toEqual([]);
  });

  test("are found where they are not", () => {
    const bare = ["context.tensor(2)", "site.inputs[3]", "inputs[2]", "node.inputs[2]", "output(1)"];
    const named = ["context.tensor(1)", "site.inputs[AT.bias]", "context.output(0)", "dims[2]", "inputs[i]"];
    expect(bareReads("x.ts", [...bare, ...named].join(";\n"))).toEqual(bare.map((read) => `x.ts: ${read}`));
  });
});
