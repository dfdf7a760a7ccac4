import { describe, expect, test } from "vitest";
import { editGraph, type GraphEdit } from "../../src/graph/edit.ts";
import type { Attributes, Fact } from "../../src/graph/graph.ts";
import {
  alike,
  dequantized,
  dequantizedWeight,
  floatVector,
  pastClamp,
  productBias,
  quantizer,
} from "../../src/passes/quantized-values.ts";
import type { TensorData } from "../../src/tensor.ts";
import { input, inWords, type Line, scalar, type Values, weights } from "../support/graph-words.ts";

const byte = (value: number, dtype: "int8" | "uint8" = "int8"): TensorData => ({
  dtype,
  dims: [],
  data: dtype === "int8" ? Int8Array.of(value) : Uint8Array.of(value),
});
const int32 = (...values: number[]): TensorData<"int32"> => ({
  dtype: "int32",
  dims: [values.length],
  data: Int32Array.from(values),
});
const float32 = (...values: number[]): TensorData<"float32"> => ({
  dtype: "float32",
  dims: [values.length],
  data: Float32Array.from(values),
});
const int8 = (...dims: number[]): TensorData => ({
  dtype: "int8",
  dims,
  data: new Int8Array(dims.reduce((a, b) => a * b, 1)),
});
const fed = (dtype: Fact["dtype"], ...dims: number[]): Fact => ({ dtype, dims });

const editOf = (values: Values, lines: readonly Line[], outputs = "y"): GraphEdit =>
  editGraph(inWords(values, lines, outputs));

describe("what a value was dequantised from", () => {
  const PARAMETERS = { q: fed("int8", 2, 3), s: scalar(0.5), z: byte(3) };
  const of = (values: Values, line: Line = "y = DequantizeLinear(q, s, z)") =>
    dequantized(editOf({ ...PARAMETERS, ...values }, [line]), "y");

  test("comes with its parameters", () => {
    expect(of({})).toEqual({
      name: "q",
      scale: "s",
      zero: "z",
      dtype: "int8",
      scaleValue: 0.5,
      zeroValue: 3,
    });
    expect(of({ q: fed("uint8", 2) }, "y = DequantizeLinear(q, s)")).toMatchObject({
      zero: "",
      dtype: "uint8",
      zeroValue: 0,
    });
  });

  test.each<[string, Values, Line?]>([
    ["another operator wrote it", { q: input(2) }, "y = Neg(q)"],
    ["its scale is fed", { s: fed("float32") }],
    ["its zero point is fed", { z: fed("int8") }],
    ["it has scales by row", { s: weights(2), z: int8(2) }, ["y = DequantizeLinear(q, s, z)", { axis: 0 }]],
    [
      "it has zero points by row",
      { z: int8(2), s: weights(2) },
      ["y = DequantizeLinear(q, s, z)", { axis: 0 }],
    ],
    [
      "it is in blocks",
      { s: float32(0.5), q: fed("int8", 3), z: int8(1) },
      ["y = DequantizeLinear(q, s, z)", { axis: 0, blockSize: 3 }],
    ],
    ["it was int32", { q: fed("int32", 2) }, "y = DequantizeLinear(q, s)"],
    ["it becomes float16 of its own", {}, ["y = DequantizeLinear(q, s, z)", { outputDtype: 10 }, 23]],
    ["it becomes float16", { s: { dtype: "float16", dims: [], data: Uint16Array.of(0x3800) } }],
  ])("is not said where %s", (_, values, line) => {
    expect(of(values, line)).toBeUndefined();
  });
});

describe("the node that quantises a value", () => {
  const values = { x: input(2), s: scalar(0.5), z: byte(3, "uint8") };
  const LINE = "y = QuantizeLinear(x, s, z)";

  test("comes with what it gives", () => {
    const found = quantizer(editOf(values, [LINE]), "x");
    expect(found?.node.op).toBe("QuantizeLinear");
    expect(found?.value).toMatchObject({ name: "y", dtype: "uint8", scaleValue: 0.5, zeroValue: 3 });
  });

  test.each<[string, Values, readonly Line[], string?, string?]>([
    ["others read the value", values, [LINE, "z2 = Neg(x)"], "y, z2"],
    ["the value is an output", values, [LINE], "y, x"],
    ["another operator reads it", values, ["y = Neg(x)"]],
    [
      "it reads the value for its scale",
      { ...values, i: input(2), x: scalar(0.5) },
      ["y = QuantizeLinear(i, x, z)"],
    ],
    ["its scale is fed", { ...values, s: fed("float32") }, [LINE]],
  ])("is not said where %s", (_, given, lines, outputs = "y") => {
    expect(quantizer(editOf(given, lines, outputs), "x")).toBeUndefined();
  });
});

test("values are alike where dtype, scale and zero point are", () => {
  const value = { name: "a", scale: "s", zero: "z", dtype: "int8", scaleValue: 0.5, zeroValue: 3 } as const;
  expect(alike(value, { ...value, name: "b", scale: "t", zero: "" })).toBe(true);
  expect(alike(value, { ...value, dtype: "uint8" })).toBe(false);
  expect(alike(value, { ...value, scaleValue: 0.25 })).toBe(false);
  expect(alike(value, { ...value, zeroValue: 2 })).toBe(false);
});

describe("a dequantised weight", () => {
  const W = { w: int8(4, 3), s: float32(1, 2, 3, 4), z: int8(4) };
  const of = (
    values: Values,
    axis: number,
    attributes: Attributes = { axis: 0 },
    line = "y = DequantizeLinear(w, s, z)",
  ) => dequantizedWeight(editOf({ ...W, ...values }, [[line, attributes]]), "y", axis);

  test("has one scale, or one for each slice of the axis that is asked about", () => {
    expect(of({}, 0)).toEqual({ name: "w", scale: "s", zero: "z" });
    expect(of({}, 0, { axis: -2 })).toBeDefined();
    expect(of({ s: scalar(1) }, 1, {}, "y = DequantizeLinear(w, s)")).toEqual({
      name: "w",
      scale: "s",
      zero: "",
    });
  });

  test.each<[string, Values, number, Attributes?, string?]>([
    ["it becomes float16 of its own", {}, 0, { axis: 0, outputDtype: 10 }],
    ["its scales go with another axis", { w: int8(4, 4) }, 1],
    ["it is fed", { w: fed("int8", 4, 3) }, 0],
    ["its scale is fed", { s: fed("float32", 4) }, 0],
    ["its zero point is fed", { z: fed("int8", 4) }, 0],
    ["it is in blocks", { w: int8(4), s: float32(1, 2, 3, 4) }, 0, { axis: 0, blockSize: 1 }],
    ["it is int32", { w: int32(1, 2, 3, 4) }, 0, { axis: 0 }, "y = DequantizeLinear(w, s)"],
    ["it becomes float16", { s: { dtype: "float16", dims: [4], data: new Uint16Array(4).fill(0x3c00) } }, 0],
    ["another operator wrote it", {}, 0, {}, "y = Neg(w)"],
  ])("is none where %s", (_, values, axis, attributes, line) => {
    expect(of(values, axis, attributes, line)).toBeUndefined();
  });
});

describe("the bias of a product in units of 0.5 · [1, 2]", () => {
  const UNITS = { xScale: 0.5, wScale: float32(1, 2) };
  const of = (values: Values, whole: boolean, name = "b", lines: readonly Line[] = []) => {
    const edit = editOf({ x: input(1), ...values }, [...lines, "y = Neg(x)"]);
    const bias = productBias(edit, name, UNITS.xScale, UNITS.wScale, 2, whole);
    return { bias, data: bias === undefined ? undefined : edit.constant(bias)?.data };
  };
  const QUANTISED = { c: int32(8, -4), s: float32(0.5, 1), z: int32(0, 0) };
  const DEQUANTISED: readonly Line[] = [["b = DequantizeLinear(c, s)", { axis: 0 }]];

  test("stays absent", () => {
    expect(of({}, true, "").bias).toBe("");
    const edit = editOf({ x: input(1) }, ["y = Neg(x)"]);
    expect(productBias(edit, undefined, 1, scalar(1), 2, true)).toBe("");
  });

  test("is a vector of float32, or of whole units where the result is whole", () => {
    expect(of({ b: float32(4, -4) }, false)).toEqual({ bias: "b", data: Float32Array.of(4, -4) });
    expect(of({ b: float32(4, -4) }, true)).toEqual({ bias: "b/int32", data: Int32Array.of(8, -4) });
  });

  test("was quantised in these units", () => {
    expect(of(QUANTISED, true, "b", DEQUANTISED).bias).toBe("c");
    expect(of(QUANTISED, false, "b", DEQUANTISED).bias).toBe("c");
  });

  test("may have had a zero point of 0", () => {
    const lines: readonly Line[] = [["b = DequantizeLinear(c, s, z)", { axis: 0 }]];
    expect(of(QUANTISED, true, "b", lines).bias).toBe("c");
  });

  test("was quantised in one unit for all that fits", () => {
    const edit = editOf({ x: input(1), c: int32(8, -4), s: scalar(0.5) }, [...DEQUANTISED, "y = Neg(x)"]);
    expect(productBias(edit, "b", 0.5, scalar(1), 2, true)).toBe("c");
  });

  test("was quantised in other units", () => {
    const values = { ...QUANTISED, s: scalar(2) };
    expect(of(values, false, "b", DEQUANTISED).data).toEqual(Float32Array.of(16, -8));
    expect(of(values, true, "b", DEQUANTISED).data).toEqual(Int32Array.of(32, -8));
  });

  test.each<[string, Values, boolean, (readonly Line[])?]>([
    ["it is fed", { b: input(2) }, true],
    ["it has another size", { b: float32(1, 2, 3) }, true],
    ["it is too large for whole numbers", { b: float32(2 ** 30, 0) }, true],
    ["its counts are fed", { ...QUANTISED, c: fed("int32", 2) }, true, DEQUANTISED],
    ["its counts are 8-bit", { ...QUANTISED, c: int8(2) }, true, DEQUANTISED],
    ["its scale is fed", { ...QUANTISED, s: fed("float32", 2) }, true, DEQUANTISED],
    ["its counts have another size", { c: int32(1, 2, 3), s: scalar(0.5) }, false, DEQUANTISED],
    [
      "its zero point is fed",
      { ...QUANTISED, z: fed("int32", 2) },
      true,
      [["b = DequantizeLinear(c, s, z)", { axis: 0 }]],
    ],
    [
      "its zero point is not 0",
      { ...QUANTISED, z: int32(0, 1) },
      true,
      [["b = DequantizeLinear(c, s, z)", { axis: 0 }]],
    ],
    ["it is in blocks", QUANTISED, true, [["b = DequantizeLinear(c, s)", { axis: 0, blockSize: 1 }]]],
  ])("is none where %s", (_, values, whole, lines) => {
    expect(of(values, whole, "b", lines).bias).toBeUndefined();
  });
});

describe("a constant as a vector", () => {
  const of = (data: TensorData, channels = 4) => {
    const edit = editOf({ x: input(1), b: data }, ["y = Neg(x)"]);
    const name = floatVector(edit, "b", data, channels);
    return name && [name, edit.constant(name)?.dims];
  };

  test("is itself, or a copy of one dim", () => {
    expect(of(weights(4))).toEqual(["b", [4]]);
    expect(of(weights(1, 4, 1))).toEqual(["b/vector", [4]]);
  });

  test("is none of another size or dtype", () => {
    expect(of(weights(3))).toBeUndefined();
    expect(of(int32(1, 2, 3, 4))).toBeUndefined();
  });
});

describe("the value behind a clamp", () => {
  const values = { x: input(3), low: scalar(-1), high: scalar(1) };
  const of = (lines: readonly Line[], outputs = "y") => {
    const { name, nodes, activation } = pastClamp(editOf(values, lines, outputs), "a");
    return [name, nodes.length, activation?.kind];
  };

  test.each<[string, readonly Line[], readonly unknown[]]>([
    ["Relu", ["a = Neg(x)", "y = Relu(a)"], ["y", 1, "relu"]],
    ["Clip", ["a = Neg(x)", "y = Clip(a, low, high)"], ["y", 1, "clip"]],
    ["none: another activation", ["a = Neg(x)", "y = Tanh(a)"], ["a", 0, undefined]],
    ["none: no activation", ["a = Neg(x)", "y = Softmax(a)"], ["a", 0, undefined]],
  ])("is that of %s", (_, lines, expected) => {
    expect(of(lines)).toEqual(expected);
  });

  test("is the value itself where it is a bound", () => {
    const edit = editOf(values, ["y = Clip(x, low, high)"]);
    expect(pastClamp(edit, "low")).toEqual({ name: "low", nodes: [] });
  });

  test("is the value itself where others read it", () => {
    expect(of(["a = Neg(x)", "y = Relu(a)", "z = Abs(a)"], "y, z")).toEqual(["a", 0, undefined]);
    expect(of(["a = Neg(x)", "y = Relu(a)"], "y, a")).toEqual(["a", 0, undefined]);
  });
});
