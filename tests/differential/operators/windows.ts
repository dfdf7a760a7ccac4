import { float } from "../../support/onnx-model.ts";
import { type Case, grid, operatorCase, source } from "./case.ts";

const random = source("windows");
const f = (dims: readonly number[]) => random.tensor("float32", dims);

function convolutions(): Case[] {
  const cases: Case[] = [];
  for (const { autoPad, stride, dilation, kernel, size } of grid({
    autoPad: ["", "VALID", "SAME_UPPER", "SAME_LOWER"],
    stride: [1, 2, 3],
    dilation: [1, 2],
    kernel: [1, 2, 3, 4],
    size: [5, 8],
  })) {
    const attributes = {
      strides: [stride, stride],
      dilations: [dilation, dilation],
      ...(autoPad && { auto_pad: autoPad }),
    };
    if ((kernel - 1) * dilation >= size) continue;
    cases.push(operatorCase("Conv", [f([1, 3, size, size + 1]), f([4, 3, kernel, kernel])], attributes));
  }
  const shapes: [number[], number[], object][] = [
    [[1, 1, 5, 5], [1, 1, 3, 3], {}],
    [[1, 1, 5, 5], [1, 1, 3, 3], { pads: [1, 1, 1, 1] }],
    [[1, 1, 7, 5], [1, 1, 3, 3], { pads: [1, 0, 1, 0], strides: [2, 2] }],
    [[2, 4, 6, 6], [8, 2, 3, 3], { group: 2, pads: [1, 1, 1, 1] }],
    [[2, 4, 6, 6], [4, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1] }],
    [[2, 4, 6, 6], [8, 1, 3, 3], { group: 4, pads: [0, 1, 2, 3] }],
    [[1, 6, 7, 7], [9, 2, 1, 1], { group: 3 }],
    [[1, 3, 7, 4], [5, 3, 1, 4], {}],
    [[1, 3, 7, 4], [5, 3, 7, 4], {}],
    [[1, 2, 9, 9], [3, 2, 3, 3], { dilations: [2, 3] }],
    [[1, 2, 9, 9], [3, 2, 3, 3], { dilations: [2, 2], pads: [2, 2, 2, 2], strides: [1, 2] }],
    [[1, 3, 10], [4, 3, 3], {}],
    [[2, 3, 10], [4, 3, 3], { pads: [2, 1], strides: [2], dilations: [2] }],
    [[2, 4, 10], [4, 1, 5], { group: 4, pads: [2, 2] }],
    [[1, 4, 10], [6, 2, 2], { group: 2, auto_pad: "SAME_UPPER" }],
    [[1, 2, 4, 5, 6], [3, 2, 2, 2, 2], {}],
    [[1, 2, 4, 5, 6], [3, 2, 3, 3, 3], { pads: [1, 1, 1, 1, 1, 1], strides: [2, 1, 2] }],
    [[2, 4, 4, 5, 6], [4, 1, 3, 1, 3], { group: 4, auto_pad: "SAME_LOWER" }],
    [[1, 3, 4, 4], [0, 3, 1, 1], {}],
    [[0, 3, 4, 4], [2, 3, 1, 1], {}],
    [[1, 17, 5, 5], [19, 17, 3, 3], { pads: [1, 1, 1, 1] }],
    [[1, 32, 6, 6], [32, 1, 5, 5], { group: 32, pads: [2, 2, 2, 2] }],
    [[1, 3, 32, 32], [16, 3, 7, 7], { pads: [3, 3, 3, 3], strides: [2, 2] }],
  ];
  for (const [x, w, attributes] of shapes) {
    for (const opset of [7, 11, 22])
      cases.push(operatorCase("Conv", [f(x), f(w)], attributes as never, { opset }));
    cases.push(
      operatorCase("Conv", [f(x), f(w), f([w[0] as number])], {
        ...attributes,
        kernel_shape: w.slice(2),
      } as never),
    );
  }
  cases.push(
    operatorCase("Conv", [random.tensor("float64", [1, 2, 4, 4]), random.tensor("float64", [2, 2, 3, 3])]),
  );
  return cases;
}

function transposed(): Case[] {
  const cases: Case[] = [];
  for (const { stride, kernel, group, pads, extra } of grid({
    stride: [1, 2, 3],
    kernel: [1, 2, 3, 4],
    group: [1, 2],
    pads: [[], [1, 1, 1, 1], [0, 1, 1, 0]],
    extra: [0, 1],
  })) {
    if (extra >= stride) continue;
    const attributes = {
      strides: [stride, stride],
      ...(group > 1 && { group }),
      ...(pads.length > 0 && { pads }),
      ...(extra > 0 && { output_padding: [extra, extra] }),
    };
    cases.push(operatorCase("ConvTranspose", [f([1, 4, 4, 5]), f([4, 3, kernel, kernel])], attributes));
  }
  const shapes: [number[], number[], object][] = [
    [[1, 1, 3, 3], [1, 2, 3, 3], { strides: [3, 2], output_shape: [10, 8] }],
    [[1, 1, 3, 3], [1, 2, 3, 3], { strides: [3, 2], output_shape: [10, 8], auto_pad: "SAME_UPPER" }],
    [[1, 1, 3, 3], [1, 2, 3, 3], { strides: [3, 2], output_shape: [10, 8], output_padding: [1, 1] }],
    [[1, 1, 3, 3], [1, 2, 3, 3], { strides: [3, 2], output_shape: [9, 7] }],
    [[1, 1, 3, 3], [1, 2, 3, 3], { strides: [2, 2], auto_pad: "SAME_UPPER" }],
    [[1, 1, 3, 3], [1, 2, 3, 3], { strides: [2, 2], auto_pad: "SAME_LOWER" }],
    [[1, 1, 3, 3], [1, 2, 4, 4], { strides: [2, 2], auto_pad: "SAME_LOWER" }],
    [[1, 1, 3, 3], [1, 2, 3, 3], { auto_pad: "VALID", strides: [2, 2] }],
    [[1, 1, 3, 3], [1, 1, 2, 2], { dilations: [2, 2] }],
    [[1, 1, 3, 3], [1, 1, 3, 3], { dilations: [2, 2], strides: [2, 2], pads: [1, 1, 1, 1] }],
    [[1, 2, 5], [2, 3, 3], {}],
    [[1, 2, 5], [2, 3, 4], { strides: [2], pads: [1, 1], output_padding: [1] }],
    [[1, 2, 3, 4, 5], [2, 3, 2, 2, 2], { strides: [2, 2, 2] }],
    [[2, 8, 3, 3], [8, 1, 4, 4], { group: 8, strides: [2, 2], pads: [1, 1, 1, 1] }],
    [[2, 3, 1, 1], [3, 5, 4, 4], {}],
  ];
  for (const [x, w, attributes] of shapes) {
    const group = (attributes as { group?: number }).group ?? 1;
    cases.push(operatorCase("ConvTranspose", [f(x), f(w)], attributes as never));
    cases.push(
      operatorCase("ConvTranspose", [f(x), f(w), f([(w[1] as number) * group])], attributes as never, {
        opset: 11,
      }),
    );
  }
  return cases;
}

function pools(): Case[] {
  const cases: Case[] = [];
  for (const { op, kernel, stride, style, ceil, size } of grid({
    op: ["MaxPool", "AveragePool", "LpPool"],
    kernel: [1, 2, 3],
    stride: [1, 2, 3],
    style: ["none", "one", "odd", "SAME_UPPER", "SAME_LOWER", "VALID"],
    ceil: [0, 1],
    size: [6, 7],
  })) {
    if (style === "one" && kernel < 2) continue;
    const pads =
      style === "one" ? { pads: [1, 1, 1, 1] } : style === "odd" && kernel > 1 ? { pads: [0, 1, 1, 0] } : {};
    const auto = style.length > 4 ? { auto_pad: style } : {};
    const attributes = {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      ...pads,
      ...auto,
      ...(ceil && { ceil_mode: 1 }),
    };
    // What SAME means where windows leave gaps, and ceil_mode beside it, is nobody's agreement.
    if (style.startsWith("SAME") && (stride > kernel || ceil)) continue;
    cases.push(operatorCase(op, [f([1, 3, size, size])], attributes, { opset: op === "LpPool" ? 18 : 19 }));
    if (op === "AveragePool")
      cases.push(
        operatorCase(op, [f([1, 3, size, size])], { ...attributes, count_include_pad: 1 }, { opset: 19 }),
      );
  }
  for (const opset of [7, 8, 10, 11, 12, 19, 22]) {
    for (const op of ["MaxPool", "AveragePool", "LpPool"]) {
      const kernel_shape = [3, 2];
      cases.push(operatorCase(op, [f([2, 3, 7, 6])], { kernel_shape }, { opset }));
      cases.push(
        operatorCase(op, [f([2, 3, 7, 6])], { kernel_shape, pads: [1, 0, 2, 1], strides: [2, 1] }, { opset }),
      );
      cases.push(operatorCase(op, [f([2, 3, 7])], { kernel_shape: [3], strides: [2] }, { opset }));
      cases.push(
        operatorCase(op, [f([1, 2, 4, 5, 6])], { kernel_shape: [2, 3, 2], strides: [1, 2, 2] }, { opset }),
      );
      if (opset >= 10)
        cases.push(operatorCase(op, [f([1, 2, 9, 9])], { kernel_shape, dilations: [2, 3] }, { opset }));
      if (opset >= 10)
        cases.push(
          operatorCase(
            op,
            [f([1, 2, 9, 9])],
            { kernel_shape, dilations: [2, 2], ceil_mode: 1, strides: [2, 2] },
            { opset },
          ),
        );
    }
  }
  for (const attributes of [
    {},
    { storage_order: 1 },
    { strides: [2, 2], pads: [1, 1, 0, 0] },
    { dilations: [2, 2] },
  ]) {
    cases.push(
      operatorCase("MaxPool", [f([2, 3, 6, 7])], { kernel_shape: [2, 3], ...attributes }, { outputs: 2 }),
    );
  }
  cases.push(operatorCase("MaxPool", [f([2, 3, 9])], { kernel_shape: [2] }, { outputs: 2 }));
  for (const dtype of ["int8", "uint8", "float64", "float16"] as const)
    cases.push(
      operatorCase("MaxPool", [random.tensor(dtype, [1, 2, 5, 5], 0, 90)], { kernel_shape: [2, 2] }),
    );
  for (const p of [1, 2, 3]) {
    cases.push(operatorCase("LpPool", [f([1, 3, 6, 6])], { kernel_shape: [3, 3], p, pads: [1, 1, 1, 1] }));
    cases.push(operatorCase("GlobalLpPool", [f([2, 3, 6, 5])], { p }));
  }
  for (const op of ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"]) {
    for (const dims of [
      [1, 3, 5, 5],
      [2, 17, 3],
      [2, 3, 2, 3, 4],
      [1, 1, 1, 1],
      [2, 3],
    ])
      cases.push(operatorCase(op, [f(dims)]));
  }
  return cases;
}

function neighbours(): Case[] {
  const cases: Case[] = [];
  for (const { size, c } of grid({ size: [1, 3, 5, 4], c: [1, 4, 7] })) {
    cases.push(operatorCase("LRN", [f([2, c, 3, 4])], { size }));
    cases.push(
      operatorCase("LRN", [f([1, c, 3, 4])], { size, alpha: float(0.5), beta: float(0.5), bias: float(2) }),
    );
  }
  for (const { blocksize, mode, opset } of grid({
    blocksize: [2, 3],
    mode: ["DCR", "CRD", ""],
    opset: [11, 13],
  })) {
    cases.push(
      operatorCase(
        "DepthToSpace",
        [f([2, 2 * blocksize ** 2, 3, 4])],
        { blocksize, ...(mode && { mode }) },
        { opset },
      ),
    );
    cases.push(
      operatorCase("SpaceToDepth", [f([2, 3, 2 * blocksize, 4 * blocksize])], { blocksize }, { opset }),
    );
  }
  return cases;
}

export const cases = (): Case[] => [...convolutions(), ...transposed(), ...pools(), ...neighbours()];
