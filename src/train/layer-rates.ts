import { numberIn, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";

/**
 * What the learning rate of a weight is multiplied by: by the weight's name, or by patterns of names in which `*` stands for
 * any letters. The first pattern that a name suits says it; a name that suits none has 1.
 */
export type LayerRates = Readonly<Record<string, number>> | ((weight: string) => number);

const FACTOR = { from: 0 };

/** Whether a name is one of those that a pattern means. */
const patternOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "s");

/**
 * The factor of every trainable weight. Throws a UsageError for a factor that is none, and for a pattern that suits no weight:
 * that layer would train at the full rate without anybody's knowing.
 */
export function layerRates(
  weights: readonly string[],
  rates: LayerRates | undefined,
): ReadonlyMap<string, number> {
  if (rates === undefined) return new Map(weights.map((name) => [name, 1]));
  if (typeof rates === "function")
    return new Map(
      weights.map((name) => [name, numberIn(`compile: the rate of ${name}`, rates(name), FACTOR)]),
    );
  const patterns = Object.entries(objectOf("compile: learningRates", rates)).map(([pattern, factor]) => {
    numberIn(`compile: learningRates of ${JSON.stringify(pattern)}`, factor, FACTOR);
    const suits = patternOf(pattern);
    if (!weights.some((name) => suits.test(name)))
      throw new UsageError(
        `compile: learningRates: ${JSON.stringify(pattern)} is the name of no weight that trains`,
      );
    return { suits, factor };
  });
  return new Map(weights.map((name) => [name, patterns.find(({ suits }) => suits.test(name))?.factor ?? 1]));
}
