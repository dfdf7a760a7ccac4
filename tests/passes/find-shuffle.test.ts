import { describe, expect, test } from "vitest";
import type { Graph } from "../../src/graph/graph.ts";
import { findShuffle } from "../../src/passes/find-shuffle.ts";
import { removeDead } from "../../src/passes/remove-dead.ts";
import {
  attributesOf,
  expectUntouched,
  input,
  int64,
  inWords,
  rewritten,
  wordsOf,
} from "../support/graph-words.ts";

const found = (graph: Graph): Graph => removeDead(findShuffle(graph));

/** Reshape to g groups, Transpose by perm, Reshape back. */
const shuffling = (
  groups: readonly number[],
  perm: readonly number[],
  back: readonly number[],
  image = [4, 3],
) =>
  inWords(
    { x: input(2, 6, ...image), g: int64(...groups), b: int64(...back) },
    ["r = Reshape(x, g)", ["t = Transpose(r)", { perm }], "y = Reshape(t, b)"],
    "y",
  );

describe("Reshape, Transpose and Reshape over groups are a channel shuffle:", () => {
  test.each([2, 3])("%i groups of an image", (groups) => {
    const after = rewritten(found, shuffling([2, groups, -1, 4, 3], [0, 2, 1, 3, 4], [2, -1, 4, 3]));
    expect(wordsOf(after)).toEqual(["y = lanewise:ChannelShuffle(x)"]);
    expect(attributesOf(after, "y")).toEqual({ groups });
  });

  test("of one spatial axis", () => {
    const after = rewritten(found, shuffling([2, 3, 2, 5], [0, 2, 1, 3], [2, 6, 5], [5]));
    expect(wordsOf(after)).toEqual(["y = lanewise:ChannelShuffle(x)"]);
  });

  test.each<[string, Graph]>([
    ["other axes change places", shuffling([2, 2, 3, 4, 3], [0, 1, 2, 4, 3], [2, 6, 4, 3])],
    ["the batch is cut", shuffling([4, 3, 1, 4, 3], [0, 2, 1, 3, 4], [2, 6, 4, 3])],
    ["the image is cut", shuffling([2, 2, 6, 2, 3], [0, 2, 1, 3, 4], [2, 6, 4, 3])],
    ["it does not come back to the dims it had", shuffling([2, 2, 3, 4, 3], [0, 2, 1, 3, 4], [2, 6, 3, 4])],
  ])("not where %s", (_, graph) => {
    expectUntouched(found, graph);
  });

  test("what is read in between stays", () => {
    const graph = shuffling([2, 2, 3, 4, 3], [0, 2, 1, 3, 4], [2, 6, 4, 3]);
    const after = rewritten(found, { ...graph, outputs: ["y", "t"] });
    expect(wordsOf(after)).toEqual([
      "r = Reshape(x, g)",
      "t = Transpose(r)",
      "y = lanewise:ChannelShuffle(x)",
    ]);
  });
});

/** Reshape to [N · C / g, g, …], Transpose, Reshape to [g, N, C / g, …], and groups picked out. */
const picking = (groups: number, perm: readonly number[], at: number, axis = 0) =>
  inWords(
    {
      x: input(2, 6, 4, 3),
      g: int64(12 / groups, groups, 12),
      b: int64(groups, -1, 6 / groups, 4, 3),
      i: { dtype: "int64", dims: [], data: BigInt64Array.of(BigInt(at)) },
    },
    [
      "r = Reshape(x, g)",
      ["t = Transpose(r)", { perm }],
      "s = Reshape(t, b)",
      ["y = Gather(s, i)", { axis }],
    ],
    "y",
  );

describe("groups picked out behind such a Transpose are slices:", () => {
  test.each([
    [2, 0],
    [2, 1],
    [3, -1],
  ])("of %i groups number %i", (groups, at) => {
    const after = rewritten(found, picking(groups, [1, 0, 2], at));
    expect(after.nodes.map(({ op }) => op)).toEqual(["Slice"]);
    expect(after.nodes[0]?.inputs[0]).toBe("x");
  });

  test("not where nothing changes places, nor of another axis", () => {
    expectUntouched(found, picking(2, [0, 1, 2], 0));
    expectUntouched(found, picking(2, [1, 0, 2], 0, 1));
  });
});
