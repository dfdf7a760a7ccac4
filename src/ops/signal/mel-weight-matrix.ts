import { DTYPES, type DType, dtypeInfo } from "../../dtype.ts";
import { mapDims } from "../../graph/dims.ts";
import { defineOp, factOf, int } from "../define.ts";
import { checkDType } from "../elementwise/dtypes.ts";
import { scalarOf } from "../shared/axes.ts";
import { fromNumbers, toNumberArray } from "../shared/elements.ts";

const toMel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
const toHertz = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

/** The dtype with a number in ONNX's enumeration. */
function outputType(context: { failType(message: string): never }, code: number): DType {
  return (
    DTYPES.find((dtype) => dtypeInfo[dtype].onnx === code) ??
    context.failType(`output_datatype ${code} is unknown`)
  );
}

/**
 * MelWeightMatrix: triangles that turn a spectrum of dft_length/2+1 bins into mel bands.
 * https://onnx.ai/onnx/operators/onnx__MelWeightMatrix.html
 */
export const melWeightMatrix = defineOp({
  type: "MelWeightMatrix",
  since: [17],
  inputs: ["num_mel_bins", "dft_length", "sample_rate", "lower_edge_hertz", "upper_edge_hertz"],
  attributes: { outputDatatype: int(1) },

  infer(context) {
    checkDType(context, "num_mel_bins", context.fact(0).dtype, ["int32", "int64"]);
    const size = (index: number) => {
      const data = context.data(index);
      return data === undefined ? "?" : scalarOf(context, data, `input ${index}`);
    };
    const bins = mapDims((length) => Math.floor(length / 2) + 1, size(1));
    return [factOf(outputType(context, context.attributes.outputDatatype), [bins, size(0)])];
  },

  evaluate(context) {
    const [bands, length, rate, lower, upper] = [0, 1, 2, 3, 4].map(
      (i) => toNumberArray(context.tensor(i))[0],
    ) as [number, number, number, number, number];
    const bins = Math.floor(length / 2) + 1;
    const step = (toMel(upper) - toMel(lower)) / (bands + 2);
    const edges = Array.from({ length: bands + 2 }, (_, i) =>
      Math.floor(((length + 1) * toHertz(toMel(lower) + i * step)) / rate),
    );
    if (edges.some((edge) => edge < 0 || edge >= bins)) {
      context.fail(`edges of ${lower} to ${upper} Hz do not lie within ${bins} bins at ${rate} Hz`);
    }
    const weights = new Float64Array(bins * bands);
    for (let band = 0; band < bands; band++) {
      const [left, center, right] = edges.slice(band, band + 3) as [number, number, number];
      if (center === left) weights[center * bands + band] = 1;
      else
        for (let bin = left; bin <= center; bin++)
          weights[bin * bands + band] = (bin - left) / (center - left);
      for (let bin = center; bin < right; bin++)
        weights[bin * bands + band] = (right - bin) / (right - center);
    }
    return [fromNumbers(outputType(context, context.attributes.outputDatatype), [bins, bands], weights)];
  },
});
