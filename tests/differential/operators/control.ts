import { type GraphSpec, node } from "../../support/onnx-model.ts";
import { type Case, floats, longs, modelCase, numbers, scalar, source } from "./case.ts";

const random = source("control");
const x = () => random.tensor("float32", [2, 3]);
const type = (...dims: number[]) => ({ dtype: "float32", dims }) as const;
const bool = { dtype: "bool", dims: [] } as const;
const long = { dtype: "int64", dims: [] } as const;

const loop = (body: GraphSpec, inputs: string[], outputs: string[]) =>
  node("Loop", inputs, outputs, { body });

function conditions(): Case[] {
  const branch = (op: string): GraphSpec => ({
    nodes: [node(op, ["x"], [`${op}_out`])],
    outputs: [`${op}_out`],
  });
  return [0, 1].flatMap((condition) => [
    modelCase(
      `If takes the branch of its condition (${condition})`,
      {
        inputs: { c: bool, x: type(2, 3) },
        nodes: [node("If", ["c"], ["y"], { then_branch: branch("Neg"), else_branch: branch("Exp") })],
        outputs: ["y"],
      },
      { c: numbers("bool", [], [condition]), x: x() },
    ),
    modelCase(
      `If gives other dims in each branch (${condition})`,
      {
        inputs: { c: bool, x: type(2, 3) },
        nodes: [
          node("If", ["c"], ["y"], {
            then_branch: branch("Neg"),
            else_branch: { nodes: [node("Transpose", ["x"], ["t"], { perm: [1, 0] })], outputs: ["t"] },
          }),
          node("ReduceSum", ["y"], ["s"], { keepdims: 0 }),
        ],
        outputs: ["y", "s"],
      },
      { c: numbers("bool", [], [condition]), x: x() },
    ),
    modelCase(
      `If in If captures from both around it (${condition})`,
      {
        inputs: { c: bool, x: type(2, 3) },
        initializers: { k: scalar(3) },
        nodes: [
          node("Mul", ["x", "k"], ["xk"]),
          node("If", ["c"], ["y"], {
            then_branch: {
              nodes: [
                node("Not", ["c"], ["n"]),
                node("Add", ["xk", "x"], ["inner"]),
                node("If", ["n"], ["z"], {
                  then_branch: { nodes: [node("Add", ["inner", "k"], ["z1"])], outputs: ["z1"] },
                  else_branch: { nodes: [node("Sub", ["inner", "x"], ["z2"])], outputs: ["z2"] },
                }),
              ],
              outputs: ["z"],
            },
            else_branch: { nodes: [node("Identity", ["xk"], ["w"])], outputs: ["w"] },
          }),
        ],
        outputs: ["y"],
      },
      { c: numbers("bool", [], [condition]), x: x() },
    ),
  ]);
}

function loops(): Case[] {
  const body: GraphSpec = {
    inputs: { i: long, go: bool, state: type(2, 3) },
    nodes: [
      node("Identity", ["go"], ["go2"]),
      node("Cast", ["i"], ["f"], { to: 1 }),
      node("Add", ["state", "f"], ["next"]),
      node("Mul", ["next", "x"], ["scanned"]),
    ],
    outputs: ["go2", "next", "scanned"],
  };
  const early: GraphSpec = {
    inputs: { i: long, go: bool, state: type(2, 3) },
    nodes: [node("Add", ["state", "state"], ["next"]), node("Less", ["i", "three"], ["go2"])],
    outputs: ["go2", "next"],
  };
  const runs = [0, 1, 4].map((count) =>
    modelCase(
      `Loop of ${count} rounds with a carried and a scanned value`,
      {
        inputs: { x: type(2, 3) },
        initializers: { n: scalar(count, "int64"), t: numbers("bool", [], [1]) },
        nodes: [loop(body, ["n", "t", "x"], ["last", "all"])],
        outputs: ["last", "all"],
      },
      { x: x() },
    ),
  );
  return [
    ...runs,
    modelCase(
      "Loop whose count is fed",
      {
        inputs: { x: type(2, 3), n: long },
        nodes: [loop(body, ["n", "", "x"], ["last", "all"])],
        outputs: ["last", "all"],
      },
      { x: x(), n: scalar(3, "int64") },
    ),
    modelCase(
      "Loop that ends by its condition",
      {
        inputs: { x: type(2, 3) },
        initializers: { three: scalar(3, "int64"), t: numbers("bool", [], [1]) },
        nodes: [loop(early, ["", "t", "x"], ["last"])],
        outputs: ["last"],
      },
      { x: x() },
    ),
    modelCase(
      "Loop that grows a sequence",
      {
        inputs: { x: type(2, 3) },
        initializers: { n: scalar(3, "int64"), t: numbers("bool", [], [1]) },
        nodes: [
          node("SequenceEmpty", [], ["empty"]),
          loop(
            {
              inputs: { i: long, go: bool, seq: { dtype: "float32", container: "sequence" } },
              nodes: [node("Identity", ["go"], ["go2"]), node("SequenceInsert", ["seq", "x"], ["grown"])],
              outputs: ["go2", "grown"],
            },
            ["n", "t", "empty"],
            ["seq_out"],
          ),
          node("ConcatFromSequence", ["seq_out"], ["y"], { axis: 0 }),
          node("SequenceLength", ["seq_out"], ["length"]),
        ],
        outputs: ["y", "length"],
      },
      { x: x() },
    ),
    ...[
      {},
      { scan_input_axes: [1] },
      { scan_input_directions: [1], scan_output_directions: [1] },
      { scan_output_axes: [1] },
    ].map((attributes) =>
      modelCase(
        `Scan sums up ${JSON.stringify(attributes)}`,
        {
          inputs: { x: type(3, 3) },
          initializers: { start: floats(0, 0, 0) },
          nodes: [
            node("Scan", ["start", "x"], ["last", "all"], {
              num_scan_inputs: 1,
              ...attributes,
              body: {
                inputs: { sum: type(3), row: type(3) },
                nodes: [node("Add", ["sum", "row"], ["next"]), node("Identity", ["next"], ["out"])],
                outputs: ["next", "out"],
              },
            }),
          ],
          outputs: ["last", "all"],
        },
        { x: random.tensor("float32", [3, 3]) },
      ),
    ),
  ];
}

function sequences(): Case[] {
  const tail = [
    node("SequenceConstruct", ["x", "x2"], ["seq"]),
    node("SequenceAt", ["seq", "one"], ["at"]),
    node("SequenceErase", ["seq", "one"], ["fewer"]),
    node("SequenceLength", ["fewer"], ["length"]),
    node("SequenceInsert", ["seq", "x", "one"], ["more"]),
    node("ConcatFromSequence", ["more"], ["stacked"], { axis: 0, new_axis: 1 }),
  ];
  return [
    modelCase(
      "sequences are built, read, cut and joined",
      {
        inputs: { x: type(2, 3) },
        initializers: { one: scalar(-1, "int64") },
        nodes: [node("Neg", ["x"], ["x2"]), ...tail],
        outputs: ["at", "length", "stacked"],
      },
      { x: x() },
    ),
    ...[{ axis: 0 }, { axis: 1 }, { axis: 1, keepdims: 0 }].flatMap((attributes) =>
      [[], [longs(1, ...(attributes.axis === 1 ? [2] : [1]))]].map((sizes) =>
        modelCase(
          `SplitToSequence ${JSON.stringify(attributes)} into ${sizes.length === 0 ? "single rows" : "sizes"}`,
          {
            inputs: { x: type(2, 3) },
            initializers: { ...(sizes[0] && { sizes: sizes[0] }), zero: scalar(0, "int64") },
            nodes: [
              node("SplitToSequence", sizes.length === 0 ? ["x"] : ["x", "sizes"], ["seq"], attributes),
              node("SequenceAt", ["seq", "zero"], ["y"]),
              node("SequenceLength", ["seq"], ["n"]),
            ],
            outputs: ["y", "n"],
          },
          { x: x() },
        ),
      ),
    ),
    modelCase(
      "an optional holds a tensor",
      {
        inputs: { x: type(2, 3) },
        nodes: [
          node("Optional", ["x"], ["o"]),
          node("OptionalHasElement", ["o"], ["has"]),
          node("OptionalGetElement", ["o"], ["y"]),
        ],
        outputs: ["has", "y"],
      },
      { x: x() },
    ),
  ];
}

function mixed(): Case[] {
  return [
    modelCase(
      "shapes that depend on data go on through a convolution",
      {
        inputs: { x: type(1, 3, 6, 6) },
        initializers: {
          zero: scalar(0),
          w: random.tensor("float32", [2, 3, 3, 3]),
          minus: longs(1, 3, -1, 1),
        },
        nodes: [
          node("Greater", ["x", "zero"], ["mask"]),
          node("Conv", ["x", "w"], ["c"]),
          node("Compress", ["x", "bits"], ["picked"], { axis: 2 }),
          node("Conv", ["picked", "w"], ["d"], { pads: [1, 1, 1, 1] }),
          node("Relu", ["d"], ["r"]),
          node("ReduceMax", ["c"], ["m"]),
          node("Add", ["r", "m"], ["y"]),
          node("Cast", ["head"], ["bits"], { to: 9 }),
          node("ReduceMax", ["x"], ["h0"], { axes: [0, 1, 3], keepdims: 0 }),
          node("Round", ["h0"], ["head"]),
        ].sort((a, b) => ORDER.indexOf(a.outputs[0] as string) - ORDER.indexOf(b.outputs[0] as string)),
        outputs: ["y", "mask"],
      },
      { x: random.tensor("float32", [1, 3, 6, 6]) },
    ),
  ];
}
const ORDER = ["mask", "c", "h0", "head", "bits", "picked", "d", "r", "m", "y"];

export const cases = (): Case[] => [...conditions(), ...loops(), ...sequences(), ...mixed()];
