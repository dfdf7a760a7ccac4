import { defineOp, factOf, ints } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { featureRows, matrixOf } from "./labels.ts";

/** FeatureVectorizer: the inputs' columns side by side, as float32. https://onnx.ai/onnx/operators/onnx_aionnxml_FeatureVectorizer.html */
export const featureVectorizer = defineOp({
  type: "FeatureVectorizer",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x*"],
  attributes: { inputdimensions: ints() },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    const dims = context.dims(0);
    const widths = context.attributes.inputdimensions;
    const rows = dims === undefined ? "?" : dims.length === 1 ? 1 : (dims[0] ?? "?");
    return [factOf("float32", [rows, widths?.reduce((a, b) => a + b, 0) ?? "?"])];
  },

  /** An input wider than its inputdimensions entry is cut, a narrower one filled with zeros. */
  evaluate(context) {
    const parts = context.values.map((_, i) => featureRows(context, context.tensor(i)));
    const widths = context.attributes.inputdimensions ?? parts.map((rows) => rows[0]?.length ?? 0);
    if (widths.length !== parts.length || widths.some((width) => width < 0))
      context.fail(`inputdimensions [${widths}] must say the widths of ${parts.length} inputs`);
    const rows = (parts[0] ?? []).map((_, row) =>
      parts.flatMap((part, i) =>
        Array.from({ length: widths[i] as number }, (_, column) => part[row]?.[column] ?? 0),
      ),
    );
    return [
      matrixOf(
        rows,
        widths.reduce((a, b) => a + b, 0),
      ),
    ];
  },
});
