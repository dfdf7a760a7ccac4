import { showDims } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, factOf, int, string } from "../../define.ts";
import { checkDType, FLOATS, NUMBERS } from "../../elementwise/dtypes.ts";
import { fromNumbers, toNumbers } from "../../shared/elements.ts";
import { sampleAxis } from "../grid-sampling.ts";

const MODES: Readonly<Record<string, string>> = {
  bilinear: "linear",
  linear: "linear",
  bicubic: "cubic",
  cubic: "cubic",
  nearest: "nearest",
};

/**
 * GridSample: reads x[N, C, …] at the points of grid[N, …, rank-2], whose coordinates run from -1 to 1, last axis first.
 * https://onnx.ai/onnx/operators/onnx__GridSample.html
 */
export const gridSample = defineOp({
  type: "GridSample",
  since: [16, 20, 22],
  inputs: ["x", "grid"],
  attributes: { alignCorners: int(0), mode: string("linear"), paddingMode: string("zeros") },

  infer(context) {
    const { dtype, dims: x } = context.fact(0);
    checkDType(context, "x", dtype, NUMBERS);
    checkDType(context, "grid", context.fact(1).dtype, FLOATS);
    const grid = context.dims(1);
    const { mode, paddingMode } = context.attributes;
    if (MODES[mode] === undefined)
      context.fail(`mode must be linear, nearest or cubic, got ${JSON.stringify(mode)}`);
    if (!["zeros", "border", "reflection"].includes(paddingMode)) {
      context.fail(`padding_mode must be zeros, border or reflection, got ${JSON.stringify(paddingMode)}`);
    }
    if (x === undefined && grid === undefined) return [factOf(dtype, undefined)];
    if (x !== undefined && x.length < 3)
      context.fail(`x needs a batch, a channel and spatial axes, got ${showDims(x)}`);
    const last = grid?.at(-1);
    const mismatch = typeof last === "number" && grid !== undefined && last !== grid.length - 2;
    if ((x !== undefined && grid !== undefined && x.length !== grid.length) || mismatch) {
      context.fail(`grid ${showDims(grid)} does not point into x ${showDims(x)}`);
    }
    const batch: Dim = x?.[0] ?? (grid as readonly Dim[])[0] ?? "?";
    const spatial = grid?.slice(1, -1) ?? (x as readonly Dim[]).slice(2).map((): Dim => "?");
    return [factOf(dtype, [batch, x?.[1] ?? "?", ...spatial])];
  },

  evaluate(context) {
    const [x, grid] = [context.tensor(0), context.tensor(1)];
    const { alignCorners, paddingMode } = context.attributes;
    const mode = MODES[context.attributes.mode] as string;
    const [batch, channels, ...sizes] = x.dims as [number, number, ...number[]];
    const rank = sizes.length;
    const outputs = grid.dims.slice(1, -1);
    const points = elementCount(outputs);
    const plane = elementCount(sizes);
    const [source, coordinates] = [toNumbers(x), toNumbers(grid)];
    const result = new Float64Array(batch * channels * points);
    for (let n = 0; n < batch; n++) {
      for (let p = 0; p < points; p++) {
        let offsets = [0];
        let weights = [1];
        for (let axis = 0; axis < rank; axis++) {
          const at = coordinates[(n * points + p) * rank + (rank - 1 - axis)] as number;
          const size = sizes[axis] as number;
          const taps = sampleAxis(at, size, mode, paddingMode, alignCorners !== 0);
          offsets = offsets.flatMap((offset) => taps.map(({ index }) => offset * size + index));
          weights = weights.flatMap((weight) => taps.map((tap) => weight * tap.weight));
        }
        for (let c = 0; c < channels; c++) {
          const from = (n * channels + c) * plane;
          let sum = 0;
          for (let i = 0; i < offsets.length; i++) {
            sum += (weights[i] as number) * (source[from + (offsets[i] as number)] as number);
          }
          result[(n * channels + c) * points + p] = sum;
        }
      }
    }
    return [fromNumbers(x.dtype, [batch, channels, ...outputs], result)];
  },
});
