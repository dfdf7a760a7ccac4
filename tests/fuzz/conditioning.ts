import { isFloat } from "../../src/dtype.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { evaluateNode } from "../../src/ops/evaluate.ts";
import type { TensorData } from "../../src/tensor.ts";
import { isTensor, type RuntimeValue } from "../../src/value.ts";
import type { Random } from "../support/random.ts";

/** What a float32 sum of dozens of terms is off by, relative to itself. */
const ROUNDING = 2 ** -19;

/** Of a step: integer kernels round a bias of float32 to a step of their sums, small beside one of the result's. */
const BIAS_ROUNDING = 2 ** -7;

/** What the definitions make of feeds when every result on the way is off by a rounding; whole numbers are exact. */
export function interpretNudged(
  graph: Graph,
  feeds: readonly RuntimeValue[],
  draw: Random,
): (RuntimeValue | undefined)[] {
  const values = new Map<string, RuntimeValue | undefined>(
    [...graph.facts].map(([name, { data }]) => [name, data]),
  );
  for (const [i, name] of graph.inputs.entries()) values.set(name, feeds[i]);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name));
    if (node.op === "QuantizeLinear") inputs[0] = nudged(inputs[0], draw, BIAS_ROUNDING * largest(inputs[1]));
    const outputs = evaluateNode(node, inputs, (name) => values.get(name));
    // Winograd's algorithm leaves a rounding of its tile even where all that an output sums is 0.
    const by = node.op === "Conv" ? ROUNDING * largest(outputs[0]) : 0;
    for (const [i, name] of node.outputs.entries()) values.set(name, nudged(outputs[i], draw, by));
  }
  return graph.outputs.map((name) => values.get(name));
}

function nudged(value: RuntimeValue | undefined, draw: Random, by = 0): RuntimeValue | undefined {
  if (!isTensor(value) || value.dtype !== "float32") return value;
  const data = (value.data as Float32Array).map((x) =>
    by === 0 && Number.isInteger(x) ? x : x + (by + ROUNDING * x) * (2 * draw.next() - 1),
  );
  return { ...value, data } as TensorData;
}

/**
 * The results, with what was expected put in wherever that strays as far by itself when each of its steps is off by a
 * rounding: behind a rounding tie, a kink of a derivative or a division by almost nothing one right answer is as good
 * as another. Where whole numbers stray (the index of the greatest of equals), they may become any.
 */
export function settled(
  results: readonly (RuntimeValue | undefined)[],
  expected: readonly RuntimeValue[],
  strayed: readonly (readonly RuntimeValue[])[],
): (RuntimeValue | undefined)[] {
  return expected.map((want, i) => {
    const got = results[i];
    if (!isTensor(want) || !isTensor(got) || want.dtype === "string" || got.dims.join() !== want.dims.join())
      return got;
    const meant = want.data as Float32Array;
    const others = strayed.flatMap((run) => {
      const tensor = run[i];
      return isTensor(tensor) && tensor.dims.join() === want.dims.join() ? [tensor.data as Float32Array] : [];
    });
    const reach = (k: number): number =>
      Math.max(0, ...others.map((data) => Math.abs(Number(data[k]) - Number(meant[k]))));
    const slack = isFloat(want.dtype) ? 2 : Number.POSITIVE_INFINITY;
    const data = (got.data as Float32Array).map((x, k) => {
      const near = reach(k);
      return near > 0 && Math.abs(Number(x) - Number(meant[k])) <= slack * near ? (meant[k] as number) : x;
    });
    return { ...got, data } as TensorData;
  });
}

const largest = (value: RuntimeValue | undefined): number =>
  isTensor(value) && value.dtype === "float32"
    ? (value.data as Float32Array).reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    : 0;
