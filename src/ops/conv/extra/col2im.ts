import { mapDims, showDims } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, factOf, ints } from "../../define.ts";
import { checkDType, NUMBERS } from "../../elementwise/dtypes.ts";
import { listLength } from "../../shared/axes.ts";
import { fromNumbers, toNumberArray, toNumbers } from "../../shared/elements.ts";
import { forEachWindow, resolveWindow } from "../../shared/window.ts";

/**
 * Col2Im: adds the columns [N, C·block, L] that windows would gather back into images [N, C, …].
 * https://onnx.ai/onnx/operators/onnx__Col2Im.html
 */
export const col2Im = defineOp({
  type: "Col2Im",
  since: [18],
  inputs: ["input", "image_shape", "block_shape"],
  attributes: { dilations: ints(), pads: ints(), strides: ints() },

  infer(context) {
    const { input, image_shape, block_shape } = context.facts();
    const { dtype, dims } = input;
    checkDType(context, "input", dtype, NUMBERS);
    const [image, block] = [image_shape.data, block_shape.data];
    const rank = listLength(context, 1) ?? listLength(context, 2);
    if (rank === undefined) return [factOf(dtype, undefined)];
    if (dims !== undefined && dims.length !== 3)
      context.fail(`input must be [N, C·block, L], got ${showDims(dims)}`);
    const channels = mapDims(
      (size, ...sizes) => {
        const taps = elementCount(sizes);
        if (size % taps !== 0) context.fail(`${size} rows are no multiple of the block's ${taps} elements`);
        return size / taps;
      },
      dims?.[1] ?? "?",
      ...(block === undefined ? (["?"] as Dim[]) : toNumberArray(block)),
    );
    const spatial = image === undefined ? new Array<Dim>(rank).fill("?") : toNumberArray(image);
    return [factOf(dtype, [dims?.[0] ?? "?", channels, ...spatial])];
  },

  evaluate(context) {
    const { input: x, ...given } = context.tensors();
    const image = toNumberArray(given.image_shape);
    const block = toNumberArray(given.block_shape);
    const window = resolveWindow(context, image, block, { autoPad: "NOTSET", ...context.attributes });
    const taps = elementCount(block);
    const [batch, rows, columns] = x.dims as [number, number, number];
    const positions = elementCount(window.outputs);
    if (positions !== columns)
      context.fail(`the windows of [${image}] are ${positions}, input has ${columns} columns`);
    const channels = rows / taps;
    const plane = elementCount(image);
    const source = toNumbers(x);
    const result = new Float64Array(batch * channels * plane);
    forEachWindow(window, (position, count, tapIndex, offsets) => {
      for (let c = 0; c < batch * channels; c++) {
        for (let i = 0; i < count; i++) {
          const at = c * plane + (offsets[i] as number);
          const from = (c * taps + (tapIndex[i] as number)) * columns + position;
          result[at] = (result[at] as number) + (source[from] as number);
        }
      }
    });
    return [fromNumbers(x.dtype, [batch, channels, ...image], result)];
  },
});
