import { InternalError, LanewiseError } from "../../src/errors.ts";
import { concreteDims, type Fact, type Graph, isConcrete, nodeReads } from "../../src/graph/graph.ts";
import { InferenceSession } from "../../src/index.ts";
import { decodeModel } from "../../src/onnx/decode.ts";
import { importModel } from "../../src/onnx/import.ts";
import { evaluateNode, interpret } from "../../src/ops/evaluate.ts";
import { inferNode } from "../../src/ops/infer.ts";
import { elementCount, Tensor, type TensorData } from "../../src/tensor.ts";
import { isTensor } from "../../src/value.ts";
import type { Case } from "../differential/operators/case.ts";

/** What the ceiling of memory is for: larger outputs are not asked for here. */
const MOST_ELEMENTS = 1 << 18;

/** Whether some node, inferred with all its inputs known, would have a large output. */
function isLarge(graph: Graph, feeds: Case["feeds"]): boolean {
  const facts = new Map<string, Fact>(graph.facts);
  for (const [name, data] of Object.entries(feeds))
    facts.set(name, { dtype: data.dtype, dims: data.dims, data });
  for (const node of graph.nodes) {
    const inferred = inferNode(node, (name) => facts.get(name));
    for (const [i, fact] of inferred.entries()) {
      const name = node.outputs[i];
      if (isConcrete(fact) && elementCount(concreteDims(fact)) > MOST_ELEMENTS) return true;
      if (name) facts.set(name, fact);
    }
    const known = (name: string): TensorData | undefined => facts.get(name)?.data;
    if ([...nodeReads(node)].some((name) => known(name) === undefined)) continue;
    const values = node.inputs.map((name) => (name === "" ? undefined : known(name)));
    for (const [i, value] of evaluateNode(node, values, known).entries()) {
      const name = node.outputs[i];
      if (name && value !== undefined && isTensor(value))
        facts.set(name, { dtype: value.dtype, dims: value.dims, data: value });
    }
  }
  return false;
}

export type Outcome = { kind: "agrees" | "refused" | "large" } | { kind: "wrong"; what: string };

/** Whether a session does with a case what its definition does; both may refuse it. `endless`: numbers are not compared. */
export async function check(given: Case, bytes: Uint8Array, endless: boolean): Promise<Outcome> {
  let expected: Map<string, TensorData> | undefined;
  let refused: unknown;
  try {
    const { graph, unsupported } = importModel(decodeModel(bytes.slice()));
    if (unsupported.length === 0) {
      if (isLarge(graph, given.feeds)) return { kind: "large" };
      const results = interpret(
        graph,
        graph.inputs.map((name) => given.feeds[name] as TensorData),
      );
      const valid = results.every(
        (value) => !isTensor(value) || value.dims.every((dim) => dim >= 0 && Number.isSafeInteger(dim)),
      );
      if (valid) expected = new Map(graph.outputs.map((name, i) => [name, results[i] as TensorData]));
    }
  } catch (error) {
    refused = error;
  }
  try {
    const session = await InferenceSession.create(bytes, { graphOptimizationLevel: "all" });
    const tensors = Object.entries(given.feeds).map(([name, { dtype, data, dims }]) => [
      name,
      new Tensor(dtype, data, dims),
    ]);
    const actual = session.runSync(Object.fromEntries(tensors)) as Record<string, TensorData>;
    await session.release();
    // What has no elements is not computed, and so not checked further.
    if (Object.values(actual).every((value) => isTensor(value) && value.data.length === 0))
      return { kind: "agrees" };
    if (expected === undefined)
      return { kind: "wrong", what: `runs, but its definition says ${(refused as Error)?.message}` };
    for (const [name, value] of expected) {
      const what = disagreement(actual[name] as TensorData, value, endless);
      if (what !== undefined) return { kind: "wrong", what: `${name}: ${what}` };
    }
    return { kind: "agrees" };
  } catch (error) {
    const typed = error instanceof LanewiseError && !(error instanceof InternalError);
    const foreign = typed && error.cause instanceof Error && !(error.cause instanceof LanewiseError);
    if (!typed || foreign)
      return { kind: "wrong", what: String(((foreign ? error.cause : error) as Error).stack) };
    if (expected !== undefined)
      return { kind: "wrong", what: `its definition runs, but ${error.name}: ${error.message}` };
    return { kind: "refused" };
  }
}

/** Beyond this float32 and the definition's float64 may part: one is infinite, or NaN, before the other. */
const WILD = 1e18;
const TOLERANCE = 1e-3;

function disagreement(
  actual: TensorData | undefined,
  expected: TensorData,
  endless: boolean,
): string | undefined {
  if (!isTensor(expected as never)) return undefined;
  if (actual === undefined) return "is missing";
  if (actual.dtype !== expected.dtype || actual.dims.join() !== expected.dims.join())
    return `${actual.dtype}[${actual.dims}], expected ${expected.dtype}[${expected.dims}]`;
  if (endless) return undefined;
  const float = actual.dtype === "float32";
  let scale = 1;
  if (float)
    for (const e of expected.data as Float32Array)
      if (Math.abs(e) < WILD) scale = Math.max(scale, Math.abs(e));
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e] = [actual.data[i], expected.data[i]] as [number, number];
    if (Object.is(a, e) || a === e) continue;
    if (float && (!(Math.abs(e) < WILD) || Math.abs(a - e) <= TOLERANCE * scale)) continue;
    if (actual.dtype.includes("int8") && Math.abs(a - e) <= 1) continue;
    return `[${i}] is ${a}, expected ${e}`;
  }
  return undefined;
}
