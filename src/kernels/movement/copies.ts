// Operators that are strided copies: of each, which parts go where.
import { rowMajorStrides } from "../../graph/dims.ts";
import { blockLoops } from "../../ops/movement/blocks.ts";
import { shuffled } from "../../ops/movement/channel-shuffle.ts";
import { type Run, runsOf } from "../../ops/movement/gathering.ts";
import { type SliceAttributes, slicesOf } from "../../ops/movement/slice.ts";
import type { AxisSlice } from "../../ops/movement/slicing.ts";
import { repeated } from "../../ops/movement/tile.ts";
import { logicalStrides, type Operand } from "../context.ts";
import { followInput } from "../layouts.ts";
import type { Known, Placed, Site } from "../site.ts";
import { copying, type OperandCopy } from "./copying.ts";

interface Axis {
  readonly axis: number;
}

const axisOf = ({ attributes: { axis } }: Site<Axis>, { dims }: Known): number =>
  axis < 0 ? axis + dims.length : axis;

const always = (): true => true;

/** All of the source, from where the target's elements begin. */
const whole = (source: Operand, target: Operand, targetStart: number): OperandCopy => ({
  source,
  target,
  dims: source.dims,
  sourceStart: 0,
  sourceStrides: logicalStrides(source),
  targetStart,
  targetStrides: logicalStrides(target),
});

export const concat = copying<Axis, true>(always, (node) => {
  const target = node.output();
  const step = logicalStrides(target)[axisOf(node, target)] as number;
  let at = 0;
  const sources = (node.inputs as readonly Operand[]).filter(({ dims }) => !dims.includes(0));
  return sources.map((source) => {
    const copy = whole(source, target, at * step);
    at += source.dims[axisOf(node, target)] as number;
    return copy;
  });
});

export const split = copying<Axis, true>(
  // Outputs that are left out would shift those behind them.
  ({ node }) => (node.outputs.includes("") ? undefined : true),
  (node) => {
    const source = node.input(0);
    const strides = logicalStrides(source);
    const axis = axisOf(node, source);
    let at = 0;
    return node.outputs.map((target) => {
      const sourceStart = at * (strides[axis] as number);
      at += target.dims[axis] as number;
      return { ...whole(target, target, 0), source, sourceStart, sourceStrides: strides };
    });
  },
);

export const slice = copying<SliceAttributes, readonly AxisSlice[]>(
  ({ attributes, inputs }) => slicesOf({ attributes, inputs: inputs.map((value) => value?.fact) }),
  (node, slices) => {
    const [source, target] = [node.input(0), node.output()];
    const strides = logicalStrides(source);
    return [
      {
        ...whole(target, target, 0),
        source,
        sourceStart: slices.reduce((at, { start }, axis) => at + start * (strides[axis] as number), 0),
        sourceStrides: slices.map(({ step }, axis) => step * (strides[axis] as number)),
      },
    ];
  },
);

export const expand = copying<unknown, true>(
  always,
  (node) => {
    const [source, target] = [node.input(0), node.output()];
    const own = logicalStrides(source);
    const shift = target.dims.length - source.dims.length;
    const sourceStrides = target.dims.map((_, axis) =>
      axis < shift || source.dims[axis - shift] === 1 ? 0 : (own[axis - shift] as number),
    );
    return [{ ...whole(target, target, 0), source, sourceStrides }];
  },
  followInput,
);

export const tile = copying<unknown, true>(
  (site) => (site.input(0).dims.includes(0) ? undefined : true),
  (node) => {
    const [source, target] = [node.input(0), node.output()];
    const counts = target.dims.map((size, axis) => size / (source.dims[axis] as number));
    return [
      { source, target, ...repeated(source.dims, counts, logicalStrides(source), logicalStrides(target)) },
    ];
  },
);

/** More copies than this for one Gather are left to the host. */
const MAX_RUNS = 32;

export const gather = copying<Axis, readonly Run[]>(
  (site) => {
    const source = site.input(0);
    const picks = constantPicks(site.input(1), source.dims[axisOf(site, source)] as number);
    const runs = picks && runsOf(picks);
    return runs !== undefined && runs.length <= MAX_RUNS ? runs : undefined;
  },
  (node, runs) => {
    const [source, indices, target] = [node.input(0), node.input(1), node.output()];
    const axis = axisOf(node, source);
    const [sourceStrides, targetStrides] = [logicalStrides(source), logicalStrides(target)];
    const step = sourceStrides[axis] as number;
    // Index axes lie next to each other in the output, also channels-last (then there is one): the last has the stride.
    const rank = indices.dims.length;
    const stride = rank === 0 ? 0 : (targetStrides[axis + rank - 1] as number);
    const without = (list: readonly number[], count: number) => [
      ...list.slice(0, axis),
      ...list.slice(axis + count),
    ];
    return runs.map((run) => ({
      source,
      target,
      dims: [...without(source.dims, 1), ...run.dims],
      sourceStart: run.start * step,
      sourceStrides: [...without(sourceStrides, 1), ...run.steps.map((by) => by * step)],
      targetStart: run.at * stride,
      targetStrides: [...without(targetStrides, rank), ...rowMajorStrides(run.dims).map((by) => by * stride)],
    }));
  },
  followInput,
);

/** The indices, counted from the front, where they are known while planning and in range. */
function constantPicks({ fact: { data } }: Known, size: number): Float64Array | undefined {
  if (data === undefined || data.dtype === "string") return undefined;
  const picks = Float64Array.from(data.data as Int32Array, (index) => {
    const at = Number(index);
    return at < 0 ? at + size : at;
  });
  return picks.every((at) => at >= 0 && at < size) ? picks : undefined;
}

/** Blocks of pixels to channels, or back: `deep` is the side that has them as channels. */
function blockCopy(
  node: Placed<unknown>,
  block: number,
  depthFirst: boolean,
  toSpace: boolean,
): readonly OperandCopy[] {
  const [source, target] = [node.input(0), node.output()];
  const [deep, plain] = toSpace ? [source, target] : [target, source];
  const loops = blockLoops(deep.dims, logicalStrides(plain), logicalStrides(deep), block, depthFirst);
  const [sourceStrides, targetStrides] = toSpace ? [loops.deep, loops.plain] : [loops.plain, loops.deep];
  return [{ source, target, dims: loops.dims, sourceStart: 0, sourceStrides, targetStart: 0, targetStrides }];
}

interface Blocks {
  readonly blocksize: number;
}

export const depthToSpace = copying<Blocks & { readonly mode: string }, true>(always, (node) =>
  blockCopy(node, node.attributes.blocksize, node.attributes.mode === "DCR", true),
);

export const spaceToDepth = copying<Blocks, true>(always, (node) =>
  blockCopy(node, node.attributes.blocksize, true, false),
);

export const channelShuffle = copying<{ readonly groups: number }, true>(always, (node) => {
  const [source, target] = [node.input(0), node.output()];
  const { groups } = node.attributes;
  const { dims, from } = shuffled(source.dims, logicalStrides(source), groups);
  const { to } = shuffled(target.dims, logicalStrides(target), groups);
  return [{ source, target, dims, sourceStart: 0, sourceStrides: from, targetStart: 0, targetStrides: to }];
});
