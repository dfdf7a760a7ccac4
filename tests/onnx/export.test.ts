import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { finish } from "../../src/interruptible.ts";
import { graphBuilder } from "../../src/nn/build.ts";
import { decodeModel } from "../../src/onnx/decode.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { importModel } from "../../src/onnx/import.ts";
import { optimizing } from "../../src/passes/pipeline.ts";
import { InferenceSession } from "../../src/session.ts";
import { Tensor, type TensorData, tensorData } from "../../src/tensor.ts";
import { difference } from "../support/compare.ts";
import { dataPath } from "../support/data.ts";
import { random } from "../support/random.ts";
import { runReference } from "../support/reference.ts";

const reimport = (graph: Graph): Graph => importModel(decodeModel(exportModel(graph))).graph;

/** Every kind of attribute that vision networks use, a subgraph with a captured value, symbols, all sorts of constants. */
function sampleGraph(): Graph {
  const { input, constant, node, output, finish } = graphBuilder({ name: "sample", opset: 17 });
  const x = input("x", "float32", ["batch", 4, "height", 6]);
  const weight = constant("weight", random(3).tensor("float32", [4, 1, 3, 3]));
  const conv = node("Conv", [x, weight], {
    group: 4,
    pads: [1, 1, 1, 1],
    strides: [1, 2],
    autoPad: "NOTSET",
  });
  const activated = node("LeakyRelu", [conv], { alpha: 0.125 });
  const filler = node(
    "ConstantOfShape",
    [constant("shape", tensorData("int64", [1], BigInt64Array.of(1n)))],
    {
      value: tensorData("float32", [1], Float32Array.of(0.5)),
    },
  );
  const flag = constant("flag", tensorData("bool", [], Uint8Array.of(1)));
  // Importing gives a subgraph's outputs the types that the file declares.
  const result = { dtype: "float32", dims: ["batch", 4, "height", 3] } as const;
  const branch = (name: string, op: string): Graph => ({
    name,
    inputs: [],
    outputs: [name],
    nodes: [
      {
        name: `${name}_node`,
        op,
        domain: "",
        opset: 17,
        attributes: {},
        inputs: [activated, filler],
        outputs: [name],
      },
    ],
    facts: new Map([[name, result]]),
  });
  const chosen = node("If", [flag], { thenBranch: branch("then", "Max"), elseBranch: branch("else", "Min") });
  output(node("Transpose", [chosen], { perm: [0, 2, 3, 1] }, { outputs: ["y"] }));
  return finish();
}

describe("exportModel", () => {
  test("what it writes, the importer reads back the same", () => {
    const graph = sampleGraph();
    expect(reimport(graph)).toEqual(graph);
    expect(exportModel(graph)).toEqual(exportModel(reimport(graph)));
  });

  test("constants of every dtype, scalars and empty tensors", () => {
    const { constant, node, output, finish } = graphBuilder({ name: "constants", opset: 13 });
    const tensors = [
      tensorData("float32", [2], Float32Array.of(-0, Number.NaN)),
      tensorData("float64", [1], Float64Array.of(Math.PI)),
      tensorData("float16", [2], Uint16Array.of(0x3c00, 0xfc00)),
      tensorData("int8", [1], Int8Array.of(-128)),
      tensorData("uint8", [1], Uint8Array.of(255)),
      tensorData("int16", [1], Int16Array.of(-3)),
      tensorData("uint16", [1], Uint16Array.of(65535)),
      tensorData("int32", [], Int32Array.of(-7)),
      tensorData("uint32", [1], Uint32Array.of(2 ** 32 - 1)),
      tensorData("int64", [2], BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n)),
      tensorData("uint64", [1], BigUint64Array.of(2n ** 64n - 1n)),
      tensorData("bool", [2], Uint8Array.of(1, 0)),
      tensorData("string", [2], ["grün", ""]),
      tensorData("float32", [0, 3], new Float32Array()),
    ];
    tensors.forEach((tensor, i) => {
      output(node("Identity", [constant(`c${i}`, tensor)]));
    });
    const graph = finish();
    expect(reimport(graph)).toEqual(graph);
  });

  test("onnxruntime runs the file and agrees", async () => {
    const bytes = exportModel(sampleGraph());
    const dims = [2, 4, 5, 6];
    const data = random(11).tensor("float32", dims).data;
    const reference = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const { y: expected } = await reference.run({ x: new ort.Tensor("float32", data, dims) });
    using session = await InferenceSession.create(bytes);
    const { y } = await session.run({ x: new Tensor("float32", data, dims) });
    expect(y?.dims).toEqual(expected?.dims);
    const wanted = expected?.data as Float32Array;
    const numbers = y?.data as Float32Array;
    wanted.forEach((value, i) => {
      expect(numbers[i]).toBeCloseTo(value, 5);
    });
  });

  test("onnxruntime knows the attributes of Gemm", async () => {
    const { input, constant, node, output, finish } = graphBuilder({ name: "product", opset: 21 });
    const [a, b] = [input("a", "float32", [3, 2]), constant("b", random(4).tensor("float32", [5, 3]))];
    output(node("Gemm", [a, b], { transA: 1, transB: 1, alpha: 0.5 }, { outputs: ["y"] }));
    const bytes = exportModel(finish());
    const feeds = { a: random(5).tensor("float32", [3, 2]) };
    using session = await InferenceSession.create(bytes);
    const { y } = await session.run({ a: new Tensor("float32", feeds.a.data, feeds.a.dims) });
    expect(difference(y as Tensor, (await runReference(bytes, feeds)).y as TensorData)).toBeUndefined();
  });

  test("optimised graphs are no ONNX", () => {
    expect(() => exportModel(finish(optimizing(sampleGraph(), "all")))).toThrow(UsageError);
  });

  test("pretrained models come back the same", (context) => {
    const models = dataPath(context, "models");
    for (const name of readdirSync(models)) {
      const { graph } = importModel(decodeModel(readFileSync(join(models, name, "model.onnx"))));
      expect(reimport(graph).nodes, name).toEqual(graph.nodes);
      expect(
        reimport(graph).inputs.map((input) => graph.facts.get(input)),
        name,
      ).toEqual(graph.inputs.map((input) => graph.facts.get(input)));
    }
  });
});
