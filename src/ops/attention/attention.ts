import { isFloat } from "../../dtype.ts";
import { disagree, mapDims, showDims } from "../../graph/dims.ts";
import type { Dim, Fact } from "../../graph/graph.ts";
import { defineOp, factOf, float, int } from "../define.ts";
import { fromNumbers, toNumberArray } from "../shared/elements.ts";
import { addMask, appendHeads, headsOf, scores, softmaxRows, weightedValues } from "./attending.ts";

/** What `qk_matmul_output_mode` asks for. */
const RAW = 0;
const CAPPED = 1;
const BIASED = 2;
const SOFTMAX = 3;

/** Heads, positions and head size of a rank-4 or rank-3 operand. */
function headDims(
  context: { fail(message: string): never },
  name: string,
  dims: readonly Dim[],
  heads: number | undefined,
): { batch: Dim; heads: Dim; length: Dim; size: Dim } {
  if (dims.length === 4) {
    const [batch, count, length, size] = dims as [Dim, Dim, Dim, Dim];
    return { batch, heads: count, length, size };
  }
  if (dims.length !== 3) context.fail(`${name} must have rank 3 or 4, got [${dims}]`);
  if (heads === undefined) return context.fail(`${name} of rank 3 needs q_num_heads and kv_num_heads`);
  const [batch, length, width] = dims as [Dim, Dim, Dim];
  if (typeof width === "number" && width % heads !== 0)
    context.fail(`${name} of width ${width} has no ${heads} heads`);
  return { batch, heads, length, size: mapDims((n) => n / heads, width) };
}

/** The mask broadcasts to the scores; its last axis may stop short of them, which hides the keys behind. */
function checkMask(
  context: { fail(message: string): never },
  mask: readonly Dim[],
  scores: readonly Dim[],
): void {
  const own = scores.slice(-mask.length);
  const fits = mask.every((size, axis) => {
    const whole = own[axis];
    if (size === 1 || typeof size !== "number" || typeof whole !== "number") return true;
    return axis === mask.length - 1 ? size <= whole : size === whole;
  });
  if (mask.length > 4 || !fits)
    context.fail(`attn_mask ${showDims(mask)} does not broadcast to ${showDims(scores)}`);
}

/**
 * Attention: softmax(scale·Q·Kᵀ + mask)·V by heads, with grouped queries, a key/value cache, causal masking and softcap.
 * https://onnx.ai/onnx/operators/onnx__Attention.html
 */
export const attention = defineOp({
  type: "Attention",
  since: [23, 24],
  inputs: ["Q", "K", "V", "attn_mask?", "past_key?", "past_value?", "nonpad_kv_seqlen?"],
  outputs: ["Y", "present_key?", "present_value?", "qk_matmul_output?"],
  attributes: {
    isCausal: int(0),
    kvNumHeads: int(),
    qNumHeads: int(),
    qkMatmulOutputMode: int(RAW),
    scale: float(),
    softcap: float(0),
    softmaxPrecision: int(),
  },

  infer(context): readonly Fact[] {
    const { Q, K, V, attn_mask, past_key, past_value, nonpad_kv_seqlen } = context.facts();
    const { dtype, dims } = Q;
    if (!isFloat(dtype)) context.failType(`Q must be floating point, got ${dtype}`);
    const { qkMatmulOutputMode: mode } = context.attributes;
    if (![RAW, CAPPED, BIASED, SOFTMAX].includes(mode))
      context.fail(`qk_matmul_output_mode must be ${RAW} to ${SOFTMAX}, got ${mode}`);
    const [kDims, vDims] = [K.dims, V.dims];
    if (dims === undefined || kDims === undefined || vDims === undefined) {
      return [
        factOf(dtype, undefined),
        factOf(K.dtype, undefined),
        factOf(V.dtype, undefined),
        factOf(dtype, undefined),
      ];
    }
    const { qNumHeads, kvNumHeads } = context.attributes;
    const agree = (what: string, ...named: readonly (readonly [name: string, size: Dim])[]): void => {
      const known = named.filter(([, size]) => typeof size === "number");
      const shown = known.map(([name, size]) => `${size} of ${name}`);
      if (new Set(known.map(([, size]) => size)).size > 1)
        context.fail(`${what} differs: ${shown.join(", ")}`);
    };
    const q = headDims(context, "Q", dims, qNumHeads);
    const k = headDims(context, "K", kDims, kvNumHeads);
    const v = headDims(context, "V", vDims, kvNumHeads);
    if (typeof q.size === "number" && typeof k.size === "number" && q.size !== k.size) {
      context.fail(`heads of Q have ${q.size} elements, those of K ${k.size}`);
    }
    if (typeof q.heads === "number" && typeof k.heads === "number" && q.heads % k.heads !== 0) {
      context.fail(`${q.heads} heads of Q cannot share ${k.heads} heads of K`);
    }
    agree("batch", ["Q", q.batch], ["K", k.batch], ["V", v.batch]);
    agree("length", ["K", k.length], ["V", v.length]);
    agree("heads", ["K", k.heads], ["V", v.heads]);
    if ((past_key === undefined) !== (past_value === undefined))
      context.fail("past_key and past_value go together");
    for (const [name, cache, own, present] of [
      ["past_key", past_key, k, K],
      ["past_value", past_value, v, V],
    ] as const) {
      if (cache?.dims === undefined) continue;
      const before = cache.dims;
      const wanted: Dim[] = [q.batch, own.heads, "?", own.size];
      if (disagree(before, wanted))
        context.fail(`${name} must be ${showDims(wanted)}, got ${showDims(before)}`);
      agree("length", ["past_key", past_key?.dims?.[2] ?? "?"], [name, before[2] as Dim]);
      if (cache.dtype !== present.dtype)
        context.failType(`${name} is ${cache.dtype} beside ${present.dtype}`);
    }
    const valid = nonpad_kv_seqlen?.dims;
    if (valid !== undefined && disagree(valid, [q.batch]))
      context.fail(`nonpad_kv_seqlen must be ${showDims([q.batch])}, got ${showDims(valid)}`);
    const past = past_key === undefined ? 0 : (past_key.dims?.[2] ?? "?");
    const total = mapDims((before, added) => before + added, past, k.length);
    const y =
      dims.length === 4
        ? [q.batch, q.heads, q.length, v.size]
        : [q.batch, q.length, mapDims((heads, size) => heads * size, q.heads, v.size)];
    const mask = attn_mask?.dims;
    if (mask !== undefined) checkMask(context, mask, [q.batch, q.heads, q.length, total]);
    return [
      factOf(dtype, y),
      factOf(K.dtype, [q.batch, k.heads, total, k.size]),
      factOf(V.dtype, [q.batch, v.heads, total, v.size]),
      factOf(dtype, [q.batch, q.heads, q.length, total]),
    ];
  },

  evaluate(context) {
    const {
      Q: qTensor,
      K: kTensor,
      V: vTensor,
      attn_mask: mask,
      past_key: past,
      past_value: pastValues,
      nonpad_kv_seqlen: valid,
    } = context.tensors();
    const { isCausal, kvNumHeads, qNumHeads, qkMatmulOutputMode: mode, softcap } = context.attributes;
    const q = headsOf(qTensor, qNumHeads);
    const k = appendHeads(past, headsOf(kTensor, kvNumHeads));
    const v = appendHeads(pastValues, headsOf(vTensor, kvNumHeads));
    const dims = [q.batch, q.heads, q.length, k.length];
    const values = scores(q, k, context.attributes.scale ?? 1 / Math.sqrt(q.size));
    const wanted = context.outputCount > 3;
    let shown: Float64Array | undefined = wanted && mode === RAW ? values.slice() : undefined;
    if (softcap > 0)
      for (let i = 0; i < values.length; i++)
        values[i] = softcap * Math.tanh((values[i] as number) / softcap);
    if (wanted && mode === CAPPED) shown = values.slice();
    if (mask !== undefined) addMask(values, dims, mask);
    const lengths = valid === undefined ? undefined : toNumberArray(valid);
    if (isCausal !== 0 || lengths !== undefined) {
      // Query i sees the keys up to its own position: behind the cache, or at the end of the keys that are no padding.
      let at = 0;
      for (let b = 0; b < q.batch; b++) {
        const end = lengths?.[b] ?? k.length;
        const first =
          past !== undefined ? (past.dims[2] as number) : lengths === undefined ? 0 : end - q.length;
        for (let row = 0; row < q.heads * q.length; row++) {
          const last = isCausal === 0 ? k.length : (row % q.length) + first;
          for (let j = 0; j < k.length; j++, at++) if (j > last || j >= end) values[at] = -Infinity;
        }
      }
    }
    if (wanted && mode === BIASED) shown = values.slice();
    softmaxRows(values, k.length);
    if (wanted && mode === SOFTMAX) shown = values;
    const packed = qTensor.dims.length === 3;
    const y = weightedValues(values, v, q.heads, q.length, packed);
    const yDims = packed ? [q.batch, q.length, q.heads * v.size] : [q.batch, q.heads, q.length, v.size];
    return [
      fromNumbers(qTensor.dtype, yDims, y),
      fromNumbers(kTensor.dtype, [k.batch, k.heads, k.length, k.size], k.data),
      fromNumbers(vTensor.dtype, [v.batch, v.heads, v.length, v.size], v.data),
      shown && fromNumbers(qTensor.dtype, dims, shown),
    ];
  },
});
