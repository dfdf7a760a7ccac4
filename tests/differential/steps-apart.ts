import type { TensorData } from "../../src/tensor.ts";
import { OUTPUT_SCALE } from "./quantized-graph.ts";

/** Steps of the output's scale that one tie may turn into, and how many outputs may be off at all. */
const MOST_STEPS = 4;
const MOST_OFF = 0.08;
const FEW = 8;

/** What sets two outputs of a quantised network apart beyond rounding ties; undefined where they agree. */
export function stepsApart(actual: TensorData, expected: TensorData, few = FEW): string | undefined {
  if (actual.dims.join() !== expected.dims.join())
    return `dims [${actual.dims}], expected [${expected.dims}]`;
  const want = expected.data as Float32Array;
  const steps = Array.from(
    actual.data as Float32Array,
    (x, i) => Math.abs(x - (want[i] as number)) / OUTPUT_SCALE,
  );
  const most = Math.max(...steps);
  const off = steps.filter((step) => !(step < 0.5)).length;
  if (most <= MOST_STEPS + 0.1 && off <= Math.max(few, want.length * MOST_OFF)) return undefined;
  return `${off} of ${want.length} differ, by up to ${most} steps`;
}
