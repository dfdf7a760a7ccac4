import type { Fact } from "../../../src/graph/graph.ts";
import type { Network } from "../../../src/nn/index.ts";
import { elementCount, type TensorData } from "../../../src/tensor.ts";
import { random } from "../../support/random.ts";

/** What a parameter or statistic lies between, by what it is; a weight's spread keeps the size of what it is multiplied with. */
const RANGES: Readonly<Record<string, (dims: readonly number[]) => readonly [low: number, high: number]>> = {
  weight: (dims) => {
    const limit = Math.sqrt(6 / elementCount(dims.slice(1)));
    return [-limit, limit];
  },
  gain: () => [0.75, 1.25],
  variance: () => [0.75, 1.25],
  bias: () => [-0.1, 0.1],
  mean: () => [-0.1, 0.1],
};

/**
 * A network with numbers that follow from the names of its parameters and nothing else, statistics of normalisations included:
 * a normalisation in the wrong place, or with another epsilon, is to show.
 */
export function filled({ graph, trainable }: Network): Network {
  const facts = new Map([...graph.facts].map(([name, fact]) => [name, refilled(name, fact)]));
  return { graph: { ...graph, facts }, trainable };
}

/** Its parameters and statistics by their names, in the order in which its layers stand. */
export const parametersOf = ({ graph }: Network): [name: string, data: TensorData][] =>
  [...graph.facts].flatMap(([name, { data }]): [string, TensorData][] =>
    data !== undefined && rangeOf(name) !== undefined ? [[name, data]] : [],
  );

const rangeOf = (name: string) => RANGES[name.slice(name.lastIndexOf(".") + 1)];

function refilled(name: string, fact: Fact): Fact {
  const range = rangeOf(name);
  if (fact.data?.dtype !== "float32" || range === undefined) return fact;
  const { dims } = fact.data;
  return { ...fact, data: random(seedOf(name)).tensor("float32", dims, ...range(dims)) };
}

/** FNV-1a. */
const seedOf = (name: string): number =>
  Array.from(name).reduce(
    (hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193),
    0x811c9dc5,
  ) >>> 0;
