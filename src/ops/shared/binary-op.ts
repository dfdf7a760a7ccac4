import type { DType } from "../../dtype.ts";
import type { FusedActivation } from "../../graph/graph.ts";
import type { TensorData } from "../../tensor.ts";
import { type AttributeSchema, defineOp, factOf, int, ints, type Lowering, type Op } from "../define.ts";
import { type BinaryCode, binaryCode } from "../kernel-contract.ts";
import { binaryBox, emitBinary, fitsBinary } from "./binary-lowering.ts";
import { alignSecond, broadcastOf, type LegacyBroadcast } from "./broadcast.ts";
import { combine, type Pairing } from "./combine.ts";
import { checkDType, mapElements } from "./elementwise.ts";
import { atOwnPlace } from "./receptive-field.ts";
import { scalars } from "./scalars.ts";
import { float32Operands } from "./unary-lowering.ts";

/** Attributes of operators that are older than opset 7's broadcasting. */
export const LEGACY_ATTRIBUTES = { axis: int(), broadcast: int(0), consumedInputs: ints() };

interface BinaryDefinition {
  readonly type: string;
  readonly since: readonly number[];
  readonly dtypes: readonly DType[];
  readonly output?: "bool";
  readonly pairing: Pairing;
  readonly kernel?: keyof typeof binaryCode;
}

const NO_LEGACY: LegacyBroadcast = { axis: undefined, broadcast: 1 };

/** The alignment attributes, for operators that have them. */
export const legacyOf = (attributes: object): LegacyBroadcast =>
  "broadcast" in attributes ? (attributes as LegacyBroadcast) : NO_LEGACY;

/** A fused activation on a float tensor; the tensor itself where there is none. */
export function activated(tensor: TensorData, activation: FusedActivation | undefined): TensorData {
  if (activation === undefined) return tensor;
  const { kind, alpha, beta } = activation;
  return mapElements(tensor, tensor.dtype, scalars[kind as keyof typeof scalars](alpha, beta));
}

/** An operator on two tensors of one dtype with multidirectional broadcasting. */
export function defineBinaryOp(definition: BinaryDefinition): Op {
  const { dtypes, output, pairing, kernel } = definition;
  const attributes: AttributeSchema = (definition.since[0] as number) < 7 ? LEGACY_ATTRIBUTES : {};
  return defineOp({
    type: definition.type,
    since: definition.since,
    inputs: ["a", "b"],
    attributes,
    layout: ({ inputs }) => (kernel !== undefined && inputs[0]?.dtype === "float32" ? "follow" : "rowMajor"),
    strided: true,
    receptiveField: atOwnPlace,
    ...(output === undefined ? { inPlace: [0, 1], epilogue: true } : {}),

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

    lower: kernel === undefined ? [] : [binaryLowering(binaryCode[kernel])],
  });
}

/** Two float32 operands through `f32_binary`. */
export const binaryLowering = <A extends object>(code: BinaryCode): Lowering<A> => ({
  name: "f32_binary",
  when: (context) =>
    float32Operands(context) &&
    fitsBinary(
      binaryBox(
        context.input(0),
        context.input(1),
        context.output(),
        alignSecond(context, legacyOf(context.attributes), context.input(0).dims, context.input(1).dims),
      ),
    ),
  lower(context) {
    const [a, b, y] = [context.input(0), context.input(1), context.output()];
    const second = alignSecond(context, legacyOf(context.attributes), a.dims, b.dims);
    emitBinary(context, code, a, b, y, second, context.node.activation);
  },
});
