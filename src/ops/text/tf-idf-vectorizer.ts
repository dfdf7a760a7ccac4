import { showDims } from "../../graph/dims.ts";
import { defineOp, factOf, floats, int, ints, required, string, strings } from "../define.ts";
import { checkDType } from "../elementwise/dtypes.ts";

/** TfIdfVectorizer: how often each n-gram of a pool occurs, gaps allowed, weighed. https://onnx.ai/onnx/operators/onnx__TfIdfVectorizer.html */
export const tfIdfVectorizer = defineOp({
  type: "TfIdfVectorizer",
  since: [9],
  inputs: ["x"],
  attributes: {
    maxGramLength: required(int()),
    maxSkipCount: required(int()),
    minGramLength: required(int()),
    mode: required(string()),
    ngramCounts: required(ints()),
    ngramIndexes: required(ints()),
    poolInt64s: ints(),
    poolStrings: strings(),
    weights: floats(),
  },

  infer(context) {
    const dims = context.dims(0);
    checkDType(context, "the input", context.fact(0).dtype, ["string", "int32", "int64"]);
    if (dims === undefined) return [factOf("float32", undefined)];
    if (dims.length > 2) context.fail(`the input must be [words] or [batch, words], got ${showDims(dims)}`);
    return [
      factOf("float32", [...dims.slice(0, dims.length - 1), width(context.attributes.ngramIndexes ?? [])]),
    ];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { attributes } = context;
    const { mode, weights } = attributes;
    const [least, most, skips] = [
      attributes.minGramLength,
      attributes.maxGramLength,
      attributes.maxSkipCount,
    ] as [number, number, number];
    if (mode !== "TF" && mode !== "IDF" && mode !== "TFIDF")
      context.fail(`mode ${JSON.stringify(mode)} is not known`);
    const indexes = attributes.ngramIndexes ?? [];
    const [starts, pool] = [
      attributes.ngramCounts ?? [],
      attributes.poolStrings ?? attributes.poolInt64s ?? [],
    ];
    if (starts.some((start, i) => start < (starts[i - 1] ?? 0) || start > pool.length))
      context.fail(`ngram_counts [${starts}] must rise within the ${pool.length} words of the pool`);
    const grams = poolOf(starts, pool);
    const words = Array.from(x.data as string[], String);
    const columns = width(indexes);
    const rowLength = x.dims.at(-1) ?? 1;
    const rows = x.dims.length === 2 ? (x.dims[0] as number) : 1;
    const data = new Float32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const text = words.slice(row * rowLength, (row + 1) * rowLength);
      const counts = new Map<number, number>();
      // Longer n-grams and wider gaps than there are words cannot occur.
      for (let length = Math.max(least, 1); length <= Math.min(most, text.length); length++) {
        for (let step = 1; step <= (length === 1 ? 1 : Math.min(skips + 1, text.length)); step++) {
          for (let start = 0; start + (length - 1) * step < text.length; start++) {
            const gram = grams.get(keyOf(Array.from({ length }, (_, i) => text[start + i * step] as string)));
            if (gram !== undefined) counts.set(gram, (counts.get(gram) ?? 0) + 1);
          }
        }
      }
      for (const [gram, count] of counts) {
        const weight = mode === "TF" ? 1 : (weights?.[gram] ?? 1);
        data[row * columns + (indexes[gram] as number)] = (mode === "IDF" ? 1 : count) * weight;
      }
    }
    return [{ dtype: "float32", dims: [...x.dims.slice(0, -1), columns], data }];
  },
});

const width = (indexes: readonly number[]): number =>
  indexes.reduce((most, index) => Math.max(most, index + 1), 0);

const keyOf = (words: readonly unknown[]): string => JSON.stringify(words.map(String));

/** The number of each n-gram, by its words: counts[n-1] is where the pool's n-grams begin. */
function poolOf(counts: readonly number[], pool: readonly (string | number)[]): ReadonlyMap<string, number> {
  const grams = new Map<string, number>();
  counts.forEach((start, i) => {
    const end = counts[i + 1] ?? pool.length;
    for (let at = start; at + i < end; at += i + 1) grams.set(keyOf(pool.slice(at, at + i + 1)), grams.size);
  });
  return grams;
}
