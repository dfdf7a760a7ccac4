import { describe, expect, test } from "vitest";
import type { Published } from "../../models/options.ts";
import { zoo } from "../../models/zoo.ts";
import { parameterCount } from "../nn/run-network.ts";

/** Half of the last digit that a rounded count has. */
const halfDigit = (count: number): number => 0.5 * 10 ** (/0*$/.exec(String(count))?.[0].length ?? 0);

const agrees = (count: number, { parameters, precision }: Published): boolean =>
  precision === "exact" ? count === parameters : Math.abs(count - parameters) <= halfDigit(parameters);

describe("the networks of the zoo", () => {
  test("have names of their own", () => {
    expect(new Set(zoo.map(({ name }) => name)).size).toBe(zoo.length);
  });

  test.each(zoo.map((model) => [model.name, model] as const))("%s has its parameters", (_, model) => {
    const count = parameterCount(model.build({ weights: "counted" }));
    const [first, ...others] = model.published;
    expect(first.precision).not.toBe("otherwise");
    for (const published of [first, ...others])
      expect({ ...published, count, agrees: agrees(count, published) }).toEqual({
        ...published,
        count,
        agrees: published.precision !== "otherwise",
      });
  });
});
