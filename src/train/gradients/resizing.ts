import { resizeRequest } from "../../ops/image/resize.ts";
import type { ResizeTable } from "../../ops/image/resize-tables.ts";
import { type ResizeRequest, resizeAxes, tablesOf } from "../../ops/image/resizing.ts";
import { upsampleRequest } from "../../ops/image/upsample.ts";
import { algebra } from "./algebra.ts";
import { transposedAlong } from "./along-axis.ts";
import type { GradientContext, GradientRules } from "./define.ts";

type ResizeAttributes = Parameters<typeof resizeRequest>[0]["attributes"];
type UpsampleAttributes = Parameters<typeof upsampleRequest>[0]["attributes"];

export const resizingGradients: GradientRules = {
  Resize(context) {
    const node = { attributes: context.attributes as unknown as ResizeAttributes, opset: context.node.opset };
    return resizeBack(
      context,
      resizeRequest(node, (i) => (context.x(i) === "" ? undefined : context.constant(context.x(i)))),
    );
  },

  Upsample(context) {
    const node = {
      attributes: context.attributes as unknown as UpsampleAttributes,
      opset: context.node.opset,
    };
    const scales = context.x(1);
    return resizeBack(context, upsampleRequest(node, scales === "" ? undefined : context.constant(scales)));
  },
};

/** The gradient of a resize, which is linear along each axis by itself. */
function resizeBack(context: GradientContext, request: ResizeRequest | undefined): readonly string[] {
  if (request === undefined) return context.decline("its scales or sizes are not known");
  const dims = context.dims(context.x());
  const fail = (message: string): never => context.decline(message);
  const tables = tablesOf(resizeAxes({ fail }, dims, request), request.rule);
  const dy = context.dy() as string;
  return [
    byBlocks(context, tables) ??
      tables.reduce<string>((gradient, table, axis) => {
        if (table === undefined) return gradient;
        const input = dims[axis] as number;
        return transposedAlong(context, gradient, axis, matrixOf(table, input), input);
      }, dy),
  ];
}

/** The table as a matrix [output, input]; what lies outside the input does not depend on it. */
function matrixOf({ taps, index, weight, outside }: ResizeTable, input: number): Float64Array {
  const matrix = new Float64Array(outside.length * input);
  for (let i = 0; i < index.length; i++) {
    const row = Math.floor(i / taps);
    if (outside[row] === 1) continue;
    const at = row * input + (index[i] as number);
    matrix[at] = (matrix[at] as number) + (weight[i] as number);
  }
  return matrix;
}

/** Where every pixel became a block of equal ones: the sum over each block, as a pool. */
function byBlocks(
  context: GradientContext,
  tables: readonly (ResizeTable | undefined)[],
): string | undefined {
  const dims = context.dims(context.x());
  const blocks = tables.map((table, axis) => {
    if (table === undefined) return 1;
    const size = table.outside.length / (dims[axis] as number);
    const even =
      table.taps === 1 &&
      !table.outside.includes(1) &&
      table.index.every((at, i) => at === Math.floor(i / size));
    return Number.isInteger(size) && even ? size : undefined;
  });
  if (dims.length < 3 || blocks[0] !== 1 || blocks[1] !== 1 || blocks.includes(undefined)) return undefined;
  const kernelShape = blocks.slice(2) as number[];
  const mean = context.emit("AveragePool", [context.dy() as string], { kernelShape, strides: kernelShape });
  return algebra(context).mul(
    mean,
    kernelShape.reduce((a, b) => a * b, 1),
  );
}
