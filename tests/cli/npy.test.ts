import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { decodeNpy, encodeNpy, readNpyFile, writeNpyFile } from "../../src/cli/npy.ts";
import { createData, DTYPES, type DType, dtypeInfo, numberToFloat16 } from "../../src/dtype.ts";
import { ResourceError, UsageError } from "../../src/errors.ts";
import { fromNumbers, toNumbers } from "../../src/ops/shared/elements.ts";
import { elementCount, Tensor } from "../../src/tensor.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

// Written by NumPy 2.4.
const version1 =
  "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMC/AAAAvwAAAD8AAMA/AAAgQAAAYEA=";
const version2Fortran =
  "k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IFRydWUsICdzaGFwZSc6ICgyLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMC/AADAPwAAAL8AACBAAAAAPwAAYEA=";
const file = (header: string, body: number[] = [], version = 1): Uint8Array => {
  const size = version === 1 ? [header.length & 255, header.length >> 8] : [header.length, 0, 0, 0];
  return Uint8Array.of(0x93, ...Buffer.from("NUMPY"), version, 0, ...size, ...Buffer.from(header), ...body);
};

describe("reads", () => {
  test("what NumPy writes, in C and Fortran order", () => {
    const expected = { type: "float32", dims: [2, 3], data: Float32Array.of(-1.5, -0.5, 0.5, 1.5, 2.5, 3.5) };
    expect(decodeNpy(bytesOf(version1))).toMatchObject(expected);
    expect(decodeNpy(bytesOf(version2Fortran))).toMatchObject(expected);
  });

  test("big-endian, bool, int64, float16, scalars, Python 2 headers", () => {
    const doubles = file(
      "{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }\n",
      [0xbf, 0xf8, 0, 0, 0, 0, 0, 0],
      3,
    );
    expect(decodeNpy(doubles)).toMatchObject({ type: "float64", dims: [1], data: Float64Array.of(-1.5) });
    const bools = file("{'descr': '|b1', 'fortran_order': False, 'shape': (2, 2), }", [1, 0, 0, 7]);
    expect(decodeNpy(bools)).toMatchObject({ type: "bool", dims: [2, 2], data: Uint8Array.of(1, 0, 0, 1) });
    const scalar = file("{'descr': '<i8', 'fortran_order': False, 'shape': (), }", [
      0xf9,
      ...Array(7).fill(255),
    ]);
    expect(decodeNpy(scalar)).toMatchObject({ type: "int64", dims: [], data: BigInt64Array.of(-7n) });
    const half = file("{'descr': '>f2', 'fortran_order': True, 'shape': (2,), }", [0x3e, 0, 0xc0, 0]);
    expect(decodeNpy(half)).toMatchObject({
      type: "float16",
      data: Uint16Array.of(numberToFloat16(1.5), numberToFloat16(-2)),
    });
    const old = file("{'shape': (1L, 2L), 'fortran_order': False, 'descr': '|u1'}", [3, 4]);
    expect(decodeNpy(old)).toMatchObject({ type: "uint8", dims: [1, 2], data: Uint8Array.of(3, 4) });
    const empty = file("{'descr': '<i4', 'fortran_order': True, 'shape': (0, 3), }");
    expect(decodeNpy(empty)).toMatchObject({ type: "int32", dims: [0, 3] });
  });

  test("Fortran order of any rank", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 }), (dims) => {
        const count = elementCount(dims);
        // Each element's number says where it must come out.
        const data = new Int32Array(count);
        for (let to = 0; to < count; to++) {
          let [rest, from, step] = [to, 0, count];
          for (let axis = dims.length - 1; axis >= 0; axis--) {
            const dim = dims[axis] as number;
            step /= dim;
            from += (rest % dim) * step;
            rest = Math.floor(rest / dim);
          }
          data[from] = to;
        }
        const shape = dims.length === 1 ? `${dims[0]},` : dims.join(", ");
        const header = `{'descr': '<i4', 'fortran_order': True, 'shape': (${shape}), }`;
        const tensor = decodeNpy(file(header, [...new Uint8Array(data.buffer)]));
        expect(tensor.dims).toEqual(dims);
        expect([...(tensor.data as Int32Array)]).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });
});

describe("writes", () => {
  test("the very bytes of NumPy", () => {
    const tensor = new Tensor("float32", Float32Array.of(-1.5, -0.5, 0.5, 1.5, 2.5, 3.5), [2, 3]);
    expect(Buffer.from(encodeNpy(tensor)).toString("base64")).toBe(version1);
  });

  const isNumPys = (dtype: DType): boolean => dtype !== "bfloat16" && dtypeInfo[dtype].kind !== "narrow";

  test.each(DTYPES.filter((dtype) => !isNumPys(dtype)))(
    "%s as the float32 numbers it stands for",
    (dtype) => {
      const tensor = fromNumbers(dtype, [2], [1, 2]);
      const numbers = Float32Array.from(toNumbers(tensor));
      expect(decodeNpy(encodeNpy(tensor))).toMatchObject({ type: "float32", dims: [2], data: numbers });
    },
  );

  test.each(DTYPES.filter((dtype) => dtype !== "string" && isNumPys(dtype)))(
    "%s, and reads it again",
    (dtype) => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
          fc.infiniteStream(fc.nat(255)),
          (dims, bytes) => {
            const data = createData(dtype, elementCount(dims)) as Uint8Array;
            const raw = new Uint8Array(data.buffer);
            for (let i = 0; i < raw.length; i++)
              raw[i] = (bytes.next().value as number) & (dtype === "bool" ? 1 : 255);
            const written = encodeNpy(new Tensor(dtype, data, dims));
            expect((written.length - raw.length) % 64).toBe(0);
            const back = decodeNpy(written);
            expect(back.type).toBe(dtype);
            expect(back.dims).toEqual(dims);
            const { buffer, byteOffset, byteLength } = back.data as Uint8Array;
            expect([...new Uint8Array(buffer, byteOffset, byteLength)]).toEqual([...raw]);
          },
        ),
        { numRuns: 30 },
      );
      expect(dtypeInfo[dtype].bytes).toBeGreaterThan(0);
    },
  );

  test("files", async () => {
    const path = join(folder, "x.npy");
    await writeNpyFile(path, new Tensor("int16", Int16Array.of(1, -2), [2]));
    expect(await readNpyFile(path)).toMatchObject({ type: "int16", dims: [2], data: Int16Array.of(1, -2) });
    await expect(readNpyFile(join(folder, "none.npy"))).rejects.toThrow(
      /none\.npy: cannot read: no such file/,
    );
  });

  test("no strings", () => {
    expect(() => encodeNpy(new Tensor("string", ["a"], [1]))).toThrow(UsageError);
  });
});

describe("malformed files", () => {
  const header = (descr: string, rest = "'fortran_order': False, 'shape': (2,), ") =>
    `{'descr': ${descr}, ${rest}}`;

  test.each([
    ["not .npy at all", Buffer.from("PK\x03\x04 a zip file"), "x.npy: is not a .npy file"],
    ["an unknown version", file(header("'<f4'"), [], 9), "version 9"],
    ["a structured type", file(header("[('a', '<f4')]")), "structured"],
    ["text", file(header("'<U5'")), '.npy type "<U5": expected one of f4, '],
    ["complex numbers", file(header("'<c8'")), '"<c8"'],
    ["no descr", file("{'fortran_order': False, 'shape': (2,)}"), "no descr"],
    ["no order", file(header("'<f4'", "'shape': (2,)")), "no fortran_order"],
    ["no shape", file(header("'<f4'", "'fortran_order': False")), "no usable shape"],
    ["a shape of words", file(header("'<f4'", "'fortran_order': False, 'shape': (a,)")), "no usable shape"],
    ["a negative shape", file(header("'<f4'", "'fortran_order': False, 'shape': (-2,)")), "no usable shape"],
    [
      "a giant shape",
      file(header("'<f4'", "'fortran_order': False, 'shape': (99999999, 99999999, 9)")),
      "too large",
    ],
    [
      "too little data",
      file(header("'<f4'"), [1, 2, 3]),
      "shape (2) of float32 needs 8 bytes, the file has 3 (truncated?)",
    ],
    ["too much data", file(header("'<f4'"), Array(9).fill(0)), "needs 8 bytes, the file has 9"],
  ])("%s", (_, bytes, message) => {
    expect(() => decodeNpy(bytes, "x.npy")).toThrow(ResourceError);
    expect(() => decodeNpy(bytes, "x.npy")).toThrow(message);
  });

  test("a file cut anywhere", () => {
    const whole = bytesOf(version1);
    for (let size = 0; size < whole.length; size++) {
      expect(() => decodeNpy(whole.subarray(0, size))).toThrow(ResourceError);
    }
  });
});
