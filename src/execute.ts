import { type CompileOptions, type Cut, compiling, type Stage } from "./compile.ts";
import { InternalError } from "./errors.ts";
import { finish, type Work } from "./interruptible.ts";
import { evaluating } from "./ops/evaluate.ts";
import { factOfValue } from "./ops/infer.ts";
import type { Plan } from "./plan/plan.ts";
import type { Executor } from "./runtime/executor.ts";
import { isTensor, type RuntimeValue } from "./value.ts";

/** What has come so far, by name. */
export type Values = ReadonlyMap<string, RuntimeValue>;

/**
 * Runs a stage and those behind it, as work that can be interrupted; gives outputs of the graph it was compiled from. `run`
 * runs a plan, `behind` gives the stage behind a cut, whose node it decides first.
 */
export function* executing(
  stage: Stage,
  feeds: Values,
  outputs: readonly string[],
  run: (plan: Plan, feeds: readonly RuntimeValue[]) => Work<RuntimeValue[]>,
  behind: (cut: Cut, values: Map<string, RuntimeValue>) => Work<Stage>,
): Work<RuntimeValue[]> {
  const values = new Map(feeds);
  for (let current = stage; ; ) {
    const { plan, cut }: Stage = current;
    const results = yield* run(
      plan,
      plan.inputs.map((input) => lookUp(values, input.name)),
    );
    plan.outputs.forEach((output, i) => {
      values.set(output.name, results[i] as RuntimeValue);
    });
    if (cut === undefined) return outputs.map((name) => lookUp(values, name));
    current = yield* behind(cut, values);
  }
}

/** Runs one stage, and those behind it once, at one stretch; nothing is kept. */
export const execute = (
  executor: Executor,
  stage: Stage,
  feeds: Values,
  outputs: readonly string[],
  options: CompileOptions,
): RuntimeValue[] =>
  finish(
    executing(stage, feeds, outputs, executor.run, function* (cut, values) {
      yield* deciding(cut, values, options.maxMemoryBytes);
      return yield* compilingRest(cut, values, options);
    }),
  );

/** Compiles what is left behind a cut for the values that have come. */
export function compilingRest({ rest, baked }: Cut, values: Values, options: CompileOptions): Work<Stage> {
  const facts = new Map(rest.facts);
  for (const name of rest.inputs) facts.set(name, factOfValue(lookUp(values, name), baked.includes(name)));
  const inputs = rest.inputs.filter((name) => !baked.includes(name));
  return compiling({ ...rest, inputs, facts }, new Map(), options);
}

/** Two lots of values that have the same signature have the same stage behind a cut. */
export const signatureBehind = ({ rest, baked }: Cut, values: Values): string =>
  rest.inputs
    .map((name) => {
      const value = lookUp(values, name);
      if (!isTensor(value)) return value.container;
      return baked.includes(name) ? `=${value.data}` : `${value.dtype}[${value.dims}]`;
    })
    .join(";");

/** Runs the node that decides a shape by its definition, and adds its outputs to the values. */
export function* deciding(
  { node, rest }: Cut,
  values: Map<string, RuntimeValue>,
  maxBytes: number | undefined,
): Work<void> {
  if (node === undefined) return;
  const known = (name: string): RuntimeValue | undefined => values.get(name) ?? rest.facts.get(name)?.data;
  const results = yield* evaluating(
    node,
    node.inputs.map((name) => (name === "" ? undefined : known(name))),
    known,
    { maxBytes },
  );
  node.outputs.forEach((name, i) => {
    const result = results[i];
    if (name !== "" && result !== undefined) values.set(name, result);
  });
}

function lookUp(values: Values, name: string): RuntimeValue {
  const value = values.get(name);
  if (value === undefined) throw new InternalError(`no value ${JSON.stringify(name)}`);
  return value;
}
