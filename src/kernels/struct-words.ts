import { int32 } from "./arguments.ts";
import { type Structs, structLayouts } from "./contract.ts";

/** What a struct of `assembly/shapes.ts` is in memory: its fields in their order, each of its numbers an i32. */
export function structWords<Name extends keyof Structs>(name: Name, fields: Structs[Name]): Int32Array {
  const values = structLayouts[name].flatMap((field) => fields[field] as number | readonly number[]);
  return Int32Array.from(values, int32);
}
