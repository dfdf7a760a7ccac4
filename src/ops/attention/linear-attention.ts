import { isFloat } from "../../dtype.ts";
import { mapDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { defineOp, factOf, float, int, required, string } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

const RULES = ["linear", "gated", "delta", "gated_delta"];

/**
 * LinearAttention: a recurrent state [size of a key, size of a value] for each key/value head, updated at each position
 * by the linear, gated, delta or gated delta rule, and read by the queries.
 * https://onnx.ai/onnx/operators/onnx__LinearAttention.html
 */
export const linearAttention = defineOp({
  type: "LinearAttention",
  since: [27],
  inputs: ["query", "key", "value", "past_state?", "decay?", "beta?"],
  outputs: ["output", "present_state"],
  attributes: {
    chunkSize: int(64),
    kvNumHeads: required(int()),
    qNumHeads: required(int()),
    scale: float(0),
    updateRule: string("gated_delta"),
  },

  infer(context) {
    const { query, value, past_state } = context.facts();
    const { dtype, dims } = query;
    if (!isFloat(dtype)) context.failType(`query must be floating point, got ${dtype}`);
    const { qNumHeads, kvNumHeads, updateRule } = context.attributes;
    if (!RULES.includes(updateRule))
      context.fail(`update_rule ${JSON.stringify(updateRule)} is none of ${RULES}`);
    if (kvNumHeads < 1 || qNumHeads < 1 || qNumHeads % kvNumHeads !== 0)
      context.fail(`${qNumHeads} query heads cannot share ${kvNumHeads} key/value heads`);
    const split = (heads: number) => (width: number) => {
      if (width % heads !== 0) context.fail(`${width} columns do not split into ${heads} heads`);
      return width / heads;
    };
    for (const index of [0, 1, 2]) {
      const rank = context.dims(index)?.length;
      if (rank !== undefined && rank !== 3)
        context.fail(`input ${index} must have rank 3, got [${context.dims(index)}]`);
    }
    const [batch, length] = (dims ?? ["?", "?"]) as [Dim, Dim];
    const keySize = mapDims(split(qNumHeads), dims?.[2] ?? "?");
    const valueSize = mapDims(split(kvNumHeads), value.dims?.[2] ?? "?");
    const width = mapDims((size) => size * qNumHeads, valueSize);
    const stateType = past_state?.dtype ?? dtype;
    return [
      factOf(dtype, [batch, length, width]),
      factOf(stateType, [batch, kvNumHeads, keySize, valueSize]),
    ];
  },

  evaluate(context) {
    const { query, key, value, past_state: past, decay, beta } = context.tensors();
    const { qNumHeads, kvNumHeads, updateRule } = context.attributes;
    const [batch, length, width] = query.dims as [number, number, number];
    const keySize = width / qNumHeads;
    const valueSize = (value.dims[2] as number) / kvNumHeads;
    const scale = context.attributes.scale === 0 ? 1 / Math.sqrt(keySize) : context.attributes.scale;
    const gated = updateRule.startsWith("gated");
    const delta = updateRule.endsWith("delta");
    if (gated && decay === undefined) context.fail(`update_rule ${updateRule} needs decay`);
    if (delta && beta === undefined) context.fail(`update_rule ${updateRule} needs beta`);
    const [q, k, v] = [toNumbers(query), toNumbers(key), toNumbers(value)];
    const gates =
      gated && decay !== undefined ? { data: toNumbers(decay), width: decay.dims[2] as number } : undefined;
    const rates =
      delta && beta !== undefined ? { data: toNumbers(beta), width: beta.dims[2] as number } : undefined;
    const stateSize = keySize * valueSize;
    const state =
      past === undefined
        ? new Float64Array(batch * kvNumHeads * stateSize)
        : Float64Array.from(toNumbers(past));
    const output = new Float64Array(batch * length * qNumHeads * valueSize);
    const share = qNumHeads / kvNumHeads;
    const update = new Float64Array(valueSize);
    for (let b = 0; b < batch; b++) {
      for (let h = 0; h < kvNumHeads; h++) {
        const s = state.subarray((b * kvNumHeads + h) * stateSize, (b * kvNumHeads + h + 1) * stateSize);
        for (let t = 0; t < length; t++) {
          const position = b * length + t;
          const kAt = (position * kvNumHeads + h) * keySize;
          const vAt = (position * kvNumHeads + h) * valueSize;
          if (gates !== undefined) {
            const perHead = gates.width === kvNumHeads && keySize !== 1;
            for (let i = 0; i < keySize; i++) {
              const gate = gates.data[position * gates.width + (perHead ? h : h * keySize + i)] as number;
              const factor = Math.exp(gate);
              for (let j = 0; j < valueSize; j++)
                s[i * valueSize + j] = (s[i * valueSize + j] as number) * factor;
            }
          }
          for (let j = 0; j < valueSize; j++) {
            let difference = v[vAt + j] as number;
            if (rates !== undefined) {
              for (let i = 0; i < keySize; i++)
                difference -= (s[i * valueSize + j] as number) * (k[kAt + i] as number);
              difference *= rates.data[position * rates.width + (rates.width === 1 ? 0 : h)] as number;
            }
            update[j] = difference;
          }
          for (let i = 0; i < keySize; i++) {
            for (let j = 0; j < valueSize; j++) {
              s[i * valueSize + j] =
                (s[i * valueSize + j] as number) + (k[kAt + i] as number) * (update[j] as number);
            }
          }
          for (let g = h * share; g < (h + 1) * share; g++) {
            const qAt = (position * qNumHeads + g) * keySize;
            const to = (position * qNumHeads + g) * valueSize;
            for (let j = 0; j < valueSize; j++) {
              let sum = 0;
              for (let i = 0; i < keySize; i++)
                sum += (q[qAt + i] as number) * (s[i * valueSize + j] as number);
              output[to + j] = sum * scale;
            }
          }
        }
      }
    }
    return [
      fromNumbers(query.dtype, [batch, length, qNumHeads * valueSize], output),
      fromNumbers(past?.dtype ?? query.dtype, [batch, kvNumHeads, keySize, valueSize], state),
    ];
  },
});
