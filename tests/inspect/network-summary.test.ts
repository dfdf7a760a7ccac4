import { describe, expect, test } from "vitest";
import { lenet5, lenet5Of1998 } from "../../models/lenet5.ts";
import { resnet20 } from "../../models/resnet20.ts";
import { MemoryError, UsageError } from "../../src/errors.ts";
import { summarizeNetwork } from "../../src/inspect/network-summary.ts";
import type { FieldAxis } from "../../src/inspect/receptive-field.ts";
import {
  add,
  averagePool2d,
  batchNorm,
  chain,
  concat,
  conv2d,
  convTranspose2d,
  dense,
  flatten,
  globalAveragePool2d,
  type Layer,
  maxPool2d,
  network,
  relu,
  separableConv2d,
  sequential,
  subsample2d,
  type Value,
  zeroPad,
} from "../../src/nn/index.ts";
import { tensorData } from "../../src/tensor.ts";
import { run } from "../nn/run-network.ts";

const layerOf = (summary: ReturnType<typeof summarizeNetwork>, name: string) =>
  summary.layers.find((layer) => layer.name === name);

describe("parameters of a network", () => {
  test("a partially connected convolution has the kernels that are there", () => {
    const summary = summarizeNetwork(lenet5Of1998());
    const counts = ["c1", "c3", "c5", "f6"].map((name) => layerOf(summary, name)?.parameters);
    expect(counts).toEqual([156, 1516, 48120, 10164]);
    expect(summary).toMatchObject({ parameters: 60_840, trainable: 60_000, fixed: 840 });
  });

  test("running statistics are fixed", () => {
    const summary = summarizeNetwork(resnet20());
    expect(layerOf(summary, "stem.norm")).toMatchObject({ parameters: 64, trainable: 32 });
    const statistics = 2 * (7 * 16 + 6 * 32 + 6 * 64);
    expect(summary).toMatchObject({
      trainable: 269_722,
      fixed: statistics,
      parameters: 269_722 + statistics,
    });
  });

  test("frozen ones are fixed", () => {
    const { graph, trainable } = lenet5();
    const head = new Set([...trainable].filter((name) => name.startsWith("output.")));
    expect(summarizeNetwork({ graph, trainable: head })).toMatchObject({
      parameters: 61_706,
      trainable: 850,
      fixed: 60_856,
    });
  });

  test("need not be made to be counted: an MLP on 512×512×3", () => {
    const units = 512 * 512 * 3;
    const wide = sequential({ input: [units], weights: "counted" }, [
      dense({ units, name: "hidden" }),
      relu(),
    ]);
    expect(summarizeNetwork(wide)).toMatchObject({
      parameters: units * units + units,
      trainable: units * units + units,
      fixed: 0,
      macs: units * units,
    });
    expect(() => sequential({ input: [units] }, [dense({ units })])).toThrow(MemoryError);
  });

  test("are the same, counted or made", () => {
    const build = (weights: "made" | "counted") =>
      summarizeNetwork(
        sequential({ input: [3, 16, 16], weights }, [
          conv2d({ filters: 8, kernelSize: 3, padding: "same" }),
          batchNorm(),
          relu(),
          separableConv2d({ filters: 4, kernelSize: 3, stride: 2 }),
          globalAveragePool2d(),
          flatten(),
          dense({ units: 5 }),
        ]),
      );
    const [made, counted] = [build("made"), build("counted")];
    expect({ ...counted, facts: undefined }).toEqual({ ...made, facts: undefined });
  });

  test("multiply-accumulates and dims are those of the batch", () => {
    const [one, three] = [summarizeNetwork(lenet5()), summarizeNetwork(lenet5(), 3)];
    const macs = 784 * 6 * 25 + 100 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10;
    expect(one.macs).toBe(macs);
    expect(three.macs).toBe(3 * macs);
    expect(layerOf(three, "s4")?.output).toEqual([3, 16, 5, 5]);
    expect(() => summarizeNetwork(lenet5(), 0)).toThrow(UsageError);
  });
});

const SIZE = 23;
const build = (layer: Layer) => network({ input: [1, SIZE, SIZE] }, layer);
const conv = (kernelSize: number, more: object = {}): Layer =>
  conv2d({
    filters: 1,
    kernelSize,
    bias: false,
    weightInitializer: ({ dims }) => new Float32Array(dims.reduce((a, b) => a * b)).fill(1),
    ...more,
  });

/** Which pixels change the middle element of the last value, by moving each of them: rows and columns. */
function seen(layer: Layer): { at: number; low: number; high: number } {
  const made = build(layer);
  const output = (pixel: number): Float32Array => {
    const image = new Float32Array(SIZE * SIZE).fill(1);
    if (pixel >= 0) image[pixel] = 100;
    return [...run(made.graph, tensorData("float32", [1, 1, SIZE, SIZE], image)).values()][0]
      ?.data as Float32Array;
  };
  const still = output(-1);
  const width = Math.sqrt(still.length);
  const at = Math.floor(width / 2);
  const rows = Array.from({ length: SIZE * SIZE }, (_, pixel) => pixel)
    .filter((pixel) => output(pixel)[at * width + at] !== still[at * width + at])
    .map((pixel) => Math.floor(pixel / SIZE));
  return { at, low: Math.min(...rows), high: Math.max(...rows) };
}

describe("receptive fields", () => {
  const regular: [what: string, layer: Layer, field: FieldAxis][] = [
    ["a convolution", conv(3, { padding: 1 }), { size: 3, stride: 1, start: -1 }],
    ["a dilated one", conv(3, { dilation: 3 }), { size: 7, stride: 1, start: 0 }],
    [
      "a strided one behind a pool",
      chain([averagePool2d({ kernelSize: 2 }), conv(3, { stride: 2, padding: 1 })]),
      { size: 6, stride: 4, start: -2 },
    ],
    ["same padding", conv(4, { padding: "same" }), { size: 4, stride: 1, start: -1 }],
    [
      "rows and columns left out",
      chain([conv(3), subsample2d({ stride: 3 }), conv(2)]),
      { size: 6, stride: 3, start: 0 },
    ],
    ["zeros around", chain([zeroPad({ height: 2, width: 2 }), conv(3)]), { size: 3, stride: 1, start: -2 }],
    [
      "branches",
      (x: Value) => add([conv(5, { padding: 2 })(x), conv(3, { padding: 1 })(x), relu()(x)]),
      { size: 5, stride: 1, start: -2 },
    ],
    [
      "uneven branches",
      (x: Value) => add([conv(5)(x), conv(5, { padding: [0, 0, 0, 0] })(relu()(x))]),
      { size: 5, stride: 1, start: 0 },
    ],
  ];
  test.each(regular)("%s", (_, layer, field) => {
    const { layers } = summarizeNetwork(build(layer));
    expect(layers.at(-1)?.receptiveField).toEqual([field, field]);
    const { at, low, high } = seen(layer);
    expect([low, high]).toEqual([
      field.start + at * field.stride,
      field.start + at * field.stride + field.size - 1,
    ]);
  });

  test("of LeNet-5 and ResNet-20", () => {
    const fields = (summary: ReturnType<typeof summarizeNetwork>, names: readonly string[]) =>
      names.map((name) => layerOf(summary, name)?.receptiveField?.[0]?.size);
    expect(fields(summarizeNetwork(lenet5()), ["c1", "s2", "c3", "s4", "c5"])).toEqual([
      5,
      6,
      14,
      16,
      undefined,
    ]);
    const stages = ["stage1.block3", "stage2.block3", "stage3.block3"];
    expect(fields(summarizeNetwork(resnet20()), stages)).toEqual([15, 37, 81]);
  });

  test("where it is everything or not regular there is none", () => {
    const last = (layer: Layer) => summarizeNetwork(build(layer)).layers.at(-1)?.receptiveField;
    expect(last(globalAveragePool2d())).toBeUndefined();
    expect(last(convTranspose2d({ filters: 1, kernelSize: 2, stride: 2 }))).toBeUndefined();
    const mixed = (x: Value) =>
      concat([maxPool2d({ kernelSize: 2, stride: 1, padding: [0, 0, 1, 1] })(x), x]);
    expect(last(mixed)).toEqual([
      { size: 2, stride: 1, start: 0 },
      { size: 2, stride: 1, start: 0 },
    ]);
  });
});
