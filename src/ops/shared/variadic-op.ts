import { type DType, is64Bit } from "../../dtype.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, factOf, ints, type Lowering, type Op } from "../define.ts";
import { type BinaryCode, binaryCode, unaryCode } from "../kernel-contract.ts";
import type { LowerContext, Operand } from "../lowering.ts";
import { binaryBox, emitBinary, fitsBinary } from "./binary-lowering.ts";
import { broadcastOf } from "./broadcast.ts";
import { combine, combineArrays, type Pairing } from "./combine.ts";
import { fromNumbers, toNumbers } from "./elements.ts";
import { checkDType } from "./elementwise.ts";
import { atOwnPlace } from "./receptive-field.ts";
import { emitUnary, float32Operands, sameBytes } from "./unary-lowering.ts";

interface VariadicDefinition {
  readonly type: string;
  readonly since: readonly number[];
  readonly dtypes: readonly DType[];
  readonly pairing: Pairing;
  readonly kernel: "add" | "min" | "max";
  /** Divides the result by the number of inputs. */
  readonly mean?: boolean;
}

/** An operator that folds any number of tensors, broadcast together, pair by pair. */
export function defineVariadicOp(definition: VariadicDefinition): Op {
  const { dtypes, pairing, mean = false } = definition;
  return defineOp({
    type: definition.type,
    since: definition.since,
    inputs: ["data*"],
    attributes: { consumedInputs: ints() },
    layout: ({ inputs }) => (inputs[0]?.dtype === "float32" ? "follow" : "rowMajor"),
    strided: true,
    receptiveField: atOwnPlace,
    inPlace: [0, 1],

    infer(context) {
      const first = context.fact(0);
      checkDType(context, "data", first.dtype, dtypes);
      const facts = Array.from({ length: context.inputCount }, (_, i) => context.fact(i));
      for (const { dtype } of facts) {
        if (dtype !== first.dtype)
          context.failType(`all inputs must be ${first.dtype} like the first, got ${dtype}`);
      }
      return [factOf(first.dtype, broadcastAll(context, facts))];
    },

    evaluate(context) {
      const tensors = Array.from({ length: context.inputCount }, (_, i) => context.tensor(i));
      const first = tensors[0] as TensorData;
      const dims = broadcastAll(context, tensors) as number[];
      if (is64Bit(first.dtype)) {
        const spread = combine({ number: keepFirst, wide: keepFirst }, first, first, first.dtype, first.dims);
        return [
          tensors
            .slice(1)
            .reduce(
              (y, x) => combine(pairing, y, x, y.dtype, broadcastOf(context, y.dims, x.dims) as number[]),
              spread,
            ),
        ];
      }
      const folded = new Float64Array(elementCount(dims));
      combineArrays(keepFirst, toNumbers(first), first.dims, folded, dims, folded, dims);
      for (const tensor of tensors.slice(1)) {
        combineArrays(pairing.number, folded, dims, toNumbers(tensor), tensor.dims, folded, dims);
      }
      if (mean) for (let i = 0; i < folded.length; i++) folded[i] = (folded[i] as number) / tensors.length;
      return [fromNumbers(first.dtype, dims, folded)];
    },

    lower: [pairwise(binaryCode[definition.kernel], mean)],
  });
}

type Shaped = { readonly dims?: readonly Dim[] };

/** Two by two: there may be more than a call takes arguments. */
const broadcastAll = (context: { fail(message: string): never }, values: readonly Shaped[]) =>
  values.map(({ dims }) => dims).reduce((a, b) => broadcastOf(context, a, b));

const keepFirst = <T>(a: T): T => a;

/** One `f32_binary` for each input after the first. */
const pairwise = <A>(code: BinaryCode, mean: boolean): Lowering<A> => ({
  name: "f32_binary, pair by pair",
  when: (context) =>
    float32Operands(context) &&
    !rereads(context) &&
    pairs(context).every(([a, b, y]) => fitsBinary(binaryBox(a, b, y))),
  lower(context) {
    const y = context.output();
    for (const [a, b] of pairs(context)) emitBinary(context, code, a, b, y);
    const count = context.inputs.length;
    if (count === 1) emitUnary(context, unaryCode.identity, 0, 0, context.input(0), y);
    else if (mean) emitUnary(context, unaryCode.affine, 1 / count, 0, y, y);
  },
});

function pairs<A>(context: LowerContext<A>): [Operand, Operand, Operand][] {
  const y = context.output();
  return context.inputs.slice(1).map((_, i) => [i === 0 ? context.input(0) : y, context.input(i + 1), y]);
}

/** Whether an input that is read late lies where the output, in the place of an earlier one, has been written by then. */
const rereads = <A>(context: LowerContext<A>): boolean =>
  context.inputs
    .slice(2)
    .some((operand) => operand !== undefined && sameBytes(context, operand, context.output()));
