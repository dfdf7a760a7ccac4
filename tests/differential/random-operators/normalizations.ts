import type { DType } from "../../../src/dtype.ts";
import type { TensorData } from "../../../src/tensor.ts";
import { float } from "../../support/onnx-model.ts";
import type { Random } from "../../support/random.ts";
import {
  axesOf,
  axisOf,
  caseOf,
  type Draw,
  type Draws,
  filled,
  mostly,
  opset,
  perhaps,
  summed,
} from "./draw.ts";

const OTHER: readonly DType[] = ["float64", "float16"];
const epsilonOf = (random: Random) => perhaps(random, [float(0.001), float(0.01), float(0.5)]);
const image = (random: Random, lowest = 1): number[] => [
  random.whole(1, 2),
  random.chance(0.2) ? random.pick([8, 16, 17, 33]) : random.whole(1, 6),
  ...filled(random, lowest, 3),
];
/** Statistics want a few elements: those of one alone are 0 over 0, and any rounding is everything. */
const wide = (of: readonly number[]): number[] => of.map((dim, i) => (i > 1 ? Math.max(dim, 2) : dim));

const batch: Draw = (random) => {
  const version = opset(random, "BatchNormalization");
  const of = image(random, random.chance(0.1) ? 0 : 1);
  const c = of[1] as number;
  const dtype = mostly(random, OTHER, 0.85);
  const inputs = [
    random.tensor(dtype, of),
    random.tensor(dtype, [c], 0.5, 2),
    random.tensor(dtype, [c]),
    random.tensor(dtype, [c]),
    random.tensor(dtype, [c], 0.5, 2),
  ];
  return caseOf(
    "BatchNormalization",
    inputs,
    {
      epsilon: epsilonOf(random),
      momentum: perhaps(random, [float(0.5)], 0.2),
      training_mode: version >= 14 ? perhaps(random, [0], 0.2) : undefined,
    },
    { opset: version, tolerance: summed(dtype) },
  );
};

const instance: Draw = (random) => {
  const of = wide(image(random));
  const c = of[1] as number;
  const inputs = [
    random.tensor("float32", of),
    random.tensor("float32", [c], -2, 2),
    random.tensor("float32", [c]),
  ];
  return caseOf(
    "InstanceNormalization",
    inputs,
    { epsilon: epsilonOf(random) },
    {
      opset: opset(random, "InstanceNormalization"),
      tolerance: { rtol: 1e-3, atol: 1e-4 },
    },
  );
};

const group: Draw = (random) => {
  const version = opset(random, "GroupNormalization");
  const groups = random.whole(1, 4);
  const c = groups * random.whole(1, 4);
  const of = wide([random.whole(1, 2), c, ...filled(random, 1, 3)]);
  const affine = version < 21 ? groups : c;
  const inputs = [
    random.tensor("float32", of),
    random.tensor("float32", [affine], -2, 2),
    random.tensor("float32", [affine]),
  ];
  return caseOf(
    "GroupNormalization",
    inputs,
    { num_groups: groups, epsilon: epsilonOf(random) },
    {
      opset: version,
      tolerance: { rtol: 1e-3, atol: 1e-4 },
    },
  );
};

const layer: Draw = (random) => {
  const of = filled(random, 1, 4);
  of[of.length - 1] = random.chance(0.2) ? random.whole(8, 40) : random.whole(2, 7);
  const axis = axisOf(random, of.length);
  const given = random.chance(0.85);
  const scaled = of.slice(given ? axis : -1);
  const dtype = mostly(random, OTHER, 0.85);
  const inputs: (TensorData | undefined)[] = [random.tensor(dtype, of), random.tensor(dtype, scaled, -2, 2)];
  if (random.chance(0.6)) inputs.push(random.tensor(dtype, scaled));
  const outputs = dtype === "float32" ? random.whole(1, 3) : 1;
  return caseOf(
    "LayerNormalization",
    inputs,
    { axis: given ? axis : undefined, epsilon: epsilonOf(random) },
    {
      opset: opset(random, "LayerNormalization"),
      outputs,
      tolerance: dtype === "float16" ? summed(dtype) : { rtol: 1e-3, atol: 1e-4 },
    },
  );
};

const rms: Draw = (random) => {
  const of = filled(random, 1, 4);
  const axis = axisOf(random, of.length);
  const inputs = [random.tensor("float32", of), random.tensor("float32", of.slice(axis), -2, 2)];
  return caseOf(
    "RMSNormalization",
    inputs,
    { axis, epsilon: epsilonOf(random) },
    { opset: opset(random, "RMSNormalization"), tolerance: summed("float32") },
  );
};

const lp: Draw = (random) => {
  const of = filled(random, 1, 4);
  const x = random.tensor(mostly(random, ["float64"], 0.85), of, -2, 2);
  const axis = axisOf(random, of.length);
  return caseOf(
    "LpNormalization",
    [x],
    { axis: perhaps(random, [axis], 0.8), p: perhaps(random, [1, 2]) },
    { opset: opset(random, "LpNormalization"), tolerance: summed("float32") },
  );
};

const meanVariance: Draw = (random) => {
  const of = wide(image(random, 2))
    .slice(0, 4)
    .map((dim) => Math.max(dim, 2));
  const axes = perhaps(random, [axesOf(random, of.length, 1)], 0.8);
  const x = random.tensor("float32", of);
  return caseOf(
    "MeanVarianceNormalization",
    [x],
    { axes },
    {
      opset: opset(random, "MeanVarianceNormalization"),
      tolerance: { rtol: 1e-3, atol: 1e-4 },
    },
  );
};

const classes = (random: Random) => {
  const of = [random.whole(1, 4), random.whole(2, 6), ...filled(random, 0, 2)];
  const targets = random.tensor(
    random.pick(["int32", "int64"] as const),
    [of[0] as number, ...of.slice(2)],
    0,
    (of[1] as number) - 1,
  );
  const weight = random.chance(0.5) ? random.tensor("float32", [of[1] as number], 0.1, 2) : undefined;
  const ignore_index = perhaps(random, [0, 1, -1], 0.4);
  return {
    of,
    targets,
    weight,
    given: { ignore_index, reduction: perhaps(random, ["none", "mean", "sum"], 0.85) },
  };
};

const likelihood: Draw = (random) => {
  const { of, targets, weight, given } = classes(random);
  const x = random.tensor("float32", of, -4, 0);
  return caseOf("NegativeLogLikelihoodLoss", [x, targets, weight], given, {
    opset: opset(random, "NegativeLogLikelihoodLoss"),
    tolerance: summed("float32"),
  });
};

const crossEntropy: Draw = (random) => {
  const { of, targets, weight, given } = classes(random);
  const x = random.tensor("float32", of, -4, 4);
  return caseOf("SoftmaxCrossEntropyLoss", [x, targets, weight], given, {
    opset: opset(random, "SoftmaxCrossEntropyLoss"),
    outputs: random.whole(1, 2),
    tolerance: summed("float32"),
  });
};

export const draws: Draws = {
  BatchNormalization: batch,
  GroupNormalization: group,
  InstanceNormalization: instance,
  LayerNormalization: layer,
  LpNormalization: lp,
  MeanVarianceNormalization: meanVariance,
  NegativeLogLikelihoodLoss: likelihood,
  RMSNormalization: rms,
  SoftmaxCrossEntropyLoss: crossEntropy,
};
