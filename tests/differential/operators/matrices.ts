import type { DType } from "../../../src/dtype.ts";
import { float } from "../../support/onnx-model.ts";
import { type Case, floats, grid, longs, numbers, operatorCase, scalar, source } from "./case.ts";

const random = source("matrices");
const f = (...dims: number[]) => random.tensor("float32", dims);
const LOOSE = { rtol: 2e-3, atol: 1e-3 };

function products(): Case[] {
  const cases: Case[] = [];
  const shapes: [number[], number[]][] = [
    [
      [3, 4],
      [4, 5],
    ],
    [[4], [4, 5]],
    [[3, 4], [4]],
    [[4], [4]],
    [
      [2, 3, 4],
      [4, 5],
    ],
    [
      [2, 3, 4],
      [2, 4, 5],
    ],
    [
      [3, 4],
      [2, 4, 5],
    ],
    [
      [2, 1, 3, 4],
      [3, 4, 5],
    ],
    [
      [1, 4],
      [4, 1],
    ],
    [[2, 3, 4], [4]],
    [[4], [2, 4, 5]],
    [
      [17, 33],
      [33, 19],
    ],
    [
      [1, 64],
      [64, 10],
    ],
    [
      [2, 2, 3, 4],
      [1, 2, 4, 5],
    ],
    [
      [0, 4],
      [4, 3],
    ],
    [
      [3, 0],
      [0, 2],
    ],
    [
      [1, 1, 7, 7],
      [7, 7],
    ],
  ];
  for (const [a, b] of shapes) {
    for (const opset of [8, 13]) cases.push(operatorCase("MatMul", [f(...a), f(...b)], {}, { opset }));
    cases.push(operatorCase("MatMul", [random.tensor("int32", a, -5, 5), random.tensor("int32", b, -5, 5)]));
  }
  for (const dtype of ["float64", "int64", "uint32", "float16"] as DType[]) {
    cases.push(
      operatorCase(
        "MatMul",
        [random.tensor(dtype, [3, 4], 0, 5), random.tensor(dtype, [4, 2], 0, 5)],
        {},
        { tolerance: LOOSE },
      ),
    );
  }
  for (const { transA, transB, c } of grid({
    transA: [0, 1],
    transB: [0, 1],
    c: [undefined, [], [1], [5], [1, 5], [3, 1], [3, 5], [1, 1]],
  })) {
    const inputs = [
      transA ? f(4, 3) : f(3, 4),
      transB ? f(5, 4) : f(4, 5),
      ...(c === undefined ? [] : [f(...c)]),
    ];
    cases.push(operatorCase("Gemm", inputs, { transA, transB }));
    cases.push(
      operatorCase("Gemm", inputs, { transA, transB, alpha: float(0.5), beta: float(-2) }, { opset: 11 }),
    );
  }
  for (const dtype of ["float64", "float16"] as DType[])
    cases.push(
      operatorCase(
        "Gemm",
        [random.tensor(dtype, [2, 3]), random.tensor(dtype, [3, 2])],
        {},
        { tolerance: LOOSE },
      ),
    );
  for (const opset of [7, 9]) cases.push(operatorCase("Gemm", [f(2, 3), f(3, 4), f(4)], {}, { opset }));
  const equations: [string, number[][]][] = [
    [
      "ij,jk->ik",
      [
        [2, 3],
        [3, 4],
      ],
    ],
    ["ij->ji", [[2, 3]]],
    ["ii->i", [[3, 3]]],
    ["ii", [[3, 3]]],
    ["i,i->", [[4], [4]]],
    ["i,j->ij", [[3], [4]]],
    [
      "bij,bjk->bik",
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
    ],
    [
      "bhid,bhjd->bhij",
      [
        [2, 2, 3, 4],
        [2, 2, 5, 4],
      ],
    ],
    [
      "...ij,...jk->...ik",
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
    ],
    ["...ij->...ji", [[2, 3, 4]]],
    ["ij->", [[2, 3]]],
    ["ij->j", [[2, 3]]],
    [
      "ij,kj",
      [
        [2, 3],
        [4, 3],
      ],
    ],
    [
      "bn,anm,bm->ba",
      [
        [2, 5],
        [3, 5, 4],
        [2, 4],
      ],
    ],
    [
      "nchw,oc->nohw",
      [
        [1, 3, 2, 2],
        [4, 3],
      ],
    ],
    [
      "b h i, h i d -> b h d",
      [
        [2, 3, 4],
        [3, 4, 5],
      ],
    ],
    ["...,...->...", [[2, 3], [3]]],
  ];
  for (const [equation, dims] of equations)
    cases.push(
      operatorCase(
        "Einsum",
        dims.map((d) => f(...d)),
        { equation },
      ),
    );
  cases.push(operatorCase("Det", [f(3, 3)]), operatorCase("Det", [f(2, 4, 4)]));
  return cases;
}

const REDUCTIONS = [
  "ReduceMean",
  "ReduceSum",
  "ReduceMax",
  "ReduceMin",
  "ReduceProd",
  "ReduceL1",
  "ReduceL2",
  "ReduceLogSum",
  "ReduceLogSumExp",
  "ReduceSumSquare",
];

function reductions(): Case[] {
  const cases: Case[] = [];
  for (const { op, axes, keepdims } of grid({
    op: REDUCTIONS,
    axes: [undefined, [0], [1], [-1], [0, 2], [-2, 0], [1, 2, 3], [2, 3], [3]],
    keepdims: [0, 1],
  })) {
    const x = random.tensor("float32", [2, 3, 4, 5], 0.5, 1.5);
    cases.push(
      operatorCase(op, [x], { keepdims, ...(axes && { axes }) }, { opset: op === "ReduceSum" ? 11 : 13 }),
    );
    cases.push(operatorCase(op, axes ? [x, longs(...axes)] : [x], { keepdims }, { opset: 18 }));
  }
  for (const op of REDUCTIONS) {
    cases.push(operatorCase(op, [f(2, 3)], { noop_with_empty_axes: 1 }, { opset: 18 }));
    cases.push(
      operatorCase(op, [f(2, 3), numbers("int64", [0], [])], { noop_with_empty_axes: 1 }, { opset: 18 }),
    );
    cases.push(operatorCase(op, [f(2, 3), numbers("int64", [0], [])], { keepdims: 0 }, { opset: 18 }));
    cases.push(operatorCase(op, [random.tensor("float32", [7], 1, 2)], {}, { opset: 11 }));
    cases.push(operatorCase(op, [random.tensor("float32", [], 1, 2)], {}, { opset: 18 }));
    for (const dtype of ["int32", "int64", "float64", "uint8", "int8", "float16"] as DType[]) {
      cases.push(
        operatorCase(op, [random.tensor(dtype, [3, 4], 1, 4), longs(1)], {}, { opset: 18, tolerance: LOOSE }),
      );
      if (op !== "ReduceSum")
        cases.push(
          operatorCase(op, [random.tensor(dtype, [3, 4], 1, 4)], { axes: [1] }, { tolerance: LOOSE }),
        );
    }
  }
  cases.push(operatorCase("ReduceMax", [random.tensor("bool", [3, 4]), longs(1)], {}, { opset: 20 }));
  cases.push(operatorCase("ReduceSum", [f(0, 3), longs(0)]));
  for (const { op, axis, keepdims, last } of grid({
    op: ["ArgMax", "ArgMin"],
    axis: [0, 1, 2, -1],
    keepdims: [0, 1],
    last: [0, 1],
  })) {
    cases.push(
      operatorCase(op, [random.tensor("float32", [2, 3, 5])], { axis, keepdims, select_last_index: last }),
    );
    cases.push(
      operatorCase(op, [random.tensor("int32", [2, 3, 5], 0, 3)], {
        axis,
        keepdims,
        select_last_index: last,
      }),
    );
  }
  for (const op of ["ArgMax", "ArgMin"])
    for (const dtype of ["uint8", "int8", "float64", "int64"] as DType[])
      cases.push(operatorCase(op, [random.tensor(dtype, [2, 5], 0, 4)], { axis: 1 }));
  for (const { axis, largest, sorted, k } of grid({
    axis: [0, 1, -1],
    largest: [0, 1],
    sorted: [0, 1],
    k: [1, 3],
  })) {
    const x = random.tensor("float32", [4, 5]);
    // The order of an unsorted TopK is nobody's promise.
    if (sorted === 0 && k > 1) continue;
    cases.push(operatorCase("TopK", [x, longs(k)], { axis, largest, sorted }, { outputs: 2 }));
  }
  for (const dtype of ["int32", "int64", "float64", "float16"] as DType[])
    cases.push(operatorCase("TopK", [random.tensor(dtype, [2, 9], 0, 20), longs(3)], {}, { outputs: 2 }));
  cases.push(
    operatorCase("TopK", [numbers("float32", [6], [1, 1, 1, 2, 2, 0]), longs(4)], {}, { outputs: 2 }),
  );
  cases.push(operatorCase("TopK", [f(3, 5), longs(0)], {}, { outputs: 2 }));
  cases.push(
    operatorCase("TopK", [f(3, 5)], { k: 2 }, { outputs: 2, opset: 8 }),
    operatorCase("TopK", [f(3, 5), longs(2)], {}, { outputs: 2, opset: 10 }),
  );
  for (const { axis, exclusive, reverse } of grid({ axis: [0, 1, -1], exclusive: [0, 1], reverse: [0, 1] })) {
    cases.push(operatorCase("CumSum", [f(3, 4), scalar(axis, "int32")], { exclusive, reverse }));
    cases.push(
      operatorCase("CumSum", [random.tensor("int64", [3, 4], 0, 9), longs(axis)], { exclusive, reverse }),
    );
  }
  return cases;
}

function softmaxes(): Case[] {
  const cases: Case[] = [];
  for (const { op, axis, opset, dims } of grid({
    op: ["Softmax", "LogSoftmax", "Hardmax"],
    axis: [undefined, 0, 1, 2, -1, -2],
    opset: [9, 11, 13],
    dims: [
      [2, 3, 4],
      [2, 3, 4, 5],
      [3, 7],
    ],
  })) {
    if (axis !== undefined && (axis >= dims.length || (axis < 0 && opset < 11))) continue;
    cases.push(
      operatorCase(op, [random.tensor("float32", dims, -3, 3)], axis === undefined ? {} : { axis }, {
        opset,
      }),
    );
  }
  for (const op of ["Softmax", "LogSoftmax"]) {
    cases.push(
      operatorCase(op, [floats(1000, 1001, -1000, 999)]),
      operatorCase(op, [floats(-Infinity, 0, 1)]),
    );
    for (const dtype of ["float64", "float16"] as DType[])
      cases.push(operatorCase(op, [random.tensor(dtype, [2, 5])], {}, { tolerance: LOOSE }));
    cases.push(operatorCase(op, [f(2, 133)]), operatorCase(op, [f(1, 3, 1, 1)], { axis: 1 }));
  }
  return cases;
}

export const cases = (): Case[] => [...products(), ...reductions(), ...softmaxes()];
