import type { DType } from "../../dtype.ts";
import { disagree, showDims } from "../../graph/dims.ts";
import { elementCount } from "../../tensor.ts";
import { type AttributeSchema, type AttributesOf, defineOp, factOf, type Op, sameAs } from "../define.ts";
import { checkDType } from "../elementwise/dtypes.ts";
import { scalarOf } from "../shared/axes.ts";
import { fromNumbers, type Numbers, toNumbers } from "../shared/elements.ts";

/** One element's step: the learning rate R, the update count T, and `[x, gradient, …state]` to `[x, …state]`. */
export type Update = (rate: number, count: number, values: readonly number[]) => readonly number[];

interface OptimizerDefinition<S extends AttributeSchema> {
  readonly type: string;
  readonly attributes: S;
  /** Tensors that each variable carries from step to step. */
  readonly states: number;
  readonly update: (attributes: AttributesOf<S>) => Update;
}

const FLOAT_TYPES: readonly DType[] = ["float32", "float64"];

/**
 * One iteration of an optimiser over any number of variables: inputs R, T, all X, all gradients, then each state of all;
 * outputs all new X, then each new state of all.
 */
export function defineOptimizerOp<const S extends AttributeSchema>(definition: OptimizerDefinition<S>): Op {
  const { states, update } = definition;
  const groups = states + 2;
  return defineOp<S>({
    type: definition.type,
    domain: "ai.onnx.preview.training",
    since: [1],
    inputs: ["r", "t", "inputs*"],
    outputs: ["outputs*"],
    attributes: definition.attributes,

    infer(context) {
      const variables = (context.inputCount - 2) / groups;
      if (!Number.isInteger(variables))
        context.fail(`${context.inputCount - 2} tensors do not make groups of ${groups}`);
      for (let i = 2 + variables; i < context.inputCount; i++) {
        const [own, variable] = [context.fact(i), context.fact(2 + ((i - 2) % variables))];
        if (own.dtype !== variable.dtype || (own.dims && variable.dims && disagree(own.dims, variable.dims)))
          context.fail(
            `input ${i} must be ${variable.dtype}${showDims(variable.dims)} like its variable, got ${own.dtype}${showDims(own.dims)}`,
          );
      }
      return Array.from({ length: context.outputCount }, (_, i) => {
        const source = context.fact(i < variables ? 2 + i : 2 + variables + i);
        checkDType(context, `input ${i}`, source.dtype, FLOAT_TYPES);
        return i < variables * (states + 1) ? sameAs(source) : factOf(source.dtype, undefined);
      });
    },

    evaluate(context) {
      const variables = (context.inputCount - 2) / groups;
      const rate = scalarOf(context, context.tensor(0), "R");
      const count = scalarOf(context, context.tensor(1), "T");
      const step = update(context.attributes);
      const outputs = new Array<ReturnType<typeof fromNumbers>>(variables * (states + 1));
      for (let v = 0; v < variables; v++) {
        const x = context.tensor(2 + v);
        const sources = Array.from(
          { length: groups },
          (_, k): Numbers => toNumbers(context.tensor(2 + k * variables + v)),
        );
        const size = elementCount(x.dims);
        const targets = Array.from({ length: states + 1 }, () => new Float64Array(size));
        for (let i = 0; i < size; i++) {
          const values = sources.map((source) => source[i] as number);
          step(rate, count, values).forEach((value, k) => {
            (targets[k] as Float64Array)[i] = value;
          });
        }
        targets.forEach((target, k) => {
          outputs[k * variables + v] = fromNumbers(x.dtype, x.dims, target);
        });
      }
      return outputs;
    },
  });
}
