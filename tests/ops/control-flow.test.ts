import { describe, expect, it } from "vitest";
import type { Fact } from "../../src/graph/graph.ts";
import type { RuntimeValue, SequenceData } from "../../src/ops/define.ts";
import { interpret } from "../../src/ops/evaluate.ts";
import type { TensorData } from "../../src/tensor.ts";
import { floats, longs, numbersOf, tensorOf } from "./run-op.ts";
import { constantFact, graphOf, inferOutputs, type NodeSpec, runNode } from "./small-graph.ts";

const bool = (value: boolean) => tensorOf("bool", [], [value ? 1 : 0]);
const tensorOfValue = (value: RuntimeValue | undefined) => value as TensorData;
const scalar: Fact = { dtype: "float32", dims: [1] };

/** state ← state ++ [iteration], going on while the iteration is below 2; scans the iteration. */
const body = graphOf(
  ["i", "cond", "state"],
  ["going", "longer", "seen"],
  [
    { op: "Cast", inputs: ["i"], outputs: ["seen"], attributes: { to: 1 } },
    { op: "Unsqueeze", inputs: ["seen", "axis"], outputs: ["row"] },
    { op: "Concat", inputs: ["state", "row"], outputs: ["longer"], attributes: { axis: 0 } },
    { op: "Less", inputs: ["i", "two"], outputs: ["going"] },
  ],
  { axis: constantFact(longs([1], [0])), two: constantFact(longs([], [2])) },
);
const loop: NodeSpec = {
  op: "Loop",
  inputs: ["trips", "go", "start"],
  outputs: ["end", "seen"],
  attributes: { body },
};

describe("Loop", () => {
  const run = (trips: number, go = true) =>
    interpret(graphOf(["trips", "go", "start"], ["end", "seen"], [loop]), [
      longs([], [trips]),
      bool(go),
      floats([1], [9]),
    ]).map((value) => numbersOf(tensorOfValue(value)));

  it("stops at the trip count or when the body says so", () => {
    expect(run(2)).toEqual([
      [9, 0, 1],
      [0, 1],
    ]);
    expect(run(100)).toEqual([
      [9, 0, 1, 2],
      [0, 1, 2],
    ]);
    expect(run(5, false)).toEqual([[9], []]);
    expect(run(0)).toEqual([[9], []]);
  });

  it("knows of state that grows only its rank", () => {
    const facts = {
      trips: { dtype: "int64", dims: [] },
      go: { dtype: "bool", dims: [] },
      start: scalar,
    } as const;
    const [state, seen] = inferOutputs(graphOf(["trips", "go", "start"], ["end", "seen"], [loop], facts));
    expect(state).toMatchObject({ dtype: "float32", dims: ["?"] });
    expect(seen).toMatchObject({ dtype: "float32", dims: ["?"] });
  });

  it("infers the number of scans from a constant trip count and a condition that stays true", () => {
    const always = graphOf(
      ["i", "cond", "state"],
      ["cond", "state", "twice"],
      [{ op: "Add", inputs: ["state", "outer"], outputs: ["twice"] }],
    );
    const node: NodeSpec = {
      op: "Loop",
      inputs: ["trips", "", "start"],
      outputs: ["end", "scan"],
      attributes: { body: always },
    };
    const facts = { trips: constantFact(longs([], [3])), start: scalar, outer: scalar };
    const graph = graphOf(["start", "outer"], ["end", "scan"], [node], facts);
    expect(inferOutputs(graph)).toMatchObject([{ dims: [1] }, { dims: [3, 1] }]);
    const results = interpret(graph, [floats([1], [1]), floats([1], [2])]);
    expect(tensorOfValue(results[1])).toMatchObject({ dims: [3, 1], data: Float32Array.of(3, 3, 3) });
  });
});

describe("If", () => {
  it("merges what its branches may give", () => {
    const branch = (dims: number[]) =>
      graphOf([], ["c"], [], {
        c: constantFact(floats(dims, new Array(dims.reduce((a, b) => a * b, 1)).fill(1))),
      });
    const node = (other: number[]): NodeSpec => ({
      op: "If",
      inputs: ["cond"],
      outputs: ["y"],
      attributes: { thenBranch: branch([2, 3]), elseBranch: branch(other) },
    });
    const open = { cond: { dtype: "bool", dims: [] } } as const;
    expect(inferOutputs(graphOf(["cond"], ["y"], [node([2, 4])], open))[0]?.dims).toEqual([2, "?"]);
    expect(inferOutputs(graphOf(["cond"], ["y"], [node([6])], open))[0]).toEqual({ dtype: "float32" });
    const known = { cond: constantFact(bool(false)) };
    expect(inferOutputs(graphOf([], ["y"], [node([6])], known))[0]?.dims).toEqual([6]);
  });
});

describe("Scan", () => {
  const sum = graphOf(
    ["state", "x"],
    ["next", "next2"],
    [
      { op: "Add", inputs: ["state", "x"], outputs: ["next"] },
      { op: "Identity", inputs: ["next"], outputs: ["next2"] },
    ],
  );

  it("walks backwards along another axis and stacks along another one", () => {
    const x = floats([2, 3], [1, 2, 3, 4, 5, 6]);
    const attributes = {
      body: sum,
      numScanInputs: 1,
      scanInputAxes: [1],
      scanInputDirections: [1],
      scanOutputAxes: [-1],
    };
    const [state, scanned] = runNode({ op: "Scan", attributes }, [floats([2], [0, 0]), x], 2).map(
      tensorOfValue,
    );
    expect(numbersOf(state)).toEqual([6, 15]);
    expect(scanned).toMatchObject({ dims: [2, 3], data: Float32Array.of(3, 5, 6, 6, 11, 15) });
  });

  it("in opset 8 runs each batch entry over its own length", () => {
    const lengths = longs([2], [1, 2]);
    const state = floats([2, 1], [0, 10]);
    const x = floats([2, 2, 1], [1, 2, 3, 4]);
    const spec = { op: "Scan", opset: 8, attributes: { body: sum, numScanInputs: 1 } };
    const [final, scanned] = runNode(spec, [lengths, state, x], 2).map(tensorOfValue);
    expect(numbersOf(final)).toEqual([1, 17]);
    expect(scanned).toMatchObject({ dims: [2, 2, 1], data: Float32Array.of(1, 0, 13, 17) });
  });
});

describe("sequences and optionals", () => {
  const sequence = (...values: TensorData[]): SequenceData => ({
    container: "sequence",
    dtype: "float32",
    values,
  });
  const [a, b, c] = [1, 2, 3].map((value) => floats([1], [value])) as [TensorData, TensorData, TensorData];
  const entries = (value: RuntimeValue | undefined) =>
    (value as SequenceData).values.map((entry) => numbersOf(entry as TensorData)[0]);

  it("inserts and erases at positions counted from either end", () => {
    expect(entries(runNode({ op: "SequenceInsert" }, [sequence(a, b), c])[0])).toEqual([1, 2, 3]);
    expect(entries(runNode({ op: "SequenceInsert" }, [sequence(a, b), c, longs([], [-1])])[0])).toEqual([
      1, 3, 2,
    ]);
    expect(entries(runNode({ op: "SequenceErase" }, [sequence(a, b, c), longs([], [-3])])[0])).toEqual([
      2, 3,
    ]);
    expect(() => runNode({ op: "SequenceAt" }, [sequence(a), longs([], [1])])).toThrow(/out of range/);
    expect(() => runNode({ op: "SequenceLength" }, [a])).toThrow(/expected a sequence/);
  });

  it("splits by a scalar into equal chunks and a rest, and joins them again", () => {
    const x = floats([5], [1, 2, 3, 4, 5]);
    const [chunks] = runNode({ op: "SplitToSequence" }, [x, longs([], [2])]);
    expect((chunks as SequenceData).values.map((value) => tensorOfValue(value).dims[0])).toEqual([2, 2, 1]);
    const [joined] = runNode({ op: "ConcatFromSequence", attributes: { axis: 0 } }, [chunks as SequenceData]);
    expect(numbersOf(tensorOfValue(joined))).toEqual([1, 2, 3, 4, 5]);
    const stacking = { op: "ConcatFromSequence", attributes: { axis: -1, newAxis: 1 } };
    expect(tensorOfValue(runNode(stacking, [sequence(a, b, c)])[0]).dims).toEqual([1, 3]);
  });

  it("tells an empty optional from a full one", () => {
    const [empty] = runNode({ op: "Optional" }, []);
    const [full] = runNode({ op: "Optional" }, [a]);
    expect(
      numbersOf(tensorOfValue(runNode({ op: "OptionalHasElement" }, [empty as RuntimeValue])[0])),
    ).toEqual([0]);
    expect(
      numbersOf(tensorOfValue(runNode({ op: "OptionalHasElement" }, [full as RuntimeValue])[0])),
    ).toEqual([1]);
    expect(runNode({ op: "OptionalGetElement" }, [full as RuntimeValue])[0]).toEqual(a);
    expect(() => runNode({ op: "OptionalGetElement" }, [empty as RuntimeValue])).toThrow(/empty/);
  });
});

describe("selection", () => {
  it("finds the element of a scalar, and no minus zero in half precision", () => {
    expect(tensorOfValue(runNode({ op: "NonZero" }, [floats([], [5])])[0])).toMatchObject({ dims: [1, 1] });
    const half: TensorData = { dtype: "float16", dims: [3], data: Uint16Array.of(0x8000, 0, 0x3c00) };
    expect(numbersOf(tensorOfValue(runNode({ op: "NonZero" }, [half])[0]))).toEqual([2]);
  });

  it("keeps unique slices in the order of their first occurrence when unsorted", () => {
    const x = floats([2, 4], [3, 1, 3, 2, 0, 5, 0, 4]);
    const spec = { op: "Unique", attributes: { axis: 1, sorted: 0 } };
    const [y, indices, inverse, counts] = runNode(spec, [x], 4).map(tensorOfValue);
    expect(y).toMatchObject({ dims: [2, 3], data: Float32Array.of(3, 1, 2, 0, 5, 4) });
    expect([indices, inverse, counts].map(numbersOf)).toEqual([
      [0, 1, 3],
      [0, 1, 0, 2],
      [2, 1, 1],
    ]);
  });

  it("suppresses nothing less than the threshold, and keeps no box unless a limit is given", () => {
    const boxes = floats([1, 3, 4], [0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0.5]);
    const scores = floats([1, 1, 3], [0.5, 0.9, 0.7]);
    const kept = (...rest: TensorData[]) =>
      numbersOf(tensorOfValue(runNode({ op: "NonMaxSuppression" }, [boxes, scores, ...rest])[0]));
    expect(kept()).toEqual([]);
    // Box 0 is box 1 with its corners swapped; box 2 overlaps it by exactly one half.
    expect(kept(longs([1], [9]), floats([1], [0.5]))).toEqual([0, 0, 1, 0, 0, 2]);
    expect(kept(longs([1], [9]), floats([1], [0.49]))).toEqual([0, 0, 1]);
    expect(kept(longs([1], [9]), floats([1], [1]), floats([1], [0.6]))).toEqual([0, 0, 1, 0, 0, 2]);
  });
});
