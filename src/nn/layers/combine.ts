import { tensorData } from "../../tensor.ts";
import { applyLayer, defineLayer, type Layer, type LayerOptions, type Value } from "../layer.ts";
import { countOf, imageDims, type Pair, pairOf } from "./window.ts";

const folded =
  (kind: string, op: string) =>
  (inputs: readonly Value[], options: LayerOptions = {}): Value =>
    applyLayer(kind, options, inputs, (scope) => {
      if (inputs.length < 2) scope.fail(`needs two values or more, got ${inputs.length}`);
      return inputs
        .map(({ name }) => name)
        .reduce((sum, name, i) => scope.node(op, [sum, name], {}, i === inputs.length - 1 ? "" : `${i}`));
    });

/**
 * The sum of values, element by element; sizes of 1 are repeated.
 *
 * @param inputs - Two or more.
 * @function
 */
export const add = folded("add", "Add");
/**
 * The product of values, element by element; sizes of 1 are repeated.
 *
 * @param inputs - Two or more.
 * @function
 */
export const mul = folded("mul", "Mul");

/**
 * The product of two matrices, or of stacks of them: [N, …, A, B] by [N, …, B, C] is [N, …, A, C].
 *
 * @param inputs - Two values.
 */
export const matmul = (inputs: readonly Value[], options: LayerOptions = {}): Value =>
  applyLayer("matmul", options, inputs, (scope) => {
    if (inputs.length !== 2) scope.fail(`needs two values, got ${inputs.length}`);
    const names = inputs.map(({ name }) => name);
    return scope.node("MatMul", names);
  });

/**
 * Values behind one another along an axis, 1 (the channels or features) by default.
 *
 * @param options.axis - 1 by default; the batch is axis 0.
 * @param inputs - Values that differ along that axis alone.
 */
export const concat = (
  inputs: readonly Value[],
  options: LayerOptions & { readonly axis?: number } = {},
): Value =>
  applyLayer("concat", options, inputs, (scope) => {
    const axis = scope.number("axis", options.axis ?? 1, { whole: true });
    const names = inputs.map(({ name }) => name);
    return scope.node("Concat", names, { axis });
  });

/** What `zeroPad` takes. */
export interface ZeroPadOptions extends LayerOptions {
  /** Maps of zeros before and behind; 0 by default, one number is both. */
  readonly channels?: Pair;
  /** Rows above and below. */
  readonly height?: Pair;
  /** Columns to the left and right. */
  readonly width?: Pair;
}

/** An image with zeros around it, along the channels too. */
export const zeroPad = (options: ZeroPadOptions): Layer =>
  defineLayer("zeroPad", options, (scope, x) => {
    imageDims(scope, x);
    const sides = (["channels", "height", "width"] as const).map((what) =>
      pairOf(scope, what, options[what] ?? 0, 0),
    );
    const pads = [0, ...sides.map(([before]) => before), 0, ...sides.map(([, behind]) => behind)];
    const amounts = tensorData("int64", [8], BigInt64Array.from(pads, BigInt));
    return scope.node("Pad", [x.name, scope.fixed("pads", amounts)], { mode: "constant" });
  });

/**
 * Every `stride`-th row and column of an image, the first included.
 *
 * @param options.stride - How many rows and columns there are from one that stays to the next.
 */
export const subsample2d = (options: LayerOptions & { readonly stride: number }): Layer =>
  defineLayer("subsample2d", options, (scope, x) => {
    imageDims(scope, x);
    const stride = countOf(scope, "stride", options.stride);
    const list = (role: string, numbers: readonly number[]) =>
      scope.fixed(role, tensorData("int64", [2], BigInt64Array.from(numbers.map(BigInt))));
    const far = 2 ** 31 - 1;
    return scope.node("Slice", [
      x.name,
      list("starts", [0, 0]),
      list("ends", [far, far]),
      list("axes", [2, 3]),
      list("steps", [stride, stride]),
    ]);
  });
