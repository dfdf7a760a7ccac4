import { createData } from "../../dtype.ts";
import { defineOp, factOf, ints, strings } from "../define.ts";
import { mapAt, mapFact } from "./maps.ts";

/** DictVectorizer: a map's values in the order of a vocabulary, zero where it has none. https://onnx.ai/onnx/operators/onnx_aionnxml_DictVectorizer.html */
export const dictVectorizer = defineOp({
  type: "DictVectorizer",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["X"],
  attributes: { int64Vocabulary: ints(), stringVocabulary: strings() },

  infer(context) {
    const { int64Vocabulary, stringVocabulary } = context.attributes;
    if ((int64Vocabulary === undefined) === (stringVocabulary === undefined))
      context.fail("needs one of int64_vocabulary and string_vocabulary");
    const { dtype } = mapFact(context, 0, stringVocabulary === undefined ? "int64" : "string");
    return [factOf(dtype, [1, (int64Vocabulary ?? stringVocabulary ?? []).length])];
  },

  evaluate(context) {
    const { dtype, entries } = mapAt(context, 0);
    const { int64Vocabulary, stringVocabulary } = context.attributes;
    const words = stringVocabulary ?? int64Vocabulary?.map(BigInt) ?? [];
    const data = createData(dtype, words.length);
    words.forEach((word, i) => {
      const value = entries.get(word);
      if (value !== undefined) (data as unknown[])[i] = value;
    });
    return [{ dtype, dims: [1, words.length], data }];
  },
});
