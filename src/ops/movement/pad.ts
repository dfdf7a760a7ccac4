import { mapDims, normalizeAxis } from "../../graph/dims.ts";
import type { Fact } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";
import { type AttributesOf, defineOp, type FacetContext, factOf, float, ints, string } from "../define.ts";
import { checkAlike, checkList } from "../elementwise/dtypes.ts";
import type { Failing } from "../shared/axes.ts";
import { fromNumbers, toNumberArray, toNumbers } from "../shared/elements.ts";
import { PAD_MODES, type Padding, padTensor, scalarBits } from "./padding.ts";

const attributes = { mode: string("constant"), paddings: ints(), pads: ints(), value: float(0) };

interface PadNode {
  readonly attributes: AttributesOf<typeof attributes>;
  readonly opset: number;
}

/** An input that is there, with its data where that is known. */
type Given = { readonly data?: TensorData | undefined } | undefined;

/** Begins and ends of every axis; undefined while they are not known, a message where they do not fit. */
export function padsOf(
  { attributes: { paddings, pads }, opset }: PadNode,
  rank: number,
  padsInput: Given,
  axesInput: Given,
): { begins: number[]; ends: number[] } | string | undefined {
  const flat =
    opset < 2 ? (paddings ?? pads) : opset < 11 ? pads : padsInput?.data && toNumberArray(padsInput.data);
  if (flat === undefined || (axesInput !== undefined && axesInput.data === undefined)) return undefined;
  const axes =
    axesInput?.data === undefined
      ? Array.from({ length: rank }, (_, axis) => axis)
      : toNumberArray(axesInput.data);
  if (flat.length !== 2 * axes.length)
    return `pads needs ${2 * axes.length} values for ${axes.length} axes, got [${flat}]`;
  const begins = new Array<number>(rank).fill(0);
  const ends = new Array<number>(rank).fill(0);
  for (const [i, given] of axes.entries()) {
    const axis = normalizeAxis(given, rank);
    if (axis < 0 || axis >= rank) return `axis ${given} is outside an input of rank ${rank}`;
    begins[axis] = flat[i] as number;
    ends[axis] = flat[i + axes.length] as number;
  }
  return { begins, ends };
}

/** An axis's size with its pads; fails where they crop more than there is, or leave nothing of it to repeat. */
function paddedSize(context: Failing, mode: string, size: number, begin: number, end: number): number {
  const padded = size + begin + end;
  const left = size + Math.min(begin, 0) + Math.min(end, 0);
  if (padded < 0 || (padded > 0 && left <= 0 && mode !== "constant")) {
    context.fail(
      `pads ${begin} and ${end} leave nothing of an axis of ${size} elements that ${mode} could pad`,
    );
  }
  return padded;
}

/** Begins of all axes, then ends, where they are known and what is put there is 0. */
function zeroPads(context: FacetContext<AttributesOf<typeof attributes>>): readonly number[] | undefined {
  const { attributes: own, opset, inputs } = context;
  const [x, padsInput, value, axes] = inputs;
  const isZero =
    opset < 11
      ? own.value === 0
      : value === undefined || (value.data !== undefined && toNumbers(value.data)[0] === 0);
  const rank = x?.dims?.length;
  if (!isZero || rank === undefined) return undefined;
  const pads = padsOf(context, rank, padsInput, axes);
  return pads === undefined || typeof pads === "string" ? undefined : [...pads.begins, ...pads.ends];
}

interface KnownPad extends PadNode {
  readonly inputs: readonly ({ readonly fact: Fact } | undefined)[];
}

/** What is put around elements of four bytes, where it is known before the node runs. */
export function paddingOf(node: KnownPad): Padding | undefined {
  const [x, padsInput, value, axes] = node.inputs.map((input) => input?.fact);
  const given = value?.data;
  if (x?.dims === undefined || (value !== undefined && given === undefined)) return undefined;
  const pads = padsOf(node, x.dims.length, padsInput, axes);
  if (pads === undefined || typeof pads === "string") return undefined;
  const { mode, value: early } = node.attributes;
  const late = given?.data.length === 0 ? undefined : given;
  return {
    begins: pads.begins,
    mode,
    bits: scalarBits(node.opset < 11 ? fromNumbers(x.dtype, [], [early]) : late),
  };
}

/**
 * Pad: puts a constant, the edge, a reflection or the other end around a tensor; negative pads crop.
 * https://onnx.ai/onnx/operators/onnx__Pad.html
 */
export const pad = defineOp({
  type: "Pad",
  since: [1, 2, 11, 13, 18, 19, 21, 23, 24, 25],
  inputs: ["data", "pads?", "constant_value?", "axes?"],
  attributes,
  identity: (context) => zeroPads(context)?.every((amount) => amount === 0) === true,
  pads: (context) => (context.attributes.mode === "constant" ? zeroPads(context) : undefined),
  receptiveField(context) {
    const [x, padsInput, , axes] = context.inputs;
    const rank = x?.dims?.length;
    const pads = rank === undefined ? undefined : padsOf(context, rank, padsInput, axes);
    if (pads === undefined || typeof pads === "string") return undefined;
    return pads.begins.slice(2).map((begin) => ({ extent: 1, stride: 1, start: -begin }));
  },
  settings: true,

  infer(context) {
    checkList(context, 1, "pads");
    checkList(context, 3, "axes");
    checkAlike(context, { constant_value: 2 });
    const { data, pads: padsInput, axes } = context.facts();
    const { dtype, dims } = data;
    const { mode } = context.attributes;
    if (!PAD_MODES.includes(mode))
      context.fail(`mode must be one of ${PAD_MODES.join(", ")}, got ${JSON.stringify(mode)}`);
    if (dims === undefined) return [factOf(dtype, undefined)];
    const pads = padsOf(context, dims.length, padsInput, axes);
    if (typeof pads === "string") return context.fail(pads);
    if (pads === undefined)
      return [
        factOf(
          dtype,
          dims.map(() => "?"),
        ),
      ];
    const { begins, ends } = pads;
    const sizes = dims.map((dim, axis) => {
      const [begin, end] = [begins[axis] as number, ends[axis] as number];
      if (begin === 0 && end === 0) return dim;
      return mapDims((size) => paddedSize(context, mode, size, begin, end), dim);
    });
    return [factOf(dtype, sizes)];
  },

  evaluate(context) {
    const { data: x, pads: padsInput, constant_value: given, axes } = context.tensors();
    const pads = padsOf(context, x.dims.length, { data: padsInput }, axes && { data: axes });
    if (typeof pads === "string") return context.fail(pads);
    if (pads === undefined) return context.fail("needs pads");
    const { begins, ends } = pads;
    const { mode } = context.attributes;
    const dims = x.dims.map((size, axis) =>
      paddedSize(context, mode, size, begins[axis] as number, ends[axis] as number),
    );
    const value = given?.data.length === 0 ? undefined : given;
    const constant =
      context.opset < 11 && x.dtype !== "string"
        ? fromNumbers(x.dtype, [], [context.attributes.value])
        : value;
    return [padTensor(x, begins, dims, mode, constant)];
  },
});
