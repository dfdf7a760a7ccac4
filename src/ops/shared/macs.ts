import type { Fact } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import type { FacetContext } from "../define.ts";

type Facts = Pick<FacetContext, "inputs" | "outputs">;

/** The dims of a value whose dims are known; `[]` of one that is left out. */
export const knownDims = (fact: Fact | undefined): readonly number[] =>
  (fact?.dims ?? []) as readonly number[];

const outputCount = ({ outputs }: Facts): number => elementCount(knownDims(outputs[0]));

/** Every output element gathers one window of all the channels of its group: w is [M, C/group, kernel…]. */
export const convolutionMacs =
  (weight: number) =>
  (facts: Facts): number =>
    outputCount(facts) * elementCount(knownDims(facts.inputs[weight]).slice(1));

/** Every input element is spread over one window of all the channels of its group: w is [C, M/group, kernel…]. */
export const transposedConvolutionMacs = ({ inputs: [x, w] }: Facts): number =>
  elementCount(knownDims(x)) * elementCount(knownDims(w).slice(1));

/** Every output element is a row of the left operand by a column; `transposed` says that its rows are columns. */
export const productMacs = (facts: Facts, transposed = false): number => {
  const left = knownDims(facts.inputs[0]);
  return outputCount(facts) * ((transposed ? left[0] : left.at(-1)) ?? 1);
};

/** Each time step of each sequence meets all of W [directions, gates × hidden, input] and R. X is [T, N, input]. */
export const recurrenceMacs = ({ inputs: [x, w, r] }: Facts): number =>
  elementCount(knownDims(x).slice(0, 2)) * (elementCount(knownDims(w)) + elementCount(knownDims(r)));
