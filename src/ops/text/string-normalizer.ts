import { showDims } from "../../graph/dims.ts";
import { defineOp, factOf, int, string, strings } from "../define.ts";

/** StringNormalizer: strings without stop words, in upper or lower case. https://onnx.ai/onnx/operators/onnx__StringNormalizer.html */
export const stringNormalizer = defineOp({
  type: "StringNormalizer",
  since: [10],
  inputs: ["x"],
  attributes: {
    caseChangeAction: string("NONE"),
    isCaseSensitive: int(0),
    locale: string(),
    stopwords: strings(),
  },

  infer(context) {
    const { dtype, dims } = context.fact(0);
    if (dtype !== "string") context.failType(`the input must be strings, got ${dtype}`);
    if (dims !== undefined && dims.length !== 1 && dims.length !== 2) {
      context.fail(`the input must be [words] or [1, words], got ${showDims(dims)}`);
    }
    if (dims === undefined) return [factOf("string", undefined)];
    const kept = context.attributes.stopwords?.length ? "?" : (dims.at(-1) ?? "?");
    return [factOf("string", [...dims.slice(0, -1), kept === 0 ? 1 : kept])];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { caseChangeAction, isCaseSensitive, stopwords = [] } = context.attributes;
    if (!["NONE", "LOWER", "UPPER"].includes(caseChangeAction)) {
      context.fail(`case_change_action ${JSON.stringify(caseChangeAction)} is not NONE, LOWER or UPPER`);
    }
    if (x.dims.length === 2 && x.dims[0] !== 1)
      context.fail(`the input must be [1, words], got ${showDims(x.dims)}`);
    const fold = (word: string) => (isCaseSensitive ? word : word.toLowerCase());
    const stops = new Set(stopwords.map(fold));
    const change = (word: string) =>
      caseChangeAction === "LOWER"
        ? word.toLowerCase()
        : caseChangeAction === "UPPER"
          ? word.toUpperCase()
          : word;
    const kept = (x.data as string[]).filter((word) => !stops.has(fold(word))).map(change);
    if (kept.length === 0) kept.push("");
    return [{ dtype: "string", dims: [...x.dims.slice(0, -1), kept.length], data: kept }];
  },
});
