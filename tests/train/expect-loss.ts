import { expect } from "vitest";
import { graphBuilder } from "../../src/nn/build.ts";
import type { TensorData } from "../../src/tensor.ts";
import { differentiate } from "../../src/train/differentiate.ts";
import type { Loss } from "../../src/train/losses.ts";
import { runner } from "./gradients/harness.ts";

/** A matrix of float32, row by row. */
export const matrix = (rows: readonly (readonly number[])[]): TensorData & { data: Float32Array } => ({
  dtype: "float32",
  dims: [rows.length, rows[0]?.length ?? 0],
  data: Float32Array.from(rows.flat()),
});

/** A loss's value, and its gradient by the output. */
export function lossOf(
  loss: Loss,
  output: TensorData,
  labels: TensorData,
): { value: number; slopes: Float32Array } {
  const builder = graphBuilder({ name: "loss" });
  builder.input("output", "float32", output.dims);
  const spec = loss.labels(output.dims);
  expect([labels.dtype, labels.dims]).toEqual([spec.dtype, spec.dims]);
  builder.input("labels", spec.dtype, spec.dims);
  const value = loss.build(builder, "output", "labels");
  builder.output(value);
  builder.output(differentiate(builder, value, new Set(["output"])).get("output") as string);
  const feeds = new Map([
    ["output", output],
    ["labels", labels],
  ]);
  const [found, slopes] = runner(builder.finish(), "all")(feeds) as [TensorData, TensorData];
  expect(found.dims).toEqual([]);
  expect(slopes.dims).toEqual(output.dims);
  return { value: Number(found.data[0]), slopes: slopes.data as Float32Array };
}

const STEP = 1e-6;

/**
 * Holds a loss to a function of the same meaning, written in float64 for the test, and its gradient to that function's central
 * differences.
 */
export function expectLoss(
  loss: Loss,
  output: TensorData & { data: Float32Array },
  labels: TensorData,
  meaning: (output: Float64Array) => number,
): void {
  const { value, slopes } = lossOf(loss, output, labels);
  const at = Float64Array.from(output.data);
  expect(value).toBeCloseTo(meaning(at), 5);
  expect(Math.max(...slopes.map(Math.abs))).toBeGreaterThan(0);
  slopes.forEach((slope, i) => {
    const moved = (step: number): number => meaning(at.with(i, (at[i] as number) + step));
    expect(slope, `by element ${i}`).toBeCloseTo((moved(STEP) - moved(-STEP)) / (2 * STEP), 5);
  });
}
