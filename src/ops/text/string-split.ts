import { defineOp, factOf, int, string } from "../define.ts";
import { fromNumbers } from "../shared/elements.ts";

/** StringSplit: the parts of each string along a new last axis, and how many there are. https://onnx.ai/onnx/operators/onnx__StringSplit.html */
export const stringSplit = defineOp({
  type: "StringSplit",
  since: [20],
  inputs: ["x"],
  outputs: ["y", "z"],
  attributes: { delimiter: string(), maxsplit: int() },

  infer(context) {
    const { dtype, dims } = context.fact(0);
    if (dtype !== "string") context.failType(`the input must be strings, got ${dtype}`);
    return [factOf("string", dims && [...dims, "?"]), factOf("int64", dims)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { delimiter, maxsplit } = context.attributes;
    const most = maxsplit ?? Infinity;
    const parts = (x.data as string[]).map((text) =>
      delimiter ? splitAt(text, delimiter, most) : splitWords(text, most),
    );
    const width = parts.reduce((most, list) => Math.max(most, list.length), 0);
    const data = parts.flatMap((list) => [...list, ...new Array<string>(width - list.length).fill("")]);
    const counts = parts.map((list) => list.length);
    return [{ dtype: "string", dims: [...x.dims, width], data }, fromNumbers("int64", x.dims, counts)];
  },
});

function splitAt(text: string, delimiter: string, most: number): string[] {
  if (text === "") return [];
  const parts = text.split(delimiter);
  if (parts.length - 1 <= most) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(delimiter)];
}

/** Runs of white space separate; those around the text do not count. */
function splitWords(text: string, most: number): string[] {
  const words: string[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const space = words.length < most ? rest.search(/\s/) : -1;
    if (space < 0) {
      words.push(rest);
      break;
    }
    words.push(rest.slice(0, space));
    rest = rest.slice(space).trimStart();
  }
  return words;
}
