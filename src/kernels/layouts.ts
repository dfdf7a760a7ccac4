// Which layouts lowerings take and give, in the few ways that there are.
import type { DType } from "../dtype.ts";
import { type Fact, isConcrete, type Layout } from "../graph/graph.ts";
import type { Known, Layouts, Site } from "./site.ts";

/** What the kernels over images compute on, and what Relayout moves. */
const IMAGE_DTYPES: readonly DType[] = ["float32", "int8", "uint8"];

/** Whether a value may lie channels-last: an image of one or two spatial axes. */
export const canBeChannelsLast = (fact: Fact | undefined): boolean =>
  isConcrete(fact) &&
  fact.container === undefined &&
  IMAGE_DTYPES.includes(fact.dtype) &&
  (fact.dims.length === 3 || fact.dims.length === 4);

/** Whether all are float32 images. */
export const float32Images = (...values: readonly (Known | undefined)[]): boolean =>
  values.every((value) => value?.fact.dtype === "float32" && canBeChannelsLast(value.fact));

export const ROW_MAJOR: Layouts = { inputs: [], outputs: [] };

/** Input 0 and output 0 channels-last. */
export const IMAGE: Layouts = { inputs: ["channelsLast"], outputs: ["channelsLast"] };

/**
 * Row-major, or channels-last all operands of output 0's rank that may be, for kernels that walk each operand by strides of
 * its own: constants stay as they are, and so do others of another rank.
 */
export function followLoosely({ inputs, outputs }: Site): readonly Layouts[] {
  const rank = outputs[0]?.dims.length;
  const moved = (value: Known | undefined): value is Known => value?.dims.length === rank;
  if (!outputs.filter(moved).every(({ fact }) => canBeChannelsLast(fact))) return [ROW_MAJOR];
  const layout = (last: boolean): Layout => (last ? "channelsLast" : "rowMajor");
  return [
    ROW_MAJOR,
    {
      inputs: inputs.map((value) =>
        layout(moved(value) && value.fact.data === undefined && canBeChannelsLast(value.fact)),
      ),
      outputs: outputs.map((value) => layout(moved(value))),
    },
  ];
}

/** The same where input 0 has the rank of output 0, else row-major. */
export const followInput = (site: Site): readonly Layouts[] =>
  site.input(0).dims.length === site.output().dims.length ? followLoosely(site) : [ROW_MAJOR];

/** The same for kernels that run over input 0 and output 0 alike: only row-major where input 0 is a constant. */
export const follow = (site: Site): readonly Layouts[] =>
  followLoosely(site).filter(({ inputs, outputs }) => inputs[0] === outputs[0]);

/** The same for kernels that run over all operands of output 0's rank alike. */
export const followTogether = (site: Site): readonly Layouts[] =>
  follow(site).filter(({ inputs, outputs: [layout] }) =>
    site.inputs.every((value, i) => value?.dims.length !== site.output().dims.length || inputs[i] === layout),
  );
