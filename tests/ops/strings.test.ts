import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../src/graph/graph.ts";
import type { TensorData } from "../../src/tensor.ts";
import { longs, numbersOf } from "./run-op.ts";
import { runNode } from "./small-graph.ts";

const words = (...data: string[]): TensorData => ({ dtype: "string", dims: [data.length], data });

const run = (op: string, inputs: TensorData[], attributes: Record<string, AttributeValue>, outputs = 1) =>
  runNode({ op, attributes }, inputs, outputs) as TensorData[];

describe("RegexFullMatch", () => {
  const matches = (pattern: string, text: string) =>
    numbersOf(run("RegexFullMatch", [words(text)], { pattern })[0])[0] === 1;

  it("matches the whole string only", () => {
    expect(matches("a|abc", "abc")).toBe(true);
    expect(matches("ab", "abc")).toBe(false);
    expect(matches("abc", "abc\n")).toBe(false);
  });

  it("reads what RE2 spells its own way", () => {
    expect(matches("(?i)ABC", "abc")).toBe(true);
    expect(matches("[[:alpha:]_]+", "a_B")).toBe(true);
    expect(matches("(?P<year>\\d{4})-\\d\\d", "2024-05")).toBe(true);
    expect(matches("\\A\\Qa.b\\E\\z", "a.b")).toBe(true);
    expect(matches("\\Qa.b\\E", "axb")).toBe(false);
    expect(matches("\\pL+", "Ünï")).toBe(true);
    expect(matches("[\\w\\-]+@x", "a-b@x")).toBe(true);
  });

  it("refuses what is no pattern", () => {
    expect(() => matches("(", "x")).toThrow(/regular expression/);
  });
});

describe("StringSplit", () => {
  const split = (text: string, attributes: Record<string, AttributeValue> = {}) => {
    const [parts, counts] = run("StringSplit", [words(text)], attributes, 2);
    expect(numbersOf(counts)).toEqual([parts?.data.length]);
    return parts?.data;
  };

  it("splits at runs of white space, or at every delimiter", () => {
    expect(split("  a  b c ")).toEqual(["a", "b", "c"]);
    expect(split("a,b,,c", { delimiter: "," })).toEqual(["a", "b", "", "c"]);
    expect(split("a b  c", { maxsplit: 1 })).toEqual(["a", "b  c"]);
    expect(split("a--b--c", { delimiter: "--", maxsplit: 1 })).toEqual(["a", "b--c"]);
    expect(split("")).toEqual([]);
  });
});

describe("StringNormalizer", () => {
  const normalize = (attributes: Record<string, AttributeValue>, ...text: string[]) =>
    run("StringNormalizer", [words(...text)], attributes)[0]?.data;

  it("drops stop words in any case unless told otherwise, and leaves one empty string of nothing", () => {
    expect(normalize({ stopwords: ["MON"], caseChangeAction: "UPPER" }, "mon", "tue")).toEqual(["TUE"]);
    expect(normalize({ stopwords: ["MON"], isCaseSensitive: 1 }, "mon", "tue")).toEqual(["mon", "tue"]);
    expect(normalize({ stopwords: ["mon"] }, "mon")).toEqual([""]);
  });
});

describe("TfIdfVectorizer", () => {
  it("counts n-grams with gaps and weighs them", () => {
    const attributes = {
      minGramLength: 1,
      maxGramLength: 2,
      maxSkipCount: 1,
      ngramCounts: [0, 2],
      ngramIndexes: [1, 0, 2],
      poolInt64s: [7, 8, 7, 8],
      weights: [1, 10, 100],
    };
    const text = longs([4], [7, 9, 8, 7]);
    const count = (mode: string) => numbersOf(run("TfIdfVectorizer", [text], { ...attributes, mode })[0]);
    expect(count("TF")).toEqual([1, 2, 1]);
    expect(count("IDF")).toEqual([10, 1, 100]);
    expect(count("TFIDF")).toEqual([10, 2, 100]);
  });
});
