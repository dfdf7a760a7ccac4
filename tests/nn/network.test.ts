import { describe, expect, test } from "vitest";
import { ShapeError, UsageError } from "../../src/errors.ts";
import {
  chain,
  conv2d,
  dense,
  flatten,
  initializers,
  type Layer,
  maxPool2d,
  type Network,
  network,
  relu,
  sequential,
} from "../../src/nn/index.ts";

const weights = ({ graph, trainable }: Network): Record<string, number[]> =>
  Object.fromEntries(
    [...trainable].map((name) => [name, Array.from(graph.facts.get(name)?.data?.data as Float32Array)]),
  );

describe("sequential", () => {
  const layers = () => [conv2d({ filters: 4, kernelSize: 3 }), relu(), flatten(), dense({ units: 3 })];

  test("is a graph with an open batch, weights among its facts", () => {
    const { graph, trainable } = sequential({ input: [2, 6, 5], name: "net", inputName: "image" }, layers());
    expect(graph).toMatchObject({ name: "net", inputs: ["image"], outputs: ["dense"] });
    expect(graph.facts.get("image")).toEqual({ dtype: "float32", dims: ["N", 2, 6, 5] });
    expect(graph.nodes.map(({ op, name }) => [op, name])).toEqual([
      ["Conv", "conv2d"],
      ["Relu", "relu"],
      ["Flatten", "flatten"],
      ["Gemm", "dense"],
    ]);
    expect([...trainable]).toEqual(["conv2d.weight", "conv2d.bias", "dense.weight", "dense.bias"]);
    expect(graph.facts.get("dense.weight")?.dims).toEqual([3, 4 * 4 * 3]);
  });

  test("the seed fixes the weights, each parameter has numbers of its own", () => {
    const made = (seed: number, more: Layer[] = []) =>
      weights(sequential({ input: [2, 6, 5], seed }, [...layers(), ...more]));
    expect(made(7)).toEqual(made(7));
    expect(made(7)["conv2d.weight"]).not.toEqual(made(8)["conv2d.weight"]);
    expect(made(7, [dense({ units: 2 })])).toMatchObject(made(7));
    const twins = weights(sequential({ input: [8] }, [dense({ units: 8 }), dense({ units: 8 })]));
    expect(twins["dense.weight"]).not.toEqual(twins["dense_1.weight"]);
  });
});

describe("initialisers", () => {
  const shape = { dims: [50, 20, 5, 5], fanIn: 500, fanOut: 1250 };
  const first = (make: () => initializers.Initializer) => {
    const { graph } = sequential({ input: [20, 5, 5] }, [
      conv2d({ name: "c", filters: 50, kernelSize: 5, weightInitializer: make() }),
    ]);
    return graph.facts.get("c.weight")?.data?.data as Float32Array;
  };
  const cases: [name: "heNormal", bound: number, deviation: number][] = [
    ["heNormal", 2, Math.sqrt(2 / shape.fanIn)],
    ["glorotNormal", 2, Math.sqrt(2 / (shape.fanIn + shape.fanOut))],
    ["heUniform", 1, Math.sqrt(6 / shape.fanIn)],
    ["glorotUniform", 1, Math.sqrt(6 / (shape.fanIn + shape.fanOut))],
    ["lecunUniform", 1, 2.4 / shape.fanIn],
  ] as never;
  test.each(cases)("%s has its spread", (name, bound, spread) => {
    const data = first(initializers[name]);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const deviation = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
    const normal = bound === 2;
    // The widest draw of a normal distribution cut off at two deviations lies beyond two of what is left.
    const limit = normal ? (2 * spread) / 0.8796256610342398 : spread;
    expect(Math.abs(mean)).toBeLessThan((4 * spread) / Math.sqrt(data.length));
    expect(deviation / (normal ? spread : spread / Math.sqrt(3))).toBeCloseTo(1, 1);
    const widest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(widest / limit).toBeGreaterThan(0.99);
    expect(widest / limit).toBeLessThanOrEqual(1 + 1e-6);
  });
});

describe("composition", () => {
  test("a chain is a layer, the empty one changes nothing", () => {
    const { graph } = network({ input: [3] }, (x) => chain([chain([]), dense({ units: 2 }), relu()])(x));
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Gemm", "Relu"]);
  });

  test("several outputs", () => {
    const { graph } = network({ input: [3] }, (x) => [
      dense({ name: "a", units: 2 })(x),
      dense({ name: "b", units: 1 })(x),
    ]);
    expect(graph.outputs).toEqual(["a", "b"]);
  });
});

describe("what is wrong is said with the layer's name", () => {
  const image = [3, 8, 8];
  const build = (layer: Layer, input: readonly (number | string)[] = image) => {
    try {
      sequential({ input }, [layer]);
    } catch (error) {
      return [(error as Error).constructor, (error as Error).message];
    }
    return "nothing was thrown";
  };
  const conv = { name: "c", filters: 4, kernelSize: 3 };
  const cases: [what: string, layer: Layer, input: readonly number[], error: unknown, message: string][] = [
    ["filters", conv2d({ ...conv, filters: 0 }), image, UsageError, 'conv2d "c": filters must be a whole'],
    ["kernel", conv2d({ ...conv, kernelSize: 2.5 }), image, UsageError, 'conv2d "c": kernelSize must'],
    ["stride", conv2d({ ...conv, stride: [1, 0] }), image, UsageError, 'conv2d "c": stride must'],
    ["padding", conv2d({ ...conv, padding: -1 }), image, UsageError, 'conv2d "c": padding must'],
    [
      "padding's word",
      conv2d({ ...conv, padding: "some" as "same" }),
      image,
      UsageError,
      '"same" or "valid"',
    ],
    ["groups", conv2d({ ...conv, groups: 2 }), image, UsageError, "do not fall into 2 groups"],
    ["too large", conv2d({ ...conv, kernelSize: 9 }), image, ShapeError, 'Conv "c"'],
    ["no image", conv2d(conv), [7], UsageError, 'conv2d "c": needs an image'],
    ["no image to pool", maxPool2d({ kernelSize: 2 }), [7], UsageError, "maxPool2d: needs an image"],
    ["no features", dense({ units: 2 }), [], UsageError, "dense: needs [N, …, features]"],
    ["rows", conv2d({ ...conv, connections: [[0]] }), image, UsageError, "1 rows for 4 filters"],
    [
      "a map that is not there",
      conv2d({ ...conv, connections: [[0], [1], [3], [2]] }),
      image,
      UsageError,
      "filter 2 must read some of the 3 maps",
    ],
  ];
  test.each(cases)("%s", (_, layer, input, error, message) => {
    expect(build(layer, input)).toEqual([error, expect.stringContaining(message)]);
  });

  test("names used twice, values of other networks, inputs", () => {
    const named = dense({ name: "d", units: 2 });
    expect(() => sequential({ input: [3] }, [named, named])).toThrow(
      'dense "d": there is a d.weight already',
    );
    sequential({ input: [3] }, [
      (x) => {
        expect(() => sequential({ input: [3] }, [() => x])).toThrow("a value of another network");
        return named(x);
      },
    ]);
    expect(() => sequential({ input: [0, 4] }, [flatten()])).toThrow(UsageError);
    expect(() => sequential({ input: [3], seed: Number.NaN }, [flatten()])).toThrow("seed");
  });
});
