import type { Dim, Fact } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import {
  type AttributeSchema,
  type AttributesOf,
  defineOp,
  factOf,
  float,
  int,
  ints,
  type Op,
  required,
} from "../define.ts";
import { checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { fromNumbers } from "../shared/elements.ts";
import { dtypeOfOnnx } from "../shared/onnx-dtype.ts";
import { draw, type Random, randomFrom } from "./generator.ts";

interface RandomDefinition<S extends AttributeSchema> {
  readonly type: string;
  /** What is drawn, from numbers in [0, 1). */
  readonly attributes: S;
  readonly distribution: (random: Random, attributes: AttributesOf<S>) => Random;
}

/** A tensor of drawn numbers whose dims and dtype are attributes. */
export function defineRandomOp<const S extends AttributeSchema>({
  type,
  attributes,
  distribution,
}: RandomDefinition<S>): Op {
  return defineOp({
    type,
    since: [1, 22],
    inputs: [],
    attributes: { ...attributes, dtype: int(1), seed: float(), shape: required(ints()) },
    impure: true,

    infer(context) {
      const own = context.attributes as { readonly dtype: number; readonly shape: readonly Dim[] };
      const dtype = dtypeOfOnnx(context, own.dtype);
      checkDType(context, "dtype", dtype, FLOATS);
      return [factOf(dtype, own.shape)];
    },

    evaluate(context) {
      const own = context.attributes as unknown as Drawn;
      const random = distribution(randomFrom(own.seed), context.attributes as unknown as AttributesOf<S>);
      return [
        fromNumbers(
          dtypeOfOnnx(context, own.dtype as number),
          own.shape,
          draw(elementCount(own.shape), random),
        ),
      ];
    },
  });
}

/** The same with the dims, and unless an attribute names it the dtype, of an input. */
export function defineRandomLikeOp<const S extends AttributeSchema>({
  type,
  attributes,
  distribution,
}: RandomDefinition<S>): Op {
  const typeOf = (
    context: { readonly attributes: object; failType(message: string): never },
    input: Pick<Fact, "dtype">,
  ) => {
    const { dtype } = context.attributes as Drawn;
    const named = dtype === undefined ? input.dtype : dtypeOfOnnx(context, dtype);
    checkDType(context, "dtype", named, FLOATS);
    return named;
  };
  return defineOp({
    type,
    since: [1, 22],
    inputs: ["input"],
    attributes: { ...attributes, dtype: int(), seed: float() },
    impure: true,

    infer(context) {
      return [factOf(typeOf(context, context.fact(0)), context.dims(0))];
    },

    evaluate(context) {
      const input = context.tensor(0);
      const { seed } = context.attributes as unknown as Drawn;
      const random = distribution(randomFrom(seed), context.attributes as unknown as AttributesOf<S>);
      return [fromNumbers(typeOf(context, input), input.dims, draw(elementCount(input.dims), random))];
    },
  });
}

interface Drawn {
  readonly dtype: number | undefined;
  readonly seed: number | undefined;
  readonly shape: readonly number[];
}
