import type { TensorData } from "../../src/tensor.ts";
import { type ModelSpec, type NodeSpec, node } from "../support/onnx-model.ts";
import { type Random, random } from "../support/random.ts";

/** One step of the outputs' scale: where a rounding tie falls the other way, a few steps may follow from it. */
export const OUTPUT_SCALE = 0.0467;

export interface QuantizedGraph {
  readonly spec: ModelSpec;
  readonly feeds: Readonly<Record<string, TensorData>>;
}

interface Value {
  readonly name: string;
  readonly dims: readonly number[];
}

/** A quantised network as quantisers write it (QuantizeLinear and DequantizeLinear around every operator). */
export function quantizedGraph(seed: number): QuantizedGraph {
  const draw = random(seed);
  const nodes: NodeSpec[] = [];
  const initializers: Record<string, TensorData> = {};
  const values: Value[] = [];
  const signed = draw.chance(0.5);
  let count = 0;

  const constant = (tensor: TensorData): string => {
    const name = `c${count++}`;
    initializers[name] = tensor;
    return name;
  };
  const emit = (op: string, inputs: readonly string[], attributes = {}): string => {
    const name = `v${count++}`;
    nodes.push(node(op, inputs, [name], attributes));
    return name;
  };
  const scalar = (value: number): string =>
    constant({ dtype: "float32", dims: [], data: Float32Array.of(value) });
  const zero = (): string => {
    const value = draw.chance(0.3) ? 0 : draw.whole(-20, 20);
    return signed
      ? constant({ dtype: "int8", dims: [], data: Int8Array.of(value) })
      : constant({ dtype: "uint8", dims: [], data: Uint8Array.of(128 + value) });
  };
  /** Quantises and dequantises a value, and makes it one that others may read. Round scales would give ties. */
  const settle = (from: string, dims: readonly number[], scale = 0.02 + 0.03 * draw.next()): Value => {
    const parameters = [scalar(scale), zero()];
    const real = emit("DequantizeLinear", [emit("QuantizeLinear", [from, ...parameters]), ...parameters]);
    const value = { name: real, dims };
    values.push(value);
    return value;
  };
  const weights = (dims: readonly number[], perChannel: boolean): string => {
    const channels = dims[0] as number;
    const fan = dims.slice(1).reduce((a, b) => a * b, 1);
    const limit = 0.02 / Math.sqrt(fan);
    const scales = draw.tensor("float32", perChannel ? [channels] : [], limit / 2, limit);
    const zeros: TensorData = perChannel
      ? { dtype: "int8", dims: [channels], data: new Int8Array(channels) }
      : { dtype: "int8", dims: [], data: new Int8Array(1) };
    const inputs = [draw.tensor("int8", dims, -127, 127), scales, zeros].map(constant);
    return emit("DequantizeLinear", inputs, perChannel ? { axis: 0 } : {});
  };

  const conv = (x: Value): void => {
    const [n, c, h, w] = x.dims as [number, number, number, number];
    const depthwise = draw.chance(0.3);
    const outC = depthwise ? c : draw.pick([1, 3, 4, 8, 13, 16]);
    const size = draw.pick([1, 3, 3]);
    const stride = draw.pick([1, 1, 2]);
    const pad = (size - 1) >> 1;
    const weight = weights([outC, depthwise ? 1 : c, size, size], draw.chance(0.6));
    const inputs = draw.chance(0.7)
      ? [x.name, weight, constant(draw.tensor("float32", [outC], -0.3, 0.3))]
      : [x.name, weight];
    const attributes = {
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
      ...(depthwise && { group: c }),
    };
    let y = emit("Conv", inputs, attributes);
    if (draw.chance(0.5)) y = activate(y);
    const [outH, outW] = [h, w].map((dim) => Math.floor((dim + 2 * pad - size) / stride) + 1) as [
      number,
      number,
    ];
    settle(y, [n, outC, outH, outW]);
  };
  const activate = (x: string): string =>
    draw.pick([
      () => emit("Relu", [x]),
      () => emit("Clip", [x, scalar(0), scalar(1)]),
      () => emit("Sigmoid", [x]),
      () => emit("LeakyRelu", [x]),
    ])();
  const same = (x: Value): Value => draw.pick(values.filter(({ dims }) => dims.join() === x.dims.join()));
  const layers: ((x: Value) => void)[] = [
    conv,
    conv,
    conv,
    (x) => settle(emit("Add", [x.name, same(x).name]), x.dims),
    (x) => settle(emit("Mul", [x.name, same(x).name]), x.dims),
    (x) => settle(activate(x.name), x.dims),
    (x) => {
      const other = draw.pick(
        values.filter(({ dims }) => dims.every((dim, i) => i === 1 || dim === x.dims[i])),
      );
      const dims = x.dims.map((dim, i) => (i === 1 ? dim + (other.dims[1] as number) : dim));
      settle(emit("Concat", [x.name, other.name], { axis: 1 }), dims);
    },
    (x) => {
      const [n, c, h, w] = x.dims as [number, number, number, number];
      const op = draw.pick(["MaxPool", "AveragePool"]);
      if (h > 1 && w > 1)
        settle(emit(op, [x.name], { kernel_shape: [2, 2], strides: [1, 1] }), [n, c, h - 1, w - 1]);
    },
  ];

  const dims = [draw.pick([1, 1, 2]), draw.pick([1, 3, 4, 8]), draw.whole(3, 8), draw.whole(3, 9)];
  settle("x", dims);
  for (let i = draw.whole(2, 7); i > 0; i--) draw.pick(layers)(draw.pick(values.slice(-3)));
  const last = values.at(-1) as Value;
  const outputs = [settle(last.name, last.dims, OUTPUT_SCALE).name];
  outputs.push(head(draw, last, { emit, weights, settle, constant }));
  return {
    spec: { inputs: { x: { dtype: "float32", dims } }, nodes, initializers, outputs, opset: 17 },
    feeds: { x: draw.tensor("float32", dims, -2, 2) },
  };
}

interface Tools {
  emit(op: string, inputs: readonly string[], attributes?: object): string;
  weights(dims: readonly number[], perChannel: boolean): string;
  settle(from: string, dims: readonly number[], scale?: number): Value;
  constant(tensor: TensorData): string;
}

/** Pooled, flattened and classified, every stage quantised. */
function head(draw: Random, x: Value, { emit, weights, settle, constant }: Tools): string {
  const [n, c] = x.dims as [number, number];
  const pooled = settle(emit("GlobalAveragePool", [x.name]), [n, c, 1, 1]);
  const flat = settle(emit("Flatten", [pooled.name]), [n, c]);
  const classes = draw.pick([1, 5, 10]);
  const inputs = [flat.name, weights([classes, c], false), constant(draw.tensor("float32", [classes]))];
  return settle(emit("Gemm", inputs, { transB: 1 }), [n, classes], OUTPUT_SCALE).name;
}
