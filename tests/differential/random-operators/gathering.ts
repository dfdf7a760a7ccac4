import type { TensorData } from "../../../src/tensor.ts";
import type { Random } from "../../support/random.ts";
import { numbers } from "../operators/case.ts";
import {
  ANY,
  any,
  axisOf,
  caseOf,
  count,
  type Draw,
  type Draws,
  dims,
  filled,
  mostly,
  NUMBERS,
  opset,
  perhaps,
  upward,
} from "./draw.ts";

const gather: Draw = (random) => {
  const of = filled(random, 1, 4);
  const axis = axisOf(random, of.length);
  const size = of.at(axis) as number;
  const version = opset(random, "Gather");
  const at = random.tensor(
    random.pick(["int32", "int64"] as const),
    dims(random, 0, 3),
    version < 11 ? 0 : -size,
    size - 1,
  );
  const given = perhaps(random, [version < 11 ? upward(axis, of.length) : axis], 1);
  return caseOf("Gather", [any(random, of), at], { axis: given }, { opset: version });
};

const gatherElements: Draw = (random) => {
  const of = filled(random, 1, 4);
  const axis = axisOf(random, of.length);
  const size = of.at(axis) as number;
  const taken = of.map((dim, i) =>
    i === upward(axis, of.length) ? random.whole(1, 6) : random.whole(1, dim),
  );
  const at = random.tensor(random.pick(["int32", "int64"] as const), taken, -size, size - 1);
  return caseOf(
    "GatherElements",
    [any(random, of), at],
    { axis },
    { opset: opset(random, "GatherElements") },
  );
};

/** Index tuples that point into the given dims. */
function tuples(random: Random, into: readonly number[], of: readonly number[]): TensorData {
  const values = Array.from({ length: count(of) }, () =>
    into.map((dim) => random.whole(random.chance(0.3) ? -dim : 0, dim - 1)),
  ).flat();
  return numbers("int64", [...of, into.length], values);
}

const gatherND: Draw = (random) => {
  const version = opset(random, "GatherND");
  const of = filled(random, 1, 4);
  const batch = version >= 12 ? random.whole(0, Math.min(2, of.length - 1)) : 0;
  const depth = random.whole(1, of.length - batch);
  const outer = [...of.slice(0, batch), ...filled(random, batch === 0 ? 1 : 0, 2)];
  const at = tuples(random, of.slice(batch, batch + depth), outer);
  return caseOf(
    "GatherND",
    [any(random, of), at],
    { batch_dims: batch > 0 ? batch : undefined },
    { opset: version },
  );
};

const REDUCTIONS = ["none", "add", "mul", "max", "min"];
const reductionOf = (random: Random, version: number): string | undefined =>
  version < 16 ? undefined : perhaps(random, version < 18 ? REDUCTIONS.slice(0, 3) : REDUCTIONS, 0.7);

const scatterElements =
  (op: string): Draw =>
  (random) => {
    const version = opset(random, op, 9, op === "Scatter" ? 10 : 23);
    const of = filled(random, 1, 4);
    const axis = axisOf(random, of.length);
    const at = upward(axis, of.length);
    const taken = of.map((dim) => random.whole(1, dim));
    const reduction = reductionOf(random, version);
    const dtype = mostly(
      random,
      reduction === undefined || reduction === "none" ? ANY : NUMBERS.filter((one) => one !== "float16"),
      0.5,
    );
    // Without a reduction an element that is written twice may take either value: each index comes once along the axis.
    const size = of[at] as number;
    const indices = Array<number>(count(taken)).fill(0);
    const inner = count(taken.slice(at + 1));
    for (let outer = 0; outer < count(taken.slice(0, at)); outer++)
      for (let i = 0; i < inner; i++) {
        const order = random.shuffle(Array.from({ length: size }, (_, k) => k));
        for (let k = 0; k < (taken[at] as number); k++) {
          const index =
            reduction === undefined || reduction === "none"
              ? (order[k] as number)
              : random.whole(0, size - 1);
          indices[(outer * (taken[at] as number) + k) * inner + i] =
            version >= 11 && random.chance(0.3) ? index - size : index;
        }
      }
    return caseOf(
      op,
      [
        random.tensor(dtype, of, 0, 3),
        numbers(random.pick(["int32", "int64"] as const), taken, indices),
        random.tensor(dtype, taken, 0, 3),
      ],
      { axis: version < 11 ? at : axis, reduction },
      { opset: version },
    );
  };

const scatterND: Draw = (random) => {
  const version = opset(random, "ScatterND");
  const of = filled(random, 1, 4);
  const depth = random.whole(1, of.length);
  const reduction = reductionOf(random, version);
  const free = reduction !== undefined && reduction !== "none";
  const dtype = mostly(random, free ? NUMBERS.filter((one) => one !== "float16") : ANY, 0.5);
  const into = of.slice(0, depth);
  const outer = filled(random, 1, 2);
  let at = tuples(random, into, outer);
  if (!free) {
    // As above: no place twice.
    const places = random
      .shuffle(Array.from({ length: count(into) }, (_, i) => i))
      .slice(0, random.whole(1, count(into)));
    const values = places.flatMap((place) => {
      let rest = place;
      return [...into]
        .reverse()
        .map((dim) => {
          const index = rest % dim;
          rest = Math.floor(rest / dim);
          return random.chance(0.3) ? index - dim : index;
        })
        .reverse();
    });
    at = numbers("int64", [places.length, depth], values);
  }
  const updates = random.tensor(dtype, [...at.dims.slice(0, -1), ...of.slice(depth)], 0, 3);
  return caseOf(
    "ScatterND",
    [random.tensor(dtype, of, 0, 3), at, updates],
    { reduction },
    { opset: version },
  );
};

export const draws: Draws = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Scatter: scatterElements("Scatter"),
  ScatterElements: scatterElements("ScatterElements"),
  ScatterND: scatterND,
};
