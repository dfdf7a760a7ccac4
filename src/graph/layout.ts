import { elementCount } from "../tensor.ts";
import { concreteDims, type Fact } from "./graph.ts";

/** Whether both layouts put the elements in the same order: one channel, or one pixel. */
export function layoutsCoincide(fact: Fact): boolean {
  const [, channels = 1, ...image] = concreteDims(fact);
  return channels === 1 || elementCount(image) === 1;
}
