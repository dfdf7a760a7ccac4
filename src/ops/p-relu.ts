import type { TensorData } from "../tensor.ts";
import { elementCount } from "../tensor.ts";
import { defineOp, factOf, ints, isFloat32 } from "./define.ts";
import { unaryCode } from "./kernel-contract.ts";
import { isConstant, type LowerContext, type Operand } from "./lowering.ts";
import { broadcastOf } from "./shared/broadcast.ts";
import { combine, type Pairing } from "./shared/combine.ts";
import { checkDType, NUMBERS } from "./shared/elementwise.ts";
import { atOwnPlace } from "./shared/receptive-field.ts";
import { emitUnary, float32Operands, pairedRows, sameLayout } from "./shared/unary-lowering.ts";

const pairing: Pairing = {
  number: (x, slope) => (x < 0 ? slope * x : x),
  integer: (x, slope) => (x < 0 ? Math.imul(slope, x) : x),
  wide: (x, slope) => (x < 0n ? slope * x : x),
};

/** The slope's dims, lined up with x's from the right: before opset 7 a 1-D slope goes with the channels. */
function slopeDims<D>(opset: number, rank: number, slope: readonly D[]): readonly (D | 1)[] {
  if (opset >= 7 || slope.length !== 1 || rank < 3) return slope;
  return [...slope, ...new Array<1>(rank - 2).fill(1)];
}

/**
 * PRelu: x, or slope·x below 0; the slope is broadcast to x.
 * https://onnx.ai/onnx/operators/onnx__PRelu.html
 */
export const pRelu = defineOp({
  type: "PRelu",
  since: [1, 6, 7, 9, 16],
  inputs: ["x", "slope"],
  attributes: { consumedInputs: ints() },
  layout: ({ inputs }) => {
    const rank = inputs[0]?.dims?.length;
    return isFloat32(inputs) && (rank === 3 || rank === 4) ? "channelsLast" : "rowMajor";
  },
  strided: true,
  inPlace: [0],
  receptiveField: atOwnPlace,

  infer(context) {
    const x = context.fact(0);
    const slope = context.fact(1);
    checkDType(context, "x", x.dtype, NUMBERS);
    if (slope.dtype !== x.dtype) context.failType(`slope must be ${x.dtype} like x, got ${slope.dtype}`);
    if (x.dims === undefined || slope.dims === undefined) return [factOf(x.dtype, x.dims)];
    const own = slopeDims(context.opset, x.dims.length, slope.dims);
    const dims = broadcastOf(context, x.dims, own) as typeof x.dims;
    if (
      dims.length !== x.dims.length ||
      dims.some((dim, i) => typeof dim === "number" && typeof x.dims?.[i] === "number" && dim !== x.dims[i])
    ) {
      context.fail(`slope [${slope.dims}] does not broadcast to x [${x.dims}]`);
    }
    return [factOf(x.dtype, x.dims)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const slope: TensorData = context.tensor(1);
    return [combine(pairing, x, slope, x.dtype, x.dims, slopeDims(context.opset, x.dims.length, slope.dims))];
  },

  lower: [
    {
      name: "f32_unary leakyRelu",
      when: (context) =>
        float32Operands(context) &&
        sameLayout(context.input(0), context.output()) &&
        isConstant(context.input(1)) &&
        elementCount(context.input(1).dims) === 1,
      lower(context) {
        const slope = context.input(1).fact.data?.data[0] as number;
        emitUnary(context, unaryCode.leakyRelu, slope, 0, context.input(0), context.output());
      },
    },
    {
      name: "f32_prelu",
      when: (context) =>
        float32Operands(context) &&
        sameLayout(context.input(0), context.output()) &&
        columnsOf(context) !== undefined,
      lower(context) {
        const [x, y] = [context.input(0), context.output()];
        const count = elementCount(x.dims);
        const columns = columnsOf(context) as number;
        if (count === 0) return;
        const [rows, ldx, ldy] =
          x.layout === "channelsLast" ? channelRows(x, y) : [count / columns, columns, columns];
        context.call(
          "f32_prelu",
          context.at(x),
          ldx,
          context.at(context.input(1)),
          context.at(y),
          ldy,
          rows,
          columns,
        );
      },
    },
  ],
});

function channelRows(x: Operand, y: Operand): [number, number, number] {
  const channels = x.dims[1] as number;
  const [rows, cols, ldx, ldy] = pairedRows(x, y);
  return cols === channels ? [rows, ldx, ldy] : [(rows * cols) / channels, channels, channels];
}

/** The slope's length, where it runs along the axis that lies innermost and nothing else. */
function columnsOf<A>(context: LowerContext<A>): number | undefined {
  const x = context.input(0);
  const rank = x.dims.length;
  const own = slopeDims(context.opset, rank, context.input(1).dims);
  const axis = x.layout === "channelsLast" ? 1 : rank - 1;
  const size = x.dims[axis];
  const fits =
    size !== undefined && own.every((dim, i) => dim === (i === axis - rank + own.length ? size : 1));
  return fits && own.length > rank - 1 - axis ? size : undefined;
}
