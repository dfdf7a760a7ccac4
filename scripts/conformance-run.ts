import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeModel } from "../src/onnx/decode.ts";
import { decodeOptionalFile, decodeSequenceFile, decodeTensorFile } from "../src/onnx/decode-value.ts";
import { assertSupported, importModel } from "../src/onnx/import.ts";
import { isTensor, type RuntimeValue } from "../src/ops/define.ts";
import { interpret } from "../src/ops/evaluate.ts";
import { inferNode } from "../src/ops/infer.ts";
import { toNumbers } from "../src/ops/shared/elements.ts";

const data = process.env.LANEWISE_DATA ?? "/work/shared/data";
const filters = process.argv.slice(2).filter((a) => !a.startsWith("-"));
const verbose = process.argv.includes("-v");

const close = (actual: RuntimeValue | undefined, expected: RuntimeValue, path = ""): string | undefined => {
  if (actual === undefined) return `${path} missing`;
  if (!isTensor(expected)) {
    if (isTensor(actual) || actual.container !== expected.container) return `${path} container differs`;
    if (expected.container === "sequence") {
      const a = actual as typeof expected;
      if (a.values.length !== expected.values.length)
        return `${path} ${a.values.length} entries, expected ${expected.values.length}`;
      for (const [i, e] of expected.values.entries()) {
        const d = close(a.values[i], e, `${path}[${i}]`);
        if (d) return d;
      }
      return undefined;
    }
    const a = actual as typeof expected;
    if (expected.value === undefined) return a.value === undefined ? undefined : `${path} expected none`;
    return close(a.value, expected.value, `${path}?`);
  }
  if (!isTensor(actual)) return `${path} expected a tensor`;
  if (actual.dtype !== expected.dtype) return `${path} dtype ${actual.dtype}, expected ${expected.dtype}`;
  if (actual.dims.join() !== expected.dims.join())
    return `${path} dims [${actual.dims}], expected [${expected.dims}]`;
  if (actual.dtype === "string") {
    const i = (expected.data as string[]).findIndex((v, k) => v !== (actual.data as string[])[k]);
    return i < 0
      ? undefined
      : `${path}[${i}] ${JSON.stringify((actual.data as string[])[i])}, expected ${JSON.stringify((expected.data as string[])[i])}`;
  }
  if (actual.data.length !== expected.data.length)
    return `${path} data length ${actual.data.length}, expected ${expected.data.length}`;
  const a = toNumbers(actual);
  const e = toNumbers(expected);
  const [rtol, atol] = expected.dtype === "float16" ? [1e-2, 1e-3] : [1e-3, 1e-5];
  for (let i = 0; i < e.length; i++) {
    const x = a[i] as number;
    const y = e[i] as number;
    if (Number.isNaN(x) && Number.isNaN(y)) continue;
    if (x === y) continue;
    if (!(Math.abs(x - y) <= atol + rtol * Math.abs(y))) return `${path}[${i}] ${x}, expected ${y}`;
  }
  return undefined;
};

let passed = 0;
let failed = 0;
const summary = new Map<string, number>();
for (const category of ["node", "simple", "pytorch-converted", "pytorch-operator"]) {
  for (const name of readdirSync(join(data, "onnx-backend", category))) {
    if (filters.length > 0 && !filters.some((f) => name.includes(f))) continue;
    const folder = join(data, "onnx-backend", category, name);
    let reason: string | undefined;
    try {
      const model = decodeModel(readFileSync(join(folder, "model.onnx")));
      const imported = importModel(model);
      assertSupported(imported);
      const { graph } = imported;
      for (let set = 0; existsSync(join(folder, `test_data_set_${set}`)) && !reason; set++) {
        const read = (kind: "input" | "output", i: number, valueName: string): RuntimeValue | undefined => {
          const file = join(folder, `test_data_set_${set}`, `${kind}_${i}.pb`);
          if (!existsSync(file)) return undefined;
          const container = imported.declared.get(valueName)?.container ?? "tensor";
          const decode = {
            tensor: decodeTensorFile,
            sequence: decodeSequenceFile,
            optional: decodeOptionalFile,
          }[container];
          return decode(readFileSync(file), `${kind}_${i}`);
        };
        const feeds = graph.inputs.map((n, i) => read("input", i, n));
        const expected = graph.outputs.map((n, i) => read("output", i, n));
        // Inference must agree with what comes out.
        const results = interpret(graph, feeds as RuntimeValue[]);
        expected.forEach((e, i) => {
          if (e && !reason) reason = close(results[i], e, graph.outputs[i]);
        });
        if (!reason) {
          const facts = new Map(graph.facts);
          graph.inputs.forEach((n, i) => {
            const v = feeds[i];
            if (v && isTensor(v)) facts.set(n, { dtype: v.dtype, dims: v.dims, data: v });
          });
          for (const node of graph.nodes) {
            const out = inferNode(node, (n) => facts.get(n));
            node.outputs.forEach((n, i) => {
              const fact = out[i];
              if (n && fact && !facts.has(n)) facts.set(n, fact);
            });
          }
          graph.outputs.forEach((n, i) => {
            const fact = facts.get(n);
            const r = results[i];
            if (reason || !fact || !r || !isTensor(r) || fact.container) return;
            if (fact.dtype !== r.dtype) reason = `infer: ${n} dtype ${fact.dtype}, evaluated ${r.dtype}`;
            if (
              fact.dims &&
              (fact.dims.length !== r.dims.length ||
                fact.dims.some((d, k) => typeof d === "number" && d !== r.dims[k]))
            )
              reason = `infer: ${n} dims [${fact.dims}], evaluated [${r.dims}]`;
          });
        }
      }
    } catch (error) {
      reason = verbose
        ? (((error as Error).cause as Error | undefined)?.stack ?? (error as Error).stack)
        : (error as Error).message;
    }
    if (reason === undefined) passed++;
    else {
      failed++;
      const key = reason.includes("unsupported node")
        ? [...reason.matchAll(/(?:: |; )([\w.]+) "/g)].map((m) => m[1]).join(",")
        : "";
      if (key) summary.set(key, (summary.get(key) ?? 0) + 1);
      if (!key || filters.length > 0) console.log(`FAIL ${category}/${name}: ${reason}`);
    }
  }
}
for (const [key, count] of [...summary].sort((a, b) => b[1] - a[1]).slice(0, 60))
  console.log(`unsupported ${count}: ${key}`);
console.log(`${passed} passed, ${failed} failed`);
