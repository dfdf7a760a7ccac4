import type { DType } from "../../dtype.ts";
import type { FusedActivation } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";
import { type AttributeSchema, defineOp, factOf, int, ints, type Op } from "../define.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { alignSecond, broadcastOf, legacyOf } from "./broadcast.ts";
import { combine, type Pairing } from "./combine.ts";
import { checkDType, mapElements, NUMBERS } from "./dtypes.ts";
import { scalars } from "./scalars.ts";

/** Attributes of operators that are older than opset 7's broadcasting. */
export const LEGACY_ATTRIBUTES = { axis: int(), broadcast: int(0), consumedInputs: ints() };

interface BinaryDefinition extends Pairing {
  /** Numbers unless told. */
  readonly dtypes?: readonly DType[];
}

/** A fused activation on a float tensor; the tensor itself where there is none. */
export function activated(tensor: TensorData, activation: FusedActivation | undefined): TensorData {
  if (activation === undefined) return tensor;
  const { kind, alpha, beta } = activation;
  return mapElements(tensor, tensor.dtype, scalars[kind as keyof typeof scalars](alpha, beta));
}

/** An operator on two tensors of one dtype with multidirectional broadcasting. */
export const binary = (type: string, since: readonly number[], definition: BinaryDefinition): Op =>
  defineBinaryOp(type, since, definition);

/** The same that gives bools. */
export const comparison = (type: string, since: readonly number[], definition: BinaryDefinition): Op =>
  defineBinaryOp(type, since, definition, "bool");

function defineBinaryOp(
  type: string,
  since: readonly number[],
  { dtypes = NUMBERS, ...pairing }: BinaryDefinition,
  output?: "bool",
): Op {
  const attributes: AttributeSchema = (since[0] as number) < 7 ? LEGACY_ATTRIBUTES : {};
  return defineOp({
    type,
    since,
    inputs: ["a", "b"],
    attributes,
    receptiveField: atOwnPlace,
    epilogue: output === undefined,

    infer(context) {
      const a = context.fact(0);
      const b = context.fact(1);
      checkDType(context, "a", a.dtype, dtypes);
      if (b.dtype !== a.dtype) context.failType(`b must be ${a.dtype} like a, got ${b.dtype}`);
      const second = a.dims && b.dims && alignSecond(context, legacyOf(context.attributes), a.dims, b.dims);
      return [factOf(output ?? a.dtype, broadcastOf(context, a.dims, second))];
    },

    evaluate(context) {
      const a = context.tensor(0);
      const b = context.tensor(1);
      const second = alignSecond(context, legacyOf(context.attributes), a.dims, b.dims);
      const dims = broadcastOf(context, a.dims, second) as number[];
      return [activated(combine(pairing, a, b, output ?? a.dtype, dims, second), context.node.activation)];
    },
  });
}
