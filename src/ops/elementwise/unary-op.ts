import type { DType } from "../../dtype.ts";
import type { FusedActivation } from "../../graph/graph.ts";
import { type AttributeSchema, type AttributesOf, defineOp, factOf, ints, type Op } from "../define.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { checkDType, FLOATS, mapElements } from "./dtypes.ts";
import { type Scalar, type ScalarName, scalars } from "./scalars.ts";

/** A function of one number with its two parameters. */
export type UnaryKernel = readonly [code: ScalarName, alpha: number, beta: number];

export interface UnaryDefinition<S extends AttributeSchema> {
  readonly domain?: string;
  readonly attributes?: S;
  /** The dtypes that the newest version takes: floats unless told. */
  readonly dtypes?: readonly DType[];
  /** The output's dtype where it is not the input's. */
  readonly output?: DType;
  /** The kernel; its definition in `scalars` then is the operator's, unless `scalar` gives another. */
  readonly kernel?: ScalarName | ((attributes: AttributesOf<S>) => UnaryKernel);
  readonly scalar?: (attributes: AttributesOf<S>) => Scalar;
  /** The same on 64-bit integers, where `dtypes` has them. */
  readonly wide?: (attributes: AttributesOf<S>) => (x: bigint) => bigint | number;
}

const activation = ([kind, alpha, beta]: UnaryKernel): FusedActivation => ({ kind, alpha, beta });

/** An operator that maps each element by itself; `since` are the versions that introduced or changed it. */
export function unary<const S extends AttributeSchema = Record<never, never>>(
  type: string,
  since: readonly number[],
  definition: UnaryDefinition<S>,
): Op {
  const { dtypes = FLOATS, kernel: known } = definition;
  const kernel = typeof known === "string" ? (): UnaryKernel => [known, 0, 0] : known;
  const scalarOf = (attributes: AttributesOf<S>): Scalar => {
    if (definition.scalar !== undefined) return definition.scalar(attributes);
    const [code, alpha, beta] = (kernel as NonNullable<typeof kernel>)(attributes);
    return scalars[code](alpha, beta);
  };
  return defineOp<S>({
    type,
    ...(definition.domain === undefined ? {} : { domain: definition.domain }),
    since,
    inputs: ["x"],
    attributes: {
      ...definition.attributes,
      ...(since[0] === 1 ? { consumedInputs: ints() } : {}),
    } as S,
    receptiveField: atOwnPlace,
    ...(kernel === undefined ? {} : { activation: ({ attributes }) => activation(kernel(attributes)) }),

    infer(context) {
      const { dtype, dims } = context.fact(0);
      checkDType(context, "x", dtype, dtypes);
      return [factOf(definition.output ?? dtype, dims)];
    },

    evaluate(context) {
      const x = context.tensor(0);
      const wide = definition.wide?.(context.attributes);
      return [mapElements(x, definition.output ?? x.dtype, scalarOf(context.attributes), wide)];
    },
  });
}
