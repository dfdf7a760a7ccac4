import { type DType, dtypeInfo } from "../../../src/dtype.ts";
import type { Random } from "../../support/random.ts";
import { caseOf, close, type Draw, type Draws, dims, FLOATS, INTEGERS, opset, sprinkled } from "./draw.ts";

const TYPES: readonly DType[] = [...FLOATS, ...INTEGERS, "bool"];

/** Numbers that the other dtype can hold: what becomes of those beyond is nobody's promise. */
function castable(random: Random, from: DType, to: DType) {
  const of = dims(random, 0, 4);
  const fractions = FLOATS.includes(from);
  const unsigned = to.startsWith("u") || from.startsWith("u");
  if (INTEGERS.includes(from) && INTEGERS.includes(to) && random.chance(0.5)) {
    // From integer to integer the low bits stay.
    const bits = Math.min(Number(/\d+/.exec(from)?.[0]), 48);
    return random.tensor(from, of, from.startsWith("u") ? 0 : -(2 ** (bits - 1)), 2 ** (bits - 1) - 1);
  }
  const x = random.tensor(from, of, unsigned ? 0 : -100, 100);
  if (!fractions || INTEGERS.includes(to)) return x;
  return sprinkled(random, x, [0, -0, 1, -1, 0.5, Number.NaN, Infinity, -Infinity]);
}

const cast: Draw = (random) => {
  const [from, to] = [random.pick(TYPES), random.pick(TYPES)];
  const version = opset(random, "Cast");
  return caseOf(
    "Cast",
    [castable(random, from, to)],
    { to: dtypeInfo[to].onnx },
    { opset: version, tolerance: close(to) },
  );
};

const castLike: Draw = (random) => {
  const [from, to] = [random.pick(TYPES), random.pick(TYPES)];
  const like = random.tensor(to, [1], 0, 1);
  return caseOf(
    "CastLike",
    [castable(random, from, to), like],
    {},
    { opset: opset(random, "CastLike"), tolerance: close(to) },
  );
};

export const draws: Draws = { Cast: cast, CastLike: castLike };
