import { codecOf, createData, type DType } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import type { ValueMetadata } from "../session.ts";
import { elementCount, Tensor } from "../tensor.ts";
import { resolveDims } from "./input-dims.ts";

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Random tensors for inputs; `given` is what `--dims` said. Throws a UsageError where a size stays open. */
export function randomFeeds(
  inputs: readonly ValueMetadata[],
  seed: number,
  given: readonly string[],
): Record<string, Tensor> {
  const random = randomNumbers(seed);
  const tensors = inputs.filter((input) => input.isTensor);
  const other = inputs.find((input) => !input.isTensor);
  if (other !== undefined) {
    throw new UsageError(`there are no random values for ${JSON.stringify(other.name)}, which is no tensor`);
  }
  const { dims, open } = resolveDims(tensors, given);
  const entries = tensors.map(({ name, type, shape }) => {
    if (open.includes(name)) {
      const shown = `${JSON.stringify(name)} [${shape.join(", ")}]`;
      throw new UsageError(`the sizes of ${shown} are open: say --dims ${name}=…`);
    }
    return [name, randomTensor(type, dims.get(name) as readonly number[], random)] as const;
  });
  return Object.fromEntries(entries);
}

/** A tensor of random elements: floats from 0 to 1, bytes from 0 to 255, other integers and bools 0 or 1. */
export function randomTensor(dtype: DType, dims: readonly number[], random: () => number): Tensor {
  if (dtype === "string") throw new UsageError("there are no random strings: give the input with --input");
  const data = createData(dtype, elementCount(dims)) as unknown as (number | bigint)[];
  for (let i = 0; i < data.length; i++) data[i] = randomElement(dtype, random());
  return new Tensor(dtype, data as never, dims);
}

function randomElement(dtype: DType, fraction: number): number | bigint {
  switch (dtype) {
    case "float32":
    case "float64":
      return fraction;
    case "uint8":
      return Math.floor(fraction * 256);
    case "int64":
    case "uint64":
      return fraction < 0.5 ? 0n : 1n;
    default: {
      const number = /float/.test(dtype) ? fraction : fraction < 0.5 ? 0 : 1;
      return codecOf(dtype)?.encode(number) ?? number;
    }
  }
}
