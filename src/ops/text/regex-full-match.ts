import { defineOp, factOf, string } from "../define.ts";
import type { Failing } from "../shared/axes.ts";

/**
 * RegexFullMatch: whether the pattern matches the whole string. https://onnx.ai/onnx/operators/onnx__RegexFullMatch.html
 *
 * The pattern is RE2's, run by JavaScript's engine: flags in front, named groups, POSIX classes, `\pN`, `\A`, `\z` and
 * `\Q…\E` are rewritten. Unlike RE2, matching may take exponential time, and `\s` takes Unicode's spaces too.
 */
export const regexFullMatch = defineOp({
  type: "RegexFullMatch",
  since: [20],
  inputs: ["x"],
  attributes: { pattern: string("") },

  infer(context) {
    const { dtype, dims } = context.fact(0);
    if (dtype !== "string") context.failType(`the input must be strings, got ${dtype}`);
    return [factOf("bool", dims)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const regex = compile(context, context.attributes.pattern);
    return [
      {
        dtype: "bool",
        dims: x.dims,
        data: Uint8Array.from(x.data as string[], (text) => (regex.test(text) ? 1 : 0)),
      },
    ];
  },
});

const POSIX: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

function compile(context: Failing, pattern: string): RegExp {
  const [, set = "", body = ""] = /^(?:\(\?([ims]+)\))?([\s\S]*)$/.exec(pattern) ?? [];
  const source = body
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/g, (_, text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"))
    .replace(/\(\?P</g, "(?<")
    .replace(/\[:(\w+):\]/g, (all, name: string) => POSIX[name] ?? all)
    .replace(/\\([pP])([A-Z])/g, "\\$1{$2}")
    .replace(/\\A/g, "(?<![^])")
    .replace(/\\z/g, "(?![^])");
  const whole = `^(?:${source})$`;
  const flags = set.replace("m", "");
  // With the flag u unknown escapes such as `\-` or `\@` are errors; without it code points above U+FFFF are two.
  for (const unicode of ["u", ""]) {
    try {
      return new RegExp(whole, flags + unicode);
    } catch {}
  }
  return context.fail(`the pattern ${JSON.stringify(pattern)} is not a regular expression`);
}
