import type { TensorData } from "../../src/tensor.ts";
import { type Case, longs, numbers, operatorCase, scalar } from "../differential/operators/case.ts";
import { FLOAT32 } from "../support/compare.ts";
import { type AttributeSpec, float, node } from "../support/onnx-model.ts";
import { random } from "../support/random.ts";

const draw = random(11);
const any = (...dims: number[]): TensorData => draw.tensor("float32", dims, -1, 1);
const text = (...data: string[]): TensorData => ({ dtype: "string", dims: [data.length], data });
const attributes = (given: Record<string, AttributeSpec>) => given;

const ml = (
  op: string,
  inputs: TensorData[],
  given: Record<string, AttributeSpec>,
  outputs = 1,
  version = 3,
) => operatorCase(op, inputs, given, { domain: "ai.onnx.ml", opset: version, outputs });
const training = (op: string, inputs: TensorData[], given: Record<string, AttributeSpec>, outputs: number) =>
  operatorCase(op, inputs, given, { domain: "ai.onnx.preview.training", opset: 1, outputs });

const tree = attributes({
  nodes_treeids: [0, 0, 0],
  nodes_nodeids: [0, 1, 2],
  nodes_featureids: [0, 0, 0],
  nodes_modes: ["BRANCH_LEQ", "LEAF", "LEAF"],
  nodes_values: float([0.5, 0, 0]),
  nodes_truenodeids: [1, 0, 0],
  nodes_falsenodeids: [2, 0, 0],
});

const grams = attributes({
  max_gram_length: 2,
  max_skip_count: 1,
  min_gram_length: 1,
  mode: "TF",
  ngram_counts: [0, 3],
  ngram_indexes: [0, 1, 2, 3],
  pool_int64s: [1, 2, 3, 1, 2],
});

/** Maps have no other way in: ZipMap makes them. */
const ofMap = (
  op: string,
  made: Record<string, AttributeSpec>,
  given: Record<string, AttributeSpec>,
): Case => {
  const x = any(1, 3);
  return {
    name: `ZipMap, ${op}`,
    spec: {
      inputs: { x: { dtype: "float32", dims: x.dims } },
      initializers: { first: scalar(0, "int64") },
      nodes: [
        node("ZipMap", ["x"], ["maps"], made, "ai.onnx.ml"),
        node("SequenceAt", ["maps", "first"], ["map"]),
        node(op, ["map"], ["y"], given, "ai.onnx.ml"),
      ],
      outputs: ["y"],
      opset: { "": 17, "ai.onnx.ml": 3 },
    },
    feeds: { x },
    tolerance: FLOAT32,
  };
};

const machineLearning = (): Case[] => [
  ofMap(
    "CastMap",
    { classlabels_int64s: [1, 2, 5] },
    { cast_to: "TO_FLOAT", map_form: "SPARSE", max_map: 8 },
  ),
  ofMap("DictVectorizer", { classlabels_strings: ["a", "b", "c"] }, { string_vocabulary: ["c", "a"] }),
  ofMap("DictVectorizer", { classlabels_int64s: [1, 2, 5] }, { int64_vocabulary: [5, 3] }),
  ml("Binarizer", [any(2, 3)], { threshold: float(0) }),
  ml("CategoryMapper", [text("a", "b")], { cats_strings: ["a", "b"], cats_int64s: [1, 2], default_int64: 7 }),
  ml("FeatureVectorizer", [any(2, 3), any(2, 2)], { inputdimensions: [3, 2] }),
  ml("Imputer", [any(2, 3)], { imputed_value_floats: float([1, 2, 3]), replaced_value_float: float(0) }),
  ml("LabelEncoder", [longs(1, 2, 3)], {
    keys_int64s: [1, 2],
    values_floats: float([5, 6]),
    default_float: float(1),
  }),
  ml("LabelEncoder", [text("a", "b")], { keys_strings: ["a"], values_int64s: [5], default_int64: -1 }),
  ml(
    "LinearClassifier",
    [any(2, 2)],
    {
      ...{ coefficients: float([1, 2, 3, 4, 5, 6]), intercepts: float([0, 1, 2]) },
      ...{ classlabels_ints: [1, 2, 3], multi_class: 0, post_transform: "SOFTMAX" },
    },
    2,
  ),
  ml("LinearRegressor", [any(2, 2)], {
    ...{ coefficients: float([1, 2, 3, 4]), intercepts: float([0, 1]), targets: 2, post_transform: "NONE" },
  }),
  ml("Normalizer", [any(2, 3)], { norm: "L2" }),
  ml("OneHotEncoder", [longs(1, 2, 9)], { cats_int64s: [1, 2, 3], zeros: 1 }),
  ml("Scaler", [any(2, 3)], { offset: float([1, 2, 3]), scale: float([1, 2, 3]) }),
  ml(
    "SVMClassifier",
    [any(2, 2)],
    {
      ...{ kernel_type: "RBF", kernel_params: float([0.5, 0, 3]), coefficients: float([1, -1]) },
      ...{ support_vectors: float([1, 2, 3, 4]), rho: float([0.5]), vectors_per_class: [1, 1] },
      ...{ classlabels_ints: [0, 1], prob_a: float([0.5]), prob_b: float([0.1]), post_transform: "NONE" },
    },
    2,
  ),
  ml("SVMRegressor", [any(2, 2)], {
    ...{ kernel_type: "POLY", kernel_params: float([0.5, 1, 2]), coefficients: float([2, 1]), n_supports: 2 },
    ...{ support_vectors: float([1, 1, 2, 2]), rho: float([0.25]), one_class: 0, post_transform: "NONE" },
  }),
  ml(
    "TreeEnsembleClassifier",
    [any(2, 1)],
    {
      ...tree,
      ...{ class_treeids: [0, 0], class_nodeids: [1, 2], class_ids: [0, 1], class_weights: float([1, 2]) },
      ...{ classlabels_int64s: [3, 4], base_values: float([0.5, 0.5]), post_transform: "NONE" },
      ...{ nodes_missing_value_tracks_true: [1, 0, 0] },
    },
    2,
  ),
  ml("TreeEnsembleRegressor", [any(2, 1)], {
    ...tree,
    ...{ target_treeids: [0, 0], target_nodeids: [1, 2], target_ids: [0, 0], target_weights: float([1, 2]) },
    ...{ n_targets: 1, aggregate_function: "SUM", base_values: float([0.5]), post_transform: "NONE" },
  }),
  ml(
    "TreeEnsemble",
    [any(2, 1)],
    {
      ...{ aggregate_function: 1, n_targets: 1, post_transform: 0, tree_roots: [0] },
      ...{ leaf_targetids: [0, 0], leaf_weights: numbers("float32", [2], [1, 2]) },
      ...{ nodes_featureids: [0], nodes_modes: numbers("uint8", [1], [0]) },
      ...{ nodes_splits: numbers("float32", [1], [0.5]), nodes_trueleafs: [1], nodes_falseleafs: [1] },
      ...{ nodes_truenodeids: [0], nodes_falsenodeids: [1] },
    },
    1,
    5,
  ),
];

const optimizers = (): Case[] => [
  training(
    "Adagrad",
    [scalar(0.1), scalar(1, "int64"), any(3), any(3), draw.tensor("float32", [3], 0, 1)],
    {
      ...{ decay_factor: float(0.5), epsilon: float(0.25), norm_coefficient: float(0.5) },
    },
    2,
  ),
  training(
    "Adam",
    [scalar(0.1), scalar(1, "int64"), any(3), any(3), any(3), draw.tensor("float32", [3], 0, 1)],
    { alpha: float(0.5), beta: float(0.75), epsilon: float(0.25), norm_coefficient: float(0.5) },
    3,
  ),
  training(
    "Momentum",
    [scalar(0.1), scalar(1, "int64"), any(3), any(3), any(3)],
    {
      ...{ alpha: float(0.5), beta: float(0.5), mode: "nesterov", norm_coefficient: float(0.5) },
    },
    2,
  ),
];

const signals = (): Case[] => [
  operatorCase("DFT", [any(1, 6, 1)], { axis: 1, inverse: 0, onesided: 0 }),
  operatorCase("STFT", [any(1, 16, 1), scalar(4, "int64"), any(8)], { onesided: 1 }),
  ...["BlackmanWindow", "HannWindow", "HammingWindow"].map((op) =>
    operatorCase(op, [scalar(8, "int64")], { output_datatype: 1, periodic: 1 }),
  ),
  operatorCase(
    "MelWeightMatrix",
    [scalar(4, "int64"), scalar(16, "int64"), scalar(8192, "int64"), scalar(0), scalar(4096)],
    { output_datatype: 1 },
  ),
];

const chances = (): Case[] => [
  operatorCase("Bernoulli", [draw.tensor("float32", [3], 0, 1)], { dtype: 1, seed: float(0.5) }),
  operatorCase("Multinomial", [any(2, 3)], { dtype: 6, sample_size: 4, seed: float(0.5) }),
  ...["RandomNormal", "RandomUniform"].map((op) =>
    operatorCase(op, [], {
      ...{ dtype: 1, seed: float(0.5), shape: [2, 3] },
      ...(op === "RandomNormal" ? { mean: float(0), scale: float(1) } : { low: float(0), high: float(1) }),
    }),
  ),
  ...["RandomNormalLike", "RandomUniformLike"].map((op) =>
    operatorCase(op, [any(2, 3)], {
      ...{ dtype: 1, seed: float(0.5) },
      ...(op === "RandomNormalLike"
        ? { mean: float(0), scale: float(1) }
        : { low: float(0), high: float(1) }),
    }),
  ),
];

const strings = (): Case[] => [
  operatorCase("RegexFullMatch", [text("ab", "c")], { pattern: "a.*" }, { opset: 20 }),
  operatorCase("StringNormalizer", [text("ab", "C")], {
    ...{ case_change_action: "LOWER", is_case_sensitive: 0, stopwords: ["ab"] },
  }),
  operatorCase(
    "StringSplit",
    [text("a b c", "d")],
    { delimiter: " ", maxsplit: 1 },
    { opset: 20, outputs: 2 },
  ),
  operatorCase("TfIdfVectorizer", [longs(1, 2, 3, 1)], { ...grams, weights: float([1, 2, 3, 4]) }),
];

const attention = (): Case[] => [
  operatorCase(
    "Attention",
    [any(1, 3, 8), any(1, 4, 8), any(1, 4, 8)],
    {
      ...{ is_causal: 1, kv_num_heads: 2, q_num_heads: 2, qk_matmul_output_mode: 0 },
      ...{ scale: float(0.5), softcap: float(2.5), softmax_precision: 1 },
    },
    { opset: 23 },
  ),
  operatorCase(
    "CausalConvWithState",
    [any(1, 3, 5), any(3, 1, 2)],
    { activation: "none" },
    { opset: 27, outputs: 2 },
  ),
  operatorCase(
    "LinearAttention",
    [any(1, 3, 4), any(1, 3, 4), any(1, 3, 4)],
    {
      ...{ chunk_size: 64, kv_num_heads: 2, q_num_heads: 2, scale: float(0.5), update_rule: "linear" },
    },
    { opset: 27, outputs: 2 },
  ),
  operatorCase(
    "FlexAttention",
    [any(1, 2, 3, 4), any(1, 2, 3, 4), any(1, 2, 3, 4)],
    {
      ...{ scale: float(0.5), softmax_precision: 1 },
    },
    { domain: "ai.onnx.preview", opset: 1 },
  ),
  operatorCase(
    "RotaryEmbedding",
    [any(1, 2, 8), any(4, 2), any(4, 2), numbers("int64", [1, 2], [0, 1])],
    {
      ...{ interleaved: 0, num_heads: 2, rotary_embedding_dim: 4 },
    },
    { opset: 23 },
  ),
  operatorCase(
    "TensorScatter",
    [any(1, 4, 3), any(1, 2, 3), longs(1)],
    { axis: -2, mode: "linear" },
    { opset: 24 },
  ),
];

const others = (): Case[] => [
  operatorCase("BitCast", [any(2, 3)], { to: 6 }, { opset: 26 }),
  operatorCase("Constant", [], { value_ints: [1, 2, 3] }),
  operatorCase("Constant", [], { value_float: float(0.5) }),
  operatorCase("CumProd", [any(2, 3), scalar(1, "int64")], { exclusive: 0, reverse: 0 }, { opset: 26 }),
  operatorCase(
    "DeformConv",
    [any(1, 2, 4, 4), any(2, 1, 2, 2), any(1, 8, 3, 3)],
    {
      ...{
        dilations: [1, 1],
        group: 2,
        kernel_shape: [2, 2],
        offset_group: 1,
        pads: [0, 0, 0, 0],
        strides: [1, 1],
      },
    },
    { opset: 19 },
  ),
];

/** Cases of operators that no other family of the tests draws, every attribute said. */
export const seeds = (): Case[] => [
  ...machineLearning(),
  ...optimizers(),
  ...signals(),
  ...chances(),
  ...strings(),
  ...attention(),
  ...others(),
];
