import { describe, expect, test } from "vitest";
import { ShapeError, TimeoutError, UsageError } from "../../src/errors.ts";
import { Tensor } from "../../src/index.ts";
import { confusionChart } from "../../src/inspect/confusion-chart.ts";
import { classScores, confusionMatrix, confusionOver } from "../../src/inspect/scores.ts";
import { conv2d, dense, flatten, relu, sequential } from "../../src/nn/index.ts";
import { accuracy, compile, digits, fromArrays, sgd, softmaxCrossEntropy } from "../../src/train/index.ts";
import { random } from "../support/random.ts";
import { elementsOf } from "../support/well-formed.ts";

// Three classes, ten samples: two of class 0 are taken for 1, one of class 2 for 0.
const LABELS = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2];
const TAKEN = [0, 0, 1, 1, 1, 1, 1, 0, 2, 2];

describe("a confusion matrix", () => {
  test("has a row a label, a column a prediction", () => {
    expect(confusionMatrix(LABELS, Int32Array.from(TAKEN))).toEqual({
      classes: 3,
      counts: [
        [2, 2, 0],
        [0, 3, 0],
        [1, 0, 2],
      ],
    });
    expect(confusionMatrix([0], [0], 2).counts).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });

  test("gives the scores that one works out by hand", () => {
    const { accuracy, classes, macro } = classScores(confusionMatrix(LABELS, TAKEN));
    expect(accuracy).toBe(0.7);
    const expected = [
      { precision: 2 / 3, recall: 1 / 2, f1: 4 / 7, support: 4 },
      { precision: 3 / 5, recall: 1, f1: 3 / 4, support: 3 },
      { precision: 1, recall: 2 / 3, f1: 4 / 5, support: 3 },
    ];
    for (const [i, one] of expected.entries())
      for (const key of ["precision", "recall", "f1", "support"] as const)
        expect(classes[i]?.[key]).toBeCloseTo(one[key], 12);
    expect(macro.precision).toBeCloseTo((2 / 3 + 3 / 5 + 1) / 3, 12);
    expect(macro.recall).toBeCloseTo((1 / 2 + 1 + 2 / 3) / 3, 12);
    expect(macro.f1).toBeCloseTo((4 / 7 + 3 / 4 + 4 / 5) / 3, 12);
  });

  test("of classes that nobody is, or is taken for", () => {
    // As scikit-learn has it: class 1 counts with 0, classes 2 and 3, which do not occur, not at all.
    const { classes, macro, accuracy } = classScores(confusionMatrix([0, 0], [0, 1], 4));
    expect(classes[1]).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
    expect(classes[3]).toEqual(classes[1]);
    expect([accuracy, macro.precision, macro.recall]).toEqual([0.5, 0.5, 0.25]);
    expect(macro.f1).toBeCloseTo(1 / 3, 12);
    expect(classScores(confusionMatrix([], [])).accuracy).toBeNaN();
  });

  test.each([
    ["lists of two lengths", [0, 1], [0], undefined, /2 labels, 1 predictions/],
    ["a label that is no class", [3], [0], 3, /a label must be .* at most 2/],
    ["a prediction that is no class", [0], [0.5], 3, /a prediction/],
    ["what are no numbers", [2n as never], [0], undefined, /labels: number 0 must be a number/],
    ["a label below 0", [-1], [0], undefined, /a label/],
  ])("is not made of %s", (_, labels, predictions, classes, message) => {
    expect(() => confusionMatrix(labels, predictions, classes)).toThrow(UsageError);
    expect(() => confusionMatrix(labels, predictions, classes)).toThrow(message);
  });
});

describe("over a data set", () => {
  const classifier = () =>
    sequential({ input: [1, 28, 28], seed: 1 }, [
      conv2d({ filters: 4, kernelSize: 5, stride: 3 }),
      relu(),
      flatten(),
      dense({ units: 10 }),
    ]);

  test("is what predictions one by one give, of network and trainer", async () => {
    const data = digits({ count: 150, seed: 3 });
    const trainer = await compile(classifier(), {
      loss: softmaxCrossEntropy(),
      optimizer: sgd({ learningRate: 0.1 }),
      metrics: [accuracy()],
    });
    await trainer.fit(data, { epochs: 3, batchSize: 16 });
    const [labels, taken]: [number[], number[]] = [[], []];
    for (let i = 0; i < 150; i++) {
      const room = { x: new Float32Array(784), y: new Int32Array(1), count: 1 };
      await data.read(i, room, 0, 0);
      const scores = Array.from(trainer.predict(new Tensor("float32", room.x, [1, 1, 28, 28])).data, Number);
      labels.push(room.y[0] as number);
      taken.push(scores.indexOf(Math.max(...scores)));
    }
    const expected = confusionMatrix(labels, taken, 10);
    expect(await confusionOver(trainer, data, { batchSize: 64 })).toEqual(expected);
    expect(await confusionOver(trainer.network(), data, { batchSize: 37 })).toEqual(expected);
    // And of a network that takes one sample at a time.
    const { graph, trainable } = trainer.network();
    const [input] = graph.inputs as [string];
    const fact = { dtype: "float32", dims: [1, ...data.inputDims] } as const;
    const alone = { graph: { ...graph, facts: new Map([...graph.facts, [input, fact]]) }, trainable };
    expect(await confusionOver(alone, data)).toEqual(expected);
    const scores = await trainer.evaluate(data);
    expect(classScores(expected).accuracy).toBeCloseTo(scores.accuracy as number, 12);
    expect(scores.accuracy).toBeGreaterThan(0.3);
    await expect(confusionOver(trainer, data, { timeoutMs: 0 })).rejects.toThrow(TimeoutError);
  });

  test("of maps counts every place", async () => {
    const draws = random(5);
    const x = draws.tensor("float32", [3, 1, 4, 5]).data as Float32Array;
    const y = Array.from({ length: 60 }, () => draws.whole(0, 2));
    const network = sequential({ input: [1, 4, 5], seed: 6 }, [conv2d({ filters: 3, kernelSize: 1 })]);
    const weight = network.graph.facts.get("conv2d.weight")?.data?.data as Float32Array;
    // No bias at the beginning: the greatest score is that of the greatest weight, or, of numbers below 0, of the least.
    const [most, least] = [Math.max(...weight), Math.min(...weight)].map((value) => weight.indexOf(value));
    const taken = Array.from(x, (value) => (value > 0 ? most : least) as number);
    const data = fromArrays({ x, y, inputDims: [1, 4, 5], labelDims: [4, 5], classes: 3 });
    expect(await confusionOver(network, data)).toEqual(confusionMatrix(y, taken, 3));
  });

  test("that does not suit is refused", async () => {
    const x = new Float32Array(2 * 784);
    const inputDims = [1, 28, 28];
    const targets = fromArrays({ x, y: [0.5, 1], inputDims });
    await expect(confusionOver(classifier(), targets)).rejects.toThrow(/no classes/);
    const many = fromArrays({ x, y: [0, 11], inputDims, classes: 12 });
    await expect(confusionOver(classifier(), many)).rejects.toThrow(ShapeError);
    const none = fromArrays({ x: new Float32Array(0), y: [], inputDims, classes: 10 });
    await expect(confusionOver(classifier(), none)).rejects.toThrow(/no samples/);
    await expect(confusionOver(7 as never, many)).rejects.toThrow(UsageError);
    const broken = { predict: () => new Tensor("float32", new Float32Array(20).fill(Number.NaN), [2, 10]) };
    const data = fromArrays({ x, y: [0, 1], inputDims, classes: 10 });
    await expect(confusionOver(broken, data)).rejects.toThrow(/not numbers/);
  });
});

describe("its chart", () => {
  const matrix = confusionMatrix(LABELS, TAKEN);
  const cellsOf = (svg: string) => elementsOf(svg).filter(({ name }) => name === "title");

  test("has a cell for each count, which it says", () => {
    const svg = confusionChart(matrix, { names: ["cat", "dog & co", "<owl>"], title: "pets" });
    expect(cellsOf(svg).map(({ text }) => text)).toEqual([
      "cat taken for cat: 2 of 4 (50 %)",
      "cat taken for dog & co: 2 of 4 (50 %)",
      "dog & co taken for dog & co: 3 of 3 (100 %)",
      "<owl> taken for cat: 1 of 3 (33.3 %)",
      "<owl> taken for <owl>: 2 of 3 (66.7 %)",
    ]);
    const elements = elementsOf(svg);
    const texts = elements.filter(({ name }) => name === "text").map(({ text }) => text);
    expect(texts.filter((text) => /^\d$/.test(text))).toEqual(["2", "2", "3", "1", "2"]);
    expect(texts.filter((text) => text === "cat")).toHaveLength(2);
    // Equal shares have equal colours, and the cells of a row lie on one line.
    const cells = elements.filter(
      ({ name, attributes }) => name === "rect" && attributes.fill?.startsWith("rgb"),
    );
    const [first, second, third] = cells.map(({ attributes }) => attributes);
    expect(first?.fill).toBe(second?.fill);
    expect(first?.y).toBe(second?.y);
    expect(Number(third?.y) - Number(first?.y)).toBe(44);
    expect(third?.fill).toBe("rgb(8,48,107)");
  });

  test("stays a picture of a page's size for many classes", () => {
    const classes = Array.from({ length: 100 }, (_, i) => i);
    const elements = elementsOf(confusionChart(confusionMatrix(classes, classes)));
    expect(Number(elements.at(-1)?.attributes.width)).toBeLessThan(700);
    expect(cellsOf(confusionChart(confusionMatrix(classes, classes)))).toHaveLength(100);
    expect(elements.filter(({ name }) => name === "text").length).toBeLessThan(80);
  });

  test("needs a name a class, and a matrix", () => {
    expect(() => confusionChart(matrix, { names: ["one"] })).toThrow(/1 names for 3 classes/);
    expect(() => confusionChart({ classes: 2, counts: [[1]] })).toThrow(UsageError);
  });
});
