import { arrayOf, oneOf, shown } from "../../arguments.ts";
import { elementCount } from "../../tensor.ts";
import { applyLayerWithOutputs, defineLayer, type Layer, type LayerOptions, type Value } from "../layer.ts";
import { axisBehindBatch, integers, knownSize, knownSizes } from "./axes.ts";
import { countOf, imageDims, type Pair, pairOf } from "./window.ts";

/** As far as Slice goes: to the end of any axis. */
const FAR = 2 ** 31 - 1;

/**
 * The same elements, row-major, under other dims.
 *
 * @param options.dims - Sizes behind the batch, which stays; one may be -1: what is left.
 */
export const reshape = (options: LayerOptions & { readonly dims: readonly number[] }): Layer =>
  defineLayer("reshape", options, (scope, x) => {
    const dims = arrayOf(`${scope.name}: dims`, options.dims);
    const open = dims.filter((size) => size === -1).length;
    if (open > 1 || dims.some((size) => size !== -1 && !(Number.isSafeInteger(size) && size > 0)))
      scope.fail(`dims must be whole numbers from 1, one of them may be -1, got ${shown(dims)}`);
    const count = elementCount(knownSizes(scope, x));
    const given = elementCount(dims.filter((size) => size !== -1));
    if (open === 0 ? given !== count : count % given !== 0)
      scope.fail(`[${dims}] does not hold the ${count} elements of [${x.dims}]`);
    const whole = dims.map((size) => (size === -1 ? count / given : size));
    return scope.node("Reshape", [x.name, integers(scope, "shape", [0, ...whole])]);
  });

/**
 * The axes behind the batch in another order: [2, 1] swaps the two of [N, T, D].
 *
 * @param options.order - For each axis of the output, that of the input which it was: 1 is the first behind the batch.
 */
export const transpose = (options: LayerOptions & { readonly order: readonly number[] }): Layer =>
  defineLayer("transpose", options, (scope, x) => {
    const order = arrayOf(`${scope.name}: order`, options.order);
    const axes = x.dims.slice(1).map((_, i) => i + 1);
    if (order.length !== axes.length || axes.some((axis) => !order.includes(axis)))
      scope.fail(
        `order must be the axes ${axes.join(", ")} of [${x.dims}] in some order, got ${shown(order)}`,
      );
    return scope.node("Transpose", [x.name], { perm: [0, ...order] });
  });

/** What `slice` takes. */
export interface SliceOptions extends LayerOptions {
  /** 1 is the first behind the batch; negative ones count from the back. */
  readonly axis: number;
  /** The first that stays; negative ones count from the end. By default 0, or the last where the step is negative. */
  readonly start?: number;
  /** The first that does not stay; negative ones count from the end. By default all stay. */
  readonly end?: number;
  /** From one that stays to the next; a negative one turns the order round. 1 by default. */
  readonly step?: number;
}

/** A part of one axis. */
export const slice = (options: SliceOptions): Layer =>
  defineLayer("slice", options, (scope, x) => {
    const axis = axisBehindBatch(scope, "axis", options.axis, x);
    const step = scope.number("step", options.step ?? 1, { whole: true });
    if (step === 0) scope.fail("step must not be 0");
    const start = scope.number("start", options.start ?? (step < 0 ? -1 : 0), { whole: true });
    const end = scope.number("end", options.end ?? (step < 0 ? -FAR : FAR), { whole: true });
    const lists = Object.entries({ starts: start, ends: end, axes: axis, steps: step });
    const y = scope.node("Slice", [x.name, ...lists.map(([role, value]) => integers(scope, role, [value]))]);
    if (scope.dims(y)[axis] === 0)
      scope.fail(`nothing of axis ${axis} of [${x.dims}] is left from ${start} to ${end} by ${step}`);
    return y;
  });

/** What `crop2d` takes. */
export interface Crop2dOptions extends LayerOptions {
  /** Rows to cut away above and below; 0 by default, one number is both. */
  readonly height?: Pair;
  /** Columns to cut away on the left and right. */
  readonly width?: Pair;
}

/** An image without what lies at its edges. */
export const crop2d = (options: Crop2dOptions): Layer =>
  defineLayer("crop2d", options, (scope, x) => {
    imageDims(scope, x);
    const sides = (["height", "width"] as const).map((what) => pairOf(scope, what, options[what] ?? 0, 0));
    sides.forEach(([before, behind], i) => {
      const size = x.dims[i + 2];
      if (typeof size === "number" && before + behind >= size)
        scope.fail(`nothing is left of [${x.dims}] without ${before} and ${behind} of axis ${i + 2}`);
    });
    return scope.node("Slice", [
      x.name,
      integers(
        scope,
        "starts",
        sides.map(([before]) => before),
      ),
      integers(
        scope,
        "ends",
        sides.map(([, behind]) => (behind === 0 ? FAR : -behind)),
      ),
      integers(scope, "axes", [2, 3]),
    ]);
  });

/** What `split` takes. */
export interface SplitOptions extends LayerOptions {
  /** 1 is the first behind the batch; negative ones count from the back. */
  readonly axis: number;
  /** How many equal parts there are, or the size of each. */
  readonly parts: number | readonly number[];
}

/** A value cut along an axis. */
export const split =
  (options: SplitOptions) =>
  (x: Value): Value[] =>
    applyLayerWithOutputs("split", options, [x], (scope) => {
      const axis = axisBehindBatch(scope, "axis", options.axis, x);
      const size = knownSize(scope, x, axis);
      const { parts } = options;
      const sizes =
        typeof parts === "number"
          ? new Array<number>(countOf(scope, "parts", parts)).fill(size / parts)
          : arrayOf(`${scope.name}: parts`, parts);
      const total = sizes.reduce((sum, part) => sum + part, 0);
      if (sizes.some((part) => !Number.isInteger(part) || part < 1) || total !== size)
        scope.fail(`axis ${axis} of [${x.dims}] does not fall into the parts ${shown(parts)}`);
      const roles = sizes.map((_, i) => `${i}`);
      return scope.nodes("Split", [x.name, integers(scope, "sizes", sizes)], roles, { axis });
    });

/**
 * Every factor² maps become one of `factor` times the size (Shi et al. 2016, arXiv:1609.05158): map c·factor² + i·factor
 * + j has the pixels in row i and column j of each block of map c.
 *
 * @param options.factor - How many times as high and wide the image becomes.
 */
export const pixelShuffle = (options: LayerOptions & { readonly factor: number }): Layer =>
  defineLayer("pixelShuffle", options, (scope, x) => {
    const [, channels] = imageDims(scope, x);
    const blocksize = countOf(scope, "factor", options.factor);
    if (channels % blocksize ** 2 !== 0)
      scope.fail(`${channels} maps do not fall into blocks of ${blocksize} by ${blocksize}`);
    return scope.node("DepthToSpace", [x.name], { blocksize, mode: "CRD" });
  });

/**
 * The maps of an image in another order: one of each group in turn (ShuffleNet, arXiv:1707.01083).
 *
 * @param options.groups - Groups that the maps fall into, side by side.
 */
export const channelShuffle = (options: LayerOptions & { readonly groups: number }): Layer =>
  defineLayer("channelShuffle", options, (scope, x) => {
    const [, channels] = imageDims(scope, x);
    const groups = countOf(scope, "groups", options.groups);
    if (channels % groups !== 0) scope.fail(`${channels} maps do not fall into ${groups} groups`);
    const image = knownSizes(scope, x).slice(1);
    const apart = integers(scope, "groups", [0, groups, channels / groups, ...image]);
    const grouped = scope.node("Reshape", [x.name, apart], {}, "grouped");
    const turned = scope.node("Transpose", [grouped], { perm: [0, 2, 1, 3, 4] }, "turned");
    return scope.node("Reshape", [turned, integers(scope, "shape", [0, channels, ...image])]);
  });

/** What `pad2d` takes. */
export interface Pad2dOptions extends LayerOptions {
  /** Rows above and below; 0 by default, one number is both. */
  readonly height?: Pair;
  /** Columns on the left and right. */
  readonly width?: Pair;
  /** What is put there: zeros (the default), the image mirrored at its outermost pixels, or these repeated. */
  readonly mode?: "zero" | "reflect" | "edge";
}

/** An image with more around it. */
export const pad2d = (options: Pad2dOptions): Layer =>
  defineLayer("pad2d", options, (scope, x) => {
    imageDims(scope, x);
    const mode = oneOf(`${scope.name}: mode`, options.mode ?? "zero", ["zero", "reflect", "edge"]);
    const sides = (["height", "width"] as const).map((what) => pairOf(scope, what, options[what] ?? 0, 0));
    sides.forEach((pads, i) => {
      const size = x.dims[i + 2];
      if (mode === "reflect" && typeof size === "number" && Math.max(...pads) >= size)
        scope.fail(`axis ${i + 2} of [${x.dims}] has no ${Math.max(...pads)} pixels to mirror`);
    });
    const amounts = [0, 0, ...sides.map(([before]) => before), 0, 0, ...sides.map(([, behind]) => behind)];
    return scope.node("Pad", [x.name, integers(scope, "pads", amounts)], {
      mode: mode === "zero" ? "constant" : mode,
    });
  });
