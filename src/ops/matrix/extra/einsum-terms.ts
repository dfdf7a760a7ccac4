import { rowMajorStrides } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { spend } from "../../../interruptible.ts";
import { elementCount } from "../../../tensor.ts";
import { stridedOffsets } from "../../movement/strided.ts";

/** An einsum equation against its operands: one label for each axis. Ellipsis axes have labels of their own. */
export interface Equation {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, Dim>;
}

/** Label of the ellipsis axis `fromEnd` places before the ellipsis' end, so that broadcasting aligns them. */
const ellipsisLabel = (fromEnd: number): string => `.${fromEnd}`;

const ellipsisLabels = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => ellipsisLabel(count - 1 - i));

/** The labels of one term; `rank` says how many axes its ellipsis stands for. A message where it does not fit. */
function termLabels(term: string, rank: number): string[] | string {
  const parts = term.split("...");
  if (parts.length > 2 || parts.join("").includes("."))
    return `term "${term}" is not labels and at most one ellipsis`;
  const [before, behind] = parts.map((part) => [...part]) as [string[], string[] | undefined];
  const named = before.length + (behind?.length ?? 0);
  if (![...before, ...(behind ?? [])].every((label) => /[A-Za-z]/.test(label)))
    return `term "${term}" has a label that is no letter`;
  if (behind === undefined ? named !== rank : named > rank)
    return `term "${term}" does not fit an operand of rank ${rank}`;
  return behind === undefined ? before : [...before, ...ellipsisLabels(rank - named), ...behind];
}

/** Parses the equation and settles every label's size; a message where something does not fit. */
export function parseEquation(equation: string, operands: readonly (readonly Dim[])[]): Equation | string {
  const [left, right, ...more] = equation.replace(/\s/g, "").split("->");
  if (left === undefined || more.length > 0) return `equation "${equation}" has more than one arrow`;
  const terms = left.split(",");
  if (terms.length !== operands.length)
    return `equation "${equation}" has ${terms.length} terms for ${operands.length} operands`;
  const inputs: string[][] = [];
  const sizes = new Map<string, Dim>();
  for (const [i, term] of terms.entries()) {
    const dims = operands[i] as readonly Dim[];
    const labels = termLabels(term, dims.length);
    if (typeof labels === "string") return labels;
    for (const [axis, label] of labels.entries()) {
      const dim = dims[axis] as Dim;
      const known = sizes.get(label);
      if (known === undefined || known === 1 || (typeof known === "string" && dim !== 1))
        sizes.set(label, dim);
      else if (typeof known === "number" && typeof dim === "number" && dim !== 1 && dim !== known) {
        return `label "${label}" of "${equation}" is ${known} and ${dim}`;
      }
    }
    inputs.push(labels);
  }
  const ellipsis = [...sizes.keys()].filter((label) => label.startsWith(".")).length;
  const output = right === undefined ? implicitOutput(inputs, ellipsis) : outputLabels(right, ellipsis);
  const unknown = output.find((label) => !sizes.has(label));
  if (unknown !== undefined) return `output label "${unknown}" of "${equation}" is in no input`;
  if (new Set(output).size !== output.length) return `equation "${equation}" repeats an output label`;
  return { inputs, output, sizes };
}

/** Without an arrow: the ellipsis, then the labels that occur once, in alphabetical order. */
function implicitOutput(inputs: readonly (readonly string[])[], ellipsis: number): string[] {
  const all = inputs.flat().filter((label) => !label.startsWith("."));
  const once = all.filter((label) => all.indexOf(label) === all.lastIndexOf(label));
  return [...ellipsisLabels(ellipsis), ...once.sort()];
}

const outputLabels = (term: string, ellipsis: number): string[] => {
  const [before, behind] = term.split("...");
  return behind === undefined
    ? [...(before ?? "")]
    : [...(before ?? ""), ...ellipsisLabels(ellipsis), ...behind];
};

/** A tensor with a label for each axis; no label twice. */
export interface Labelled {
  readonly labels: readonly string[];
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Strides by label: those of a repeated label add up (its diagonal), a size of 1 does not move. */
export function labelStrides(labels: readonly string[], dims: readonly number[]): Map<string, number> {
  const own = rowMajorStrides(dims);
  const strides = new Map<string, number>();
  for (const [axis, label] of labels.entries()) {
    strides.set(label, (strides.get(label) ?? 0) + (dims[axis] === 1 ? 0 : (own[axis] as number)));
  }
  return strides;
}

/** The sum over every label that is not kept, of the product of two operands (or of one alone). */
export function contract(
  context: { assertFits(bytes: number): void },
  operands: readonly Labelled[],
  kept: readonly string[],
  sizes: ReadonlyMap<string, Dim>,
): Labelled {
  const summed = [...new Set(operands.flatMap(({ labels }) => labels))].filter(
    (label) => !kept.includes(label),
  );
  const size = (label: string) => sizes.get(label) as number;
  const elements = (labels: readonly string[]) => elementCount(labels.map(size));
  // The products, and where each operand's elements lie, for what is kept and for what is summed.
  context.assertFits(16 * elements(kept) + 8 * elements(summed));
  const offsets = (labels: readonly string[]) =>
    operands.map((operand) => {
      const strides = labelStrides(operand.labels, operand.dims);
      return stridedOffsets(
        labels.map(size),
        labels.map((label) => strides.get(label) ?? 0),
      );
    });
  const dims = kept.map(size);
  const [outA, outB] = offsets(kept) as [Int32Array, Int32Array | undefined];
  const [sumA, sumB] = offsets(summed) as [Int32Array, Int32Array | undefined];
  const [a, b] = operands.map(({ data }) => data) as [ArrayLike<number>, ArrayLike<number> | undefined];
  const data = new Float64Array(outA.length);
  for (let i = 0; i < data.length; i++) {
    const fromA = outA[i] as number;
    const fromB = (outB?.[i] as number | undefined) ?? 0;
    let sum = 0;
    spend(sumA.length);
    if (b === undefined || sumB === undefined) {
      for (let j = 0; j < sumA.length; j++) sum += a[fromA + (sumA[j] as number)] as number;
    } else {
      for (let j = 0; j < sumA.length; j++) {
        sum += (a[fromA + (sumA[j] as number)] as number) * (b[fromB + (sumB[j] as number)] as number);
      }
    }
    data[i] = sum;
  }
  return { labels: kept, dims, data };
}
