import { onnx } from "onnx-proto";

/** Numbers in [-1, 1) that a seed fixes: mulberry32. */
export function randomFloats(count: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

export const SMALL_MODEL_DIMS = [1, 3, 20, 24];

const { DataType } = onnx.TensorProto;
const { AttributeType } = onnx.AttributeProto;

const weights = (name: string, dims: number[], seed: number): onnx.ITensorProto => {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return { name, dims, dataType: DataType.FLOAT, rawData: new Uint8Array(randomFloats(count, seed).buffer) };
};

const ints = (name: string, values: number[]): onnx.IAttributeProto => ({ name, type: AttributeType.INTS, ints: values });
const int = (name: string, value: number): onnx.IAttributeProto => ({ name, type: AttributeType.INT, i: value });

const value = (name: string, dims: number[]): onnx.IValueInfoProto => ({
  name,
  type: { tensorType: { elemType: DataType.FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
});

/** A network of a dense, a depthwise and a pointwise Conv, a pool and a Gemm, `x` → `y` [1, 10], as ONNX bytes. */
export function smallModel(): Uint8Array {
  const node = (opType: string, input: string[], output: string, attribute: onnx.IAttributeProto[] = []): onnx.INodeProto => ({
    name: output,
    opType,
    input,
    output: [output],
    attribute,
  });
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name: "small",
      input: [value("x", SMALL_MODEL_DIMS)],
      output: [value("y", [1, 10])],
      initializer: [
        weights("w0", [8, 3, 3, 3], 1),
        weights("b0", [8], 2),
        weights("w1", [8, 1, 3, 3], 3),
        weights("w2", [12, 8, 1, 1], 4),
        weights("w3", [12, 10], 5),
      ],
      node: [
        node("Conv", ["x", "w0", "b0"], "c0", [ints("pads", [1, 1, 1, 1]), ints("strides", [2, 2])]),
        node("Relu", ["c0"], "r0"),
        node("Conv", ["r0", "w1"], "c1", [ints("pads", [1, 1, 1, 1]), int("group", 8)]),
        node("Sigmoid", ["c1"], "s1"),
        node("Conv", ["s1", "w2"], "c2"),
        node("GlobalAveragePool", ["c2"], "p2"),
        node("Flatten", ["p2"], "f2"),
        node("Gemm", ["f2", "w3"], "y"),
      ],
    },
  });
  return onnx.ModelProto.encode(model).finish();
}
