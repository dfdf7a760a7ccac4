import { isFloat } from "../../dtype.ts";
import { mapDims, normalizeAxis } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, factOf, int } from "../define.ts";
import { fromNumbers, toNumberArray, toNumbers } from "../shared/elements.ts";
import { fourier } from "./fourier.ts";

interface DftContext {
  readonly opset: number;
  readonly attributes: { readonly axis: number; readonly inverse: number; readonly onesided: number };
  fail(message: string): never;
}

/** The transformed axis: an attribute before opset 20, then an input (-2 when absent). */
function axisOf(context: DftContext, input: TensorData | undefined, rank: number): number {
  const axis =
    context.opset < 20
      ? context.attributes.axis
      : input === undefined
        ? -2
        : (toNumberArray(input)[0] as number);
  const resolved = normalizeAxis(axis, rank);
  if (rank < 2 || resolved < 0 || resolved >= rank - 1) {
    context.fail(
      `axis ${axis} of rank ${rank} must name a dim other than the last, which holds real and imaginary parts`,
    );
  }
  return resolved;
}

/** Length of the transform, of the result's axis, and of the result's last dim. */
function lengths(context: DftContext, size: Dim, given: number | undefined): [Dim, Dim, 1 | 2] {
  const { inverse, onesided } = context.attributes;
  if (onesided !== 0 && inverse !== 0) {
    const length = given ?? mapDims((bins) => Math.max(2 * (bins - 1), 0), size);
    return [length, length, 1];
  }
  const length = given ?? size;
  return [length, onesided === 0 ? length : mapDims((n) => Math.floor(n / 2) + 1, length), 2];
}

/**
 * DFT: the discrete Fourier transform along an axis; the last dim holds real and imaginary parts. One-sided: of real
 * input only the first half of the spectrum, or (inverse) a real signal from that half.
 * https://onnx.ai/onnx/operators/onnx__DFT.html
 */
export const dft = defineOp({
  type: "DFT",
  since: [17, 20],
  inputs: ["input", "dft_length?", "axis?"],
  attributes: { axis: int(1), inverse: int(0), onesided: int(0) },

  infer(context) {
    const { input, dft_length, axis: axisInput } = context.facts();
    const { dtype, dims } = input;
    if (!isFloat(dtype)) context.failType(`input must be floating point, got ${dtype}`);
    if (dims === undefined) return [factOf(dtype, undefined)];
    if (context.opset >= 20 && axisInput !== undefined && axisInput.data === undefined)
      return [
        factOf(
          dtype,
          dims.map(() => "?"),
        ),
      ];
    const axis = axisOf(context, axisInput?.data, dims.length);
    const lengthInput = dft_length?.data;
    const unknown = dft_length !== undefined && lengthInput === undefined;
    const [, size, parts] = lengths(
      context,
      unknown ? "?" : (dims[axis] as Dim),
      lengthInput && toNumberArray(lengthInput)[0],
    );
    return [factOf(dtype, [...dims.slice(0, axis), size, ...dims.slice(axis + 1, -1), parts])];
  },

  evaluate(context) {
    const { input, dft_length: given, axis: axisInput } = context.tensors();
    const { dims } = input;
    const axis = axisOf(context, axisInput, dims.length);
    const size = dims[axis] as number;
    const [length, outSize, outParts] = lengths(context, size, given && toNumberArray(given)[0]) as [
      number,
      number,
      1 | 2,
    ];
    const parts = dims.at(-1) as number;
    if (parts !== 1 && parts !== 2)
      context.fail(`the last dim must be 1 (real) or 2 (complex), got ${parts}`);
    const outDims = [...dims.slice(0, axis), outSize, ...dims.slice(axis + 1, -1), outParts];
    const inner = elementCount(dims.slice(axis + 1, -1));
    const x = toNumbers(input);
    const y = new Float64Array(elementCount(outDims));
    const inverse = context.attributes.inverse !== 0;
    const mirrored = inverse && outParts === 1;
    const bins = mirrored ? Math.floor(length / 2) + 1 : length;
    const lines = elementCount(dims.slice(0, axis)) * inner;
    for (let line = 0; line < lines; line++) {
      const [outer, place] = [Math.floor(line / inner), line % inner];
      const re = new Float64Array(length);
      const im = new Float64Array(length);
      for (let i = 0; i < Math.min(size, bins); i++) {
        const at = ((outer * size + i) * inner + place) * parts;
        re[i] = x[at] as number;
        if (parts === 2) im[i] = x[at + 1] as number;
      }
      if (mirrored) {
        for (let i = bins; i < length; i++) {
          re[i] = re[length - i] as number;
          im[i] = -(im[length - i] as number);
        }
      }
      fourier(re, im, inverse);
      const scale = inverse ? 1 / length : 1;
      for (let i = 0; i < outSize; i++) {
        const at = ((outer * outSize + i) * inner + place) * outParts;
        y[at] = (re[i] as number) * scale;
        if (outParts === 2) y[at + 1] = (im[i] as number) * scale;
      }
    }
    return [fromNumbers(input.dtype, outDims, y)];
  },
});
