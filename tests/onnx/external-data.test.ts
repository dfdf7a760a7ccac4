import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { resnet20 } from "../../models/resnet20.ts";
import { UsageError } from "../../src/errors.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { InferenceSession } from "../../src/node.ts";
import { decodeModel } from "../../src/onnx/decode.ts";
import { exportModel, exportParts } from "../../src/onnx/export.ts";
import { importModel } from "../../src/onnx/import.ts";
import { lazyTensor, Tensor } from "../../src/tensor.ts";
import { exportNetworkParts } from "../../src/train/index.ts";
import { difference } from "../support/compare.ts";
import { random } from "../support/random.ts";
import { runReference } from "../support/reference.ts";

const folder = mkdtempSync(join(tmpdir(), "lanewise-parts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bytesOf = (data: Iterable<Uint8Array>): Buffer => Buffer.concat([...data]);

describe("a model whose weights lie beside it", () => {
  const network = resnet20({ seed: 4, width: 1 / 2 });
  const { model, data } = exportNetworkParts(network, "weights.bin");

  test("is small, and its tensors begin at whole pages", () => {
    const bytes = bytesOf(data);
    expect(model.length + bytes.length).toBeGreaterThan(exportModel(network.graph).length);
    expect(model.length).toBeLessThan(40_000);
    const offsets = [...decodeModel(model).graph.initializers.values()].flatMap((tensor) =>
      tensor.kind === "external" ? [tensor.offset] : [],
    );
    expect(offsets.length).toBeGreaterThan(10);
    for (const offset of offsets) expect(offset % 4096).toBe(0);
  });

  test("is the same graph again", () => {
    const external = new Map([["weights.bin", new Uint8Array(bytesOf(data))]]);
    const { graph } = importModel(decodeModel(model), external);
    const plain = importModel(decodeModel(exportModel(network.graph))).graph;
    expect(graph.nodes).toEqual(plain.nodes);
    for (const [name, { data }] of plain.facts)
      if (data !== undefined) expect(graph.facts.get(name)?.data?.data, name).toEqual(data.data);
  });

  test("runs from its folder, here and in onnxruntime", async () => {
    const path = join(folder, "model.onnx");
    writeFileSync(path, model);
    writeFileSync(join(folder, "weights.bin"), bytesOf(data));
    const x = random(2).tensor("float32", [2, 3, 32, 32]);
    const session = await InferenceSession.create(path);
    const [output] = session.outputNames as [string];
    const results = await session.run({ x: new Tensor("float32", x.data as Float32Array, x.dims) });
    session.release();
    const expected = await runReference(path, { x });
    expect(difference(results[output] as Tensor, expected[output] as never)).toBeUndefined();
  });

  test("cannot lie in another folder", () => {
    expect(() => exportParts(network.graph, "../weights.bin")).toThrow(UsageError);
    expect(() => exportNetworkParts(network, "")).toThrow(UsageError);
  });
});

test("more than 2 GB are refused in one file, and written piece by piece beside it", () => {
  const large = lazyTensor("float32", [2 ** 29], () => {
    throw new Error("made though nobody asked for it");
  });
  const fact = { dtype: "float32", dims: large.dims, data: large } as const;
  const graph: Graph = {
    name: "large",
    inputs: [],
    outputs: ["w"],
    nodes: [],
    facts: new Map([["w", fact]]),
  };
  expect(() => exportModel(graph)).toThrow(/2147483648 bytes.*exportNetworkParts/);
  expect(exportParts(graph, "w.bin").model.length).toBeLessThan(200);
});
