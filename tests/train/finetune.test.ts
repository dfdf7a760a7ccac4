import { InferenceSession as OrtSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import {
  add,
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  maxPool2d,
  network,
  relu,
  sequential,
} from "../../src/nn/index.ts";
import type { Network } from "../../src/nn/network.ts";
import { decodeModel } from "../../src/onnx/decode.ts";
import { exportModel } from "../../src/onnx/export.ts";
import { importModel } from "../../src/onnx/import.ts";
import { InferenceSession } from "../../src/session.ts";
import { Tensor } from "../../src/tensor.ts";
import { batches, type Dataset } from "../../src/train/data/dataset.ts";
import { digits } from "../../src/train/data/digits.ts";
import {
  cutNetwork,
  denseHead,
  featuresOf,
  join,
  opsetOf,
  outputDims,
  pooling,
  tailNetwork,
} from "../../src/train/finetune.ts";
import { forwardOf } from "../../src/train/forward.ts";
import { softmaxCrossEntropy } from "../../src/train/losses.ts";
import { accuracy } from "../../src/train/metrics.ts";
import { exportNetwork, freeze, networkFromModel, unfreeze } from "../../src/train/model-network.ts";
import { sgd } from "../../src/train/optimizers.ts";
import { compile } from "../../src/train/trainer.ts";
import { difference } from "../support/compare.ts";
import { model, node } from "../support/onnx-model.ts";
import { random } from "../support/random.ts";
import { smallModel } from "../support/small-model.ts";

/** A feature extractor for 16×16 grey pictures, at an opset that is not the builder's own. */
const backbone = (): Uint8Array =>
  exportModel(
    sequential({ input: [1, 16, 16], name: "backbone", seed: 3, opset: 13 }, [
      conv2d({ name: "first", filters: 8, kernelSize: 3, padding: 1 }),
      relu({ name: "rectified" }),
      maxPool2d({ name: "pooled", kernelSize: 2 }),
      conv2d({ name: "second", filters: 16, kernelSize: 3, padding: 1 }),
      relu({ name: "features" }),
    ]).graph,
  );

const data = (count: number, seed: number): Dataset => digits({ count, seed, size: 16 });

describe("a network from an ONNX model", () => {
  test("trains what Conv and Gemm read as weights, with an open batch", () => {
    const { graph, trainable } = networkFromModel(smallModel());
    expect([...trainable]).toEqual(["dense", "bias", "depthwise", "pointwise", "classes"]);
    expect(graph.facts.get("x")?.dims).toEqual(["N", 3, 20, 24]);
  });

  test("keeps a batch that a node fixes", async () => {
    const { tensor } = random(2);
    const bytes = model({
      inputs: { x: { dtype: "float32", dims: [1, 1, 16, 16] } },
      outputs: { y: { dtype: "float32", dims: [1, 256] } },
      initializers: {
        w: tensor("float32", [1, 1, 1, 1]),
        shape: { dtype: "int64", dims: [2], data: BigInt64Array.of(1n, 256n) },
      },
      nodes: [node("Conv", ["x", "w"], ["c"]), node("Reshape", ["c", "shape"], ["y"])],
    });
    const network = networkFromModel(bytes);
    expect(network.graph.facts.get("x")?.dims).toEqual([1, 1, 16, 16]);
    const cut = cutNetwork(network.graph, "y");
    const features = await featuresOf(cut, data(5, 1));
    expect([features.length, features.inputDims]).toEqual([5, [256]]);
  });

  test("takes several inputs and open sizes, which training refuses", async () => {
    const refused = (network: Network) =>
      compile(network, { optimizer: sgd({ learningRate: 0.1 }), loss: softmaxCrossEntropy() });
    const two = model({
      inputs: { a: { dtype: "float32", dims: [1, 2] }, b: { dtype: "float32", dims: [1, 2] } },
      outputs: { y: { dtype: "float32", dims: [1, 2] } },
      nodes: [node("Add", ["a", "b"], ["y"])],
    });
    await expect(refused(networkFromModel(two))).rejects.toThrow(/one input, not 2: a, b/);
    expect(() => networkFromModel(two, { inputDims: [2] })).toThrow(/takes one float32 tensor/);
    const open = exportModel(
      sequential({ input: [1, "h", "w"] }, [conv2d({ filters: 2, kernelSize: 3 })]).graph,
    );
    await expect(refused(networkFromModel(open))).rejects.toThrow(/leaves it open \(\[N,1,h,w\]\)/);
    const sized = networkFromModel(open, { inputDims: [1, 8, 8] });
    expect(sized.graph.facts.get("x")?.dims).toEqual(["N", 1, 8, 8]);
    expect(() => networkFromModel(open, { inputDims: [8, 8] })).toThrow(/do not fit/);
    expect(() => networkFromModel(Uint8Array.of(1, 2, 3))).toThrow();
  });

  test("opens a convolutional model of fixed size at another", async () => {
    const layers = [conv2d({ filters: 2, kernelSize: 3 }), globalAveragePool2d(), flatten()];
    const fixed = exportNetwork(sequential({ input: [1, 8, 8], seed: 1 }, layers));
    const larger = networkFromModel(fixed, { inputDims: [1, 12, 9] });
    const session = await InferenceSession.create(exportNetwork(larger));
    const x = new Tensor("float32", new Float32Array(108).fill(0.5), [1, 1, 12, 9]);
    const y = (await session.run({ x })).flatten as Tensor;
    // A constant picture has the same mean at every size.
    const small = await InferenceSession.create(fixed);
    const same = new Tensor("float32", new Float32Array(64).fill(0.5), [1, 1, 8, 8]);
    const expected = (await small.run({ x: same })).flatten as Tensor;
    y.data.forEach((value, i) => {
      expect(value).toBeCloseTo(Number(expected.data[i]), 6);
    });
    const head = exportNetwork(sequential({ input: [1, 8, 8] }, [flatten(), dense({ units: 3 })]));
    expect(() => networkFromModel(head, { inputDims: [1, 9, 9] })).toThrow(
      /takes \[N,1,8,8\]; with samples of \[1,9,9\] it cannot run: .*Gemm/,
    );
  });

  test("freezes and unfreezes by name and by function", () => {
    const network = networkFromModel(smallModel());
    const frozen = freeze(network, ["dense", "bias"]);
    expect([...frozen.trainable]).toEqual(["depthwise", "pointwise", "classes"]);
    const none = freeze(network, () => true);
    expect(none.trainable.size).toBe(0);
    expect([...unfreeze(none, (name) => name.endsWith("wise")).trainable]).toEqual([
      "depthwise",
      "pointwise",
    ]);
    expect([...unfreeze(none, ["classes"]).trainable]).toEqual(["classes"]);
    expect(() => freeze(network, ["dens"])).toThrow(/"dens" is not a trainable weight/);
    expect(() => unfreeze(network, ["y"])).toThrow(/"y" is not a float32 constant/);
  });
});

describe("cutting", () => {
  test("keeps what the value needs", () => {
    const { graph } = cutNetwork(networkFromModel(smallModel()).graph, "s1");
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Conv", "Relu", "Conv", "Sigmoid"]);
    expect([...graph.facts.keys()]).not.toContain("classes");
  });

  test.each([
    ["nowhere", /"nowhere" is not there; the last ones are/],
    ["x", /"x" is the input itself/],
    ["bias", /"bias" is a constant/],
  ])("refuses %s", (value, message) => {
    expect(() => cutNetwork(networkFromModel(smallModel()).graph, value)).toThrow(message);
  });
});

test("joining gives other names to values that are called alike, and refuses dims that differ", () => {
  const twice = sequential({ input: [1, 8, 8] }, [
    conv2d({ name: "c", filters: 1, kernelSize: 3, padding: 1 }),
  ]);
  const joined = join(twice, twice);
  expect(joined.graph.outputs).toEqual(["c_1"]);
  expect([...joined.trainable]).toEqual(["c.weight", "c.bias", "c.weight_1", "c.bias_1"]);
  expect(() => importModel(decodeModel(exportNetwork(joined)))).not.toThrow();
  expect(() => join(twice, denseHead(10, { classes: 2 }))).toThrow(/gives \[1,8,8\], head takes \[10\]/);
});

test("cached features are what the network gives, and too many are refused beforehand", async () => {
  const cut = cutNetwork(networkFromModel(backbone()).graph, "features");
  const set = data(7, 5);
  const features = await featuresOf(cut, set, { batchSize: 3 });
  expect([features.length, features.inputDims, features.classes]).toEqual([7, [16, 8, 8], 10]);
  const forward = forwardOf(cut, undefined, "plain");
  for await (const own of batches(set, { batchSize: 7 }))
    for await (const cached of batches(features, { batchSize: 7 })) {
      const expected = forward.run({ dtype: "float32", dims: [7, 1, 16, 16], data: own.x as never }).output;
      expect(difference({ ...expected, data: cached.x as never }, expected)).toBeUndefined();
      expect(cached.y).toEqual(own.y);
    }
  forward.release();
  await expect(featuresOf(cut, set, { maxBytes: 1000 })).rejects.toThrow(
    /7 samples of \[16,8,8\] need 1 MB, 0 MB are allowed/,
  );
});

test("a new head learns on frozen features; the whole exports to the same outputs", {
  timeout: 30_000,
}, async () => {
  const cut = cutNetwork(networkFromModel(backbone()).graph, "features");
  const opset = opsetOf(cut.graph);
  expect(opset).toBe(13);
  const frozen = join(cut, pooling(outputDims(cut), opset));
  const train = await featuresOf(frozen, data(400, 1));
  const head = denseHead(16, { classes: 10, hidden: [32], opset });
  const trainer = await compile(head, {
    optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }),
    loss: softmaxCrossEntropy(),
    metrics: [accuracy()],
  });
  const history = await trainer.fit(train, { epochs: 100, batchSize: 32 });
  const losses = history.map(({ training }) => training.loss);
  expect(losses[0]).toBeGreaterThan(2);
  expect(losses.at(-1)).toBeLessThan(1.7);

  const trained = join(frozen, trainer.network());
  for (const [name, fact] of cut.graph.facts)
    if (fact.data) expect(trained.graph.facts.get(name)?.data).toBe(fact.data);
  const bytes = exportNetwork(trained);
  const x = random(9).tensor("float32", [3, 1, 16, 16]);
  const session = await InferenceSession.create(bytes);
  const own = await session.run({ x: new Tensor("float32", x.data, x.dims) });
  const peer = await OrtSession.create(bytes);
  const other = await peer.run({ x: new OrtTensor("float32", x.data, x.dims) });
  const name = session.outputNames[0] as string;
  const [got, wanted] = [own[name], other[name]].map((value) => ({
    dtype: "float32" as const,
    dims: value?.dims as number[],
    data: value?.data as Float32Array<ArrayBuffer>,
  }));
  expect(got?.dims).toEqual([3, 10]);
  expect(difference(got as never, wanted as never)).toBeUndefined();
  const again = forwardOf(trained, undefined, "plain");
  expect(difference(again.run(x).output, wanted as never)).toBeUndefined();
  again.release();
  trainer.release();
});

describe("a network in two parts", () => {
  const whole = networkFromModel(backbone());
  const picturesOf = (count: number) => random(4).tensor("float32", [count, 1, 16, 16], 0, 1);
  const outputOf = (network: Network, x: ReturnType<typeof picturesOf>) => {
    const forward = forwardOf(network, undefined, "plain");
    try {
      return forward.run(x).output;
    } finally {
      forward.release();
    }
  };

  test("gives joined what it gave whole, and trains what lies behind the cut", () => {
    const tail = tailNetwork(whole, "pooled", "features");
    expect([...tail.trainable]).toEqual(["second.weight", "second.bias"]);
    expect(tail.graph.inputs).toEqual(["pooled"]);
    expect(tail.graph.facts.get("pooled")?.dims).toEqual(["N", 8, 8, 8]);
    const x = picturesOf(3);
    const both = join(cutNetwork(whole.graph, "pooled"), tail);
    expect([...both.trainable]).toEqual([...tail.trainable]);
    expect(outputOf(both, x)).toEqual(outputOf(whole, x));
    const all = tailNetwork(whole, whole.graph.inputs[0] as string, "features");
    expect(all.trainable).toEqual(whole.trainable);
    expect(outputOf(all, x)).toEqual(outputOf(whole, x));
  });

  test("is refused where another way leads around the cut", () => {
    const residual = network({ input: [4, 6, 6], seed: 1 }, (x) => {
      const branch = relu({ name: "branch" })(conv2d({ filters: 4, kernelSize: 3, padding: "same" })(x));
      return relu({ name: "sum" })(add([x, branch]));
    });
    expect(() => tailNetwork(residual, "branch", "sum")).toThrow(
      /cannot go on from "branch" in network: Add "add" also reads "x", which does not come from there/,
    );
    expect(() => tailNetwork(residual, "nowhere", "sum")).toThrow(/"nowhere" is not there/);
  });
});
