import { dtypeInfo, isFloat } from "../../dtype.ts";
import { heNormal, type Initializer } from "../initializers.ts";
import { defineLayer, type Layer, type LayerOptions } from "../layer.ts";
import { integers, knownSize } from "./axes.ts";
import { linear } from "./linear.ts";
import type { WeightOptions } from "./weights.ts";
import { countOf } from "./window.ts";

/** What `multiHeadAttention` takes; its biases are those of all three projections and of the last one. */
export interface MultiHeadAttentionOptions extends WeightOptions, LayerOptions {
  /** Heads, which the features fall into side by side. */
  readonly heads: number;
}

/**
 * Self-attention over tokens [N, T, D] (Vaswani et al. 2017, arXiv:1706.03762): in every head each token is a mean of
 * all tokens' values, weighted by the softmax of query · key / √(D / heads). Parameters: `qkv.weight` [3D, D], which has
 * queries, keys and values one below the other, `qkv.bias` [3D], `projection.weight` [D, D] and `projection.bias` [D].
 */
export const multiHeadAttention = (options: MultiHeadAttentionOptions): Layer =>
  defineLayer("multiHeadAttention", options, (scope, x) => {
    if (x.dims.length !== 3) scope.fail(`needs tokens [N, tokens, features], got [${x.dims}]`);
    const features = knownSize(scope, x, 2);
    const heads = countOf(scope, "heads", options.heads);
    if (features % heads !== 0) scope.fail(`${features} features do not fall into ${heads} heads`);
    const all = linear(scope, x.name, 3 * features, options, { part: "qkv", output: "qkv" });
    const sizes = integers(scope, "sizes", [features, features, features]);
    const parts = scope.nodes("Split", [all, sizes], ["queries", "keys", "values"], { axis: 2 });
    const apart = integers(scope, "heads", [0, 0, heads, features / heads]);
    const perms = [
      [0, 2, 1, 3],
      [0, 2, 3, 1],
      [0, 2, 1, 3],
    ];
    const [queries, keys, values] = parts.map((part, i) => {
      const role = ["queries", "keys", "values"][i] as string;
      const cut = scope.node("Reshape", [part, apart], {}, `${role}.apart`);
      return scope.node("Transpose", [cut], { perm: perms[i] as number[] }, `${role}.turned`);
    }) as [string, string, string];
    const factor = scope.scalar("factor", 1 / Math.sqrt(features / heads));
    const scaled = scope.node("Mul", [queries, factor], {}, "scaled");
    const scores = scope.node("MatMul", [scaled, keys], {}, "scores");
    const weights = scope.node("Softmax", [scores], { axis: -1 }, "weights");
    const mixed = scope.node("MatMul", [weights, values], {}, "mixed");
    const turned = scope.node("Transpose", [mixed], { perm: [0, 2, 1, 3] }, "turned");
    const joined = scope.node("Reshape", [turned, integers(scope, "shape", [0, 0, features])], {}, "joined");
    return linear(scope, joined, features, options, { part: "projection" });
  });

/** What `embedding` takes. */
export interface EmbeddingOptions extends LayerOptions {
  /** How many indices there are: 0 … entries - 1. */
  readonly entries: number;
  /** Features of each. */
  readonly features: number;
  /** heNormal() by default. */
  readonly initializer?: Initializer;
}

/**
 * A row of a table for each index: [N, …] becomes [N, …, features]. Indices are int64; those of a float32 input, which
 * training feeds, are cut to whole numbers. Parameter: `weight` [entries, features].
 */
export const embedding = (options: EmbeddingOptions): Layer =>
  defineLayer("embedding", options, (scope, x) => {
    const entries = countOf(scope, "entries", options.entries);
    const features = countOf(scope, "features", options.features);
    const shape = { dims: [entries, features], fanIn: 1, fanOut: features };
    const table = scope.parameter("weight", shape, options.initializer ?? heNormal());
    const indices = isFloat(scope.dtype(x.name))
      ? scope.node("Cast", [x.name], { to: dtypeInfo.int64.onnx }, "indices")
      : x.name;
    return scope.node("Gather", [table, indices], { axis: 0 });
  });
