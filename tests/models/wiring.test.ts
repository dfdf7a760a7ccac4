import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ModelOptions, ZooModel } from "../../models/options.ts";
import { zoo } from "../../models/zoo.ts";
import { run } from "../nn/run-network.ts";
import { difference } from "../support/compare.ts";
import { random } from "../support/random.ts";
import { filled } from "./wiring/filled.ts";

/** A network of the zoo, and what a public implementation made of the same numbers; wiring/reference.py wrote it. */
interface Case {
  readonly name: string;
  readonly implementation: string;
  readonly options: ModelOptions;
  readonly logits: readonly number[];
}

const cases = JSON.parse(
  readFileSync(new URL("wiring/networks.json", import.meta.url), "utf8"),
) as readonly Case[];

/** Sums of float32 in other orders differ by less; a mean that counts the padding, or an epsilon of 1e-5 for 1e-3, by more. */
const TOLERANCE = { rtol: 0, atol: 2e-4 };

describe("the zoo's networks compute what public implementations do", () => {
  test.each(cases.map((one) => [one.name, one.implementation, one] as const))("%s: %s", (name, _, given) => {
    const model = zoo.find((one) => one.name === name) as ZooModel;
    const { graph } = filled(model.build(given.options));
    const { size = 0 } = given.options;
    const logits = run(graph, random(1).tensor("float32", [1, 3, size, size])).get(
      graph.outputs[0] as string,
    );
    const expected = {
      dtype: "float32",
      dims: [1, given.logits.length],
      data: Float32Array.from(given.logits),
    };
    expect(difference(logits as never, expected as never, TOLERANCE)).toBeUndefined();
  });
});
