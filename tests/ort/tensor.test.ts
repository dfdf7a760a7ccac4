import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/ort/index.ts";
import { IMPLEMENTATIONS, untyped } from "./implementations.ts";

const NUMERIC = [
  ["float32", Float32Array],
  ["float64", Float64Array],
  ["int8", Int8Array],
  ["uint8", Uint8Array],
  ["int16", Int16Array],
  ["uint16", Uint16Array],
  ["int32", Int32Array],
  ["uint32", Uint32Array],
] as const;
const WIDE = [
  ["int64", BigInt64Array],
  ["uint64", BigUint64Array],
] as const;

const hasFloat16Array = "Float16Array" in globalThis;

describe.each(IMPLEMENTATIONS)("Tensor of %s", (_, { Tensor }) => {
  describe("made with a type", () => {
    test.each(NUMERIC)("%s keeps its typed array", (type, array) => {
      const data = new array([1, 2, 3, 4]);
      const tensor = new Tensor(type as "float32", data as Float32Array, [2, 2]);
      expect(tensor.type).toBe(type);
      expect(tensor.data).toBe(data);
      expect(tensor.dims).toEqual([2, 2]);
      expect(tensor.location).toBe("cpu");
    });

    test.each(NUMERIC)("%s takes plain numbers", (type, array) => {
      const tensor = new Tensor(type as "float32", [1, 2, 3]);
      expect(tensor.data).toEqual(new array([1, 2, 3]));
      expect(tensor.dims).toEqual([3]);
    });

    test.each(WIDE)("%s keeps its typed array, takes bigints and plain numbers", (type, array) => {
      const data = new array([1n, 2n]);
      expect(new Tensor(type, data as BigInt64Array & BigUint64Array).data).toBe(data);
      expect(new Tensor(type, [1n, 2n]).data).toEqual(data);
      expect(new Tensor(type, [1, 2]).data).toEqual(data);
    });

    test("bool takes bytes and booleans", () => {
      expect(new Tensor("bool", Uint8Array.of(1, 0)).data).toEqual(Uint8Array.of(1, 0));
      expect(new Tensor("bool", [true, false]).data).toEqual(Uint8Array.of(1, 0));
    });

    test("string takes an array of strings, and nothing else", () => {
      expect(new Tensor("string", ["a", "b"]).data).toEqual(["a", "b"]);
      expect(() => new Tensor("string", untyped(Uint8Array.of(1)))).toThrow(TypeError);
    });

    test("uint8 takes a clamped array, others do not", () => {
      expect(new Tensor("uint8", Uint8ClampedArray.of(1, 255)).data).toEqual(Uint8Array.of(1, 255));
      expect(() => new Tensor("float32", untyped(Uint8ClampedArray.of(1)))).toThrow(TypeError);
    });

    test("float16 converts plain numbers or refuses them: they are not taken as bits", () => {
      if (hasFloat16Array)
        expect(Array.from(new Tensor("float16", [1, 2]).data as Iterable<number>)).toEqual([1, 2]);
      else expect(() => new Tensor("float16", [1, 2])).toThrow(TypeError);
    });

    test("float16 takes bits", () => {
      const { data } = new Tensor("float16", Uint16Array.of(0x3c00, 0x4000), [2]);
      expect(Array.from(new Uint16Array(data.buffer, data.byteOffset, 2))).toEqual([0x3c00, 0x4000]);
    });

    test.each(["int4", "uint4"] as const)("%s takes bytes of two, and no plain numbers", (type) => {
      expect(new Tensor(type, untyped(Uint8Array.of(0x21, 3)), [3]).dims).toEqual([3]);
      expect(() => new Tensor(type, [1, 2], [2])).toThrow(TypeError);
    });

    test("refuses a type that there is not, and data of another", () => {
      expect(() => new Tensor(untyped("float128"), [1])).toThrow(TypeError);
      expect(() => new Tensor("float32", untyped(Int32Array.of(1)))).toThrow(TypeError);
      expect(() => new Tensor("int64", untyped(Int32Array.of(1)))).toThrow(TypeError);
    });
  });

  describe("made without a type", () => {
    test.each([...NUMERIC, ...WIDE])("takes %s from the typed array", (type, array) => {
      const tensor = new Tensor(untyped(new array(2)));
      expect([tensor.type, tensor.dims]).toEqual([type, [2]]);
    });

    test("takes uint8 from a clamped array", () => {
      expect(new Tensor(Uint8ClampedArray.of(3)).type).toBe("uint8");
    });

    test("takes bool and string from arrays of them", () => {
      expect(new Tensor([true, false, true]).type).toBe("bool");
      expect(new Tensor(["a"]).type).toBe("string");
    });

    test("refuses plain numbers, an empty array, and what is no array", () => {
      expect(() => new Tensor(untyped([1, 2]))).toThrow(TypeError);
      expect(() => new Tensor(untyped([]))).toThrow(TypeError);
      expect(() => new Tensor(untyped(new DataView(new ArrayBuffer(4))))).toThrow(TypeError);
    });
  });

  describe("dims", () => {
    test("may be none, for one element", () => {
      expect(new Tensor("float32", [7], []).dims).toEqual([]);
    });

    test("may hold a zero", () => {
      expect(new Tensor("float32", [], [0, 3]).dims).toEqual([0, 3]);
    });

    test.each([
      ["not an array", "2", TypeError],
      ["a fraction", [1.5], TypeError],
      ["a string", ["2"], TypeError],
      ["negative", [-1, -2], RangeError],
      ["of another size", [3], Error],
    ])("are refused that are %s", (_, dims, error) => {
      expect(() => new Tensor("float32", [1, 2], untyped(dims))).toThrow(error);
    });
  });

  test.each(["type", "dims", "data", "location"] as const)("%s is not for writing", (name) => {
    const tensor = new Tensor("float32", [1, 2]);
    const before = tensor[name];
    try {
      Object.assign(tensor, { [name]: untyped(undefined) });
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
    // The types say so of all; accessors hold to it.
    if (name === "data" || name === "location") expect(tensor[name]).toBe(before);
  });

  test("size is the number of elements", () => {
    expect((new Tensor("float32", new Float32Array(6), [2, 3]) as unknown as { size: number }).size).toBe(6);
  });

  describe("reshape", () => {
    const tensor = new Tensor("float32", [1, 2, 3, 4, 5, 6], [2, 3]);

    test("gives the same data other dims", () => {
      const other = tensor.reshape([3, 2]);
      expect(other.dims).toEqual([3, 2]);
      expect(other.data).toBe(tensor.data);
      expect(tensor.dims).toEqual([2, 3]);
    });

    test("refuses dims of another size", () => {
      expect(() => tensor.reshape([4, 2])).toThrow(Error);
    });
  });

  describe("dispose", () => {
    test("lets go of the data, after which nothing gives it", async () => {
      const tensor = new Tensor("float32", [1, 2]);
      tensor.dispose();
      expect(tensor.location).toBe("none");
      expect(() => tensor.data).toThrow("The tensor is disposed.");
      expect(() => tensor.reshape([2, 1])).toThrow("The tensor is disposed.");
      await expect(tensor.getData()).rejects.toThrow("The tensor is disposed.");
    });

    test("may come twice", () => {
      const tensor = new Tensor("float32", [1]);
      tensor.dispose();
      expect(() => tensor.dispose()).not.toThrow();
    });
  });

  test("getData gives what data does", async () => {
    const tensor = new Tensor("int32", [1, 2]);
    expect(await tensor.getData()).toBe(tensor.data);
    expect(await tensor.getData(true)).toBe(tensor.data);
  });

  test("fromPinnedBuffer keeps the buffer, at its own location", () => {
    const data = Float32Array.of(1, 2);
    const tensor: Tensor = Tensor.fromPinnedBuffer("float32", data, [2, 1]);
    expect([tensor.location, tensor.data === data, tensor.dims]).toEqual(["cpu-pinned", true, [2, 1]]);
  });

  test("fromGpuBuffer says where its data is", () => {
    const tensor = Tensor.fromGpuBuffer(untyped({ size: 16 }), { dims: [4], dataType: "float32" });
    expect(tensor.location).toBe("gpu-buffer");
    expect(() => tensor.data).toThrow("not on CPU");
  });
});
