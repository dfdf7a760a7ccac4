import type { DType } from "../../../src/dtype.ts";
import { float } from "../../support/onnx-model.ts";
import { type Case, grid, operatorCase, source } from "./case.ts";

const random = source("normalizations");
const f = (...dims: number[]) => random.tensor("float32", dims);
const positive = (...dims: number[]) => random.tensor("float32", dims, 0.5, 2);

function batches(): Case[] {
  const cases: Case[] = [];
  for (const { dims, opset } of grid({
    dims: [
      [2, 3, 4, 5],
      [2, 3],
      [1, 5, 7],
      [1, 17, 3, 3],
      [1, 2, 2, 3, 4],
    ],
    opset: [7, 9, 14, 15, 21],
  })) {
    const c = dims[1] as number;
    const inputs = [f(...dims), positive(c), f(c), f(c), positive(c)];
    cases.push(operatorCase("BatchNormalization", inputs, {}, { opset }));
    cases.push(operatorCase("BatchNormalization", inputs, { epsilon: float(0.01) }, { opset }));
  }
  for (const dtype of ["float64", "float16"] as DType[]) {
    const inputs = [[1, 2, 3, 3], [2], [2], [2], [2]].map((dims) => random.tensor(dtype, dims, 0.5, 1));
    cases.push(operatorCase("BatchNormalization", inputs, {}, { tolerance: { rtol: 5e-3, atol: 5e-3 } }));
  }
  const training = [f(2, 3, 4), positive(3), f(3), f(3), positive(3)];
  cases.push(operatorCase("BatchNormalization", training, { training_mode: 1 }, { outputs: 3 }));
  return cases;
}

function layers(): Case[] {
  const cases: Case[] = [];
  for (const { axis, bias, outputs } of grid({
    axis: [0, 1, 2, -1, -2],
    bias: [true, false],
    outputs: [1, 3],
  })) {
    const dims = [2, 3, 5];
    const scale = dims.slice(axis < 0 ? axis + 3 : axis);
    const inputs = [f(...dims), positive(...scale), ...(bias ? [f(...scale)] : [])];
    cases.push(operatorCase("LayerNormalization", inputs, { axis }, { outputs }));
    cases.push(operatorCase("LayerNormalization", inputs, { axis, epsilon: float(0.1) }, { outputs }));
  }
  for (const dims of [
    [2, 3, 4, 5],
    [1, 4, 9],
    [1, 17, 5, 5],
    [2, 3, 2, 3, 2],
    [1, 1, 7, 7],
  ]) {
    const c = dims[1] as number;
    for (const opset of [6, 22])
      cases.push(operatorCase("InstanceNormalization", [f(...dims), positive(c), f(c)], {}, { opset }));
    cases.push(
      operatorCase("InstanceNormalization", [f(...dims), positive(c), f(c)], { epsilon: float(0.01) }),
    );
  }
  for (const { c, num_groups } of [
    { c: 4, num_groups: 2 },
    { c: 6, num_groups: 3 },
    { c: 4, num_groups: 4 },
    { c: 3, num_groups: 1 },
  ]) {
    for (const image of [[3, 4], [5], []]) {
      cases.push(
        operatorCase(
          "GroupNormalization",
          [f(2, c, ...image), positive(c), f(c)],
          { num_groups },
          { opset: 21 },
        ),
      );
      cases.push(
        operatorCase(
          "GroupNormalization",
          [f(2, c, ...image), positive(num_groups), f(num_groups)],
          { num_groups },
          { opset: 18, tolerance: { rtol: 1e-3, atol: 1e-4 } },
        ),
      );
    }
  }
  for (const { axis, p } of grid({ axis: [0, 1, -1], p: [1, 2] }))
    cases.push(operatorCase("LpNormalization", [f(2, 3, 4)], { axis, p }));
  for (const axes of [undefined, [0, 2, 3], [2, 3], [1], [-1]]) {
    cases.push(operatorCase("MeanVarianceNormalization", [f(2, 3, 4, 5)], axes ? { axes } : {}));
  }
  for (const axis of [-1, 1])
    cases.push(
      operatorCase(
        "RMSNormalization",
        [f(2, 3, 4), positive(...(axis === 1 ? [3, 4] : [4]))],
        { axis },
        { opset: 23 },
      ),
    );
  return cases;
}

export const cases = (): Case[] => [...batches(), ...layers()];
