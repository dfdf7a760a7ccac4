import type { Bench, KernelName, KernelNumbers } from "../harness.ts";

/** Calls a kernel on all shares of its work. */
export type Call = <Name extends KernelName>(kernel: Name, ...args: KernelNumbers<Name>) => void;

/**
 * Runs a kernel, or several one after the other, on 1, 2 and 3 parts, each time into outputs of its own, and gives the
 * outputs of the first run; throws where another one's bits differ. `call` gets a kernel by name with `part, parts`
 * filled in, last part first.
 */
export function onEveryShare(
  on: Bench,
  counts: readonly number[],
  run: (call: Call, outputs: number[], parts: number) => void,
  where = "",
): Float32Array[] {
  let first: Int32Array[] | undefined;
  let values: Float32Array[] = [];
  for (const parts of [1, 2, 3]) {
    const outputs = counts.map((count) => on.output(count));
    const call: Call = (kernel, ...args) => {
      for (let part = parts - 1; part >= 0; part--) on.kernel(kernel)(...args, part, parts);
    };
    run(call, outputs, parts);
    const bits = outputs.map((output, i) => on.readI32(output, counts[i] as number));
    if (first === undefined) {
      first = bits;
      values = outputs.map((output, i) => on.read(output, counts[i] as number));
    }
    bits.forEach((array, i) => {
      const wanted = first?.[i] as Int32Array;
      if (!array.every((bit, k) => bit === wanted[k]))
        throw new Error(`${where}: output ${i} differs on ${parts} parts`);
    });
  }
  on.checkFences();
  return values;
}
