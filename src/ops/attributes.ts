import type { AttributeValue } from "../graph/graph.ts";
import type { AttributeSchema } from "./define.ts";

/** The defaults of a schema, by key. */
export function defaultAttributes(schema: AttributeSchema): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  for (const [key, spec] of Object.entries(schema)) {
    if (spec.default !== undefined) attributes[key] = spec.default as AttributeValue;
  }
  return attributes;
}
