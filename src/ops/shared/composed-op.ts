import type { Compose, Composer } from "../composing.ts";
import { type AttributeSchema, type AttributesOf, defineOp, type Op } from "../define.ts";

export interface ComposedDefinition<S extends AttributeSchema> {
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly attributes: S;
  compose(composer: Composer<AttributesOf<S>>): readonly string[];
}

/** An operator that is nothing but others put together; it never reaches a graph. */
export function defineComposedOp<const S extends AttributeSchema>(definition: ComposedDefinition<S>): Op {
  const { type, domain, inputs, attributes, compose } = definition;
  return {
    ...defineOp({ type, domain, since: [1], inputs, attributes, infer: () => [], evaluate: () => [] }),
    compose: compose as Compose,
  };
}
