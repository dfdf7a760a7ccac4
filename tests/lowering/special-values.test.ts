import fc from "fast-check";
import { describe, test } from "vitest";
import type { TensorData } from "../../src/tensor.ts";
import { difference } from "../support/compare.ts";
import { type Draw, drawFrom } from "./draw.ts";
import { LOWERED, SAMPLERS } from "./operators.ts";
import { type Placement, runSample } from "./run.ts";

const RUNS = Number(process.env["LANEWISE_RUNS"] ?? 25);
const SEED = Number(process.env["LANEWISE_SEED"] ?? 1);

const FLOATS = [Number.NaN, Infinity, -Infinity, -0, 0, 1e-40, -1e-40, 2 ** -149];
const EXTREMES = {
  int8: [-128, 127],
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
} as const;

/** Inputs that stay as they are drawn, or get no more than zeros and denormals, and why. */
const EXCEPTIONS: Readonly<
  Record<
    string,
    readonly { inputs: readonly number[]; get: "nothing" | "finite" | "no ∞" | "normal"; why: string }[]
  >
> = Object.fromEntries(
  (
    [
      [["Upsample"], [1], "nothing", "scales are sizes, not values"],
      [["lanewise.AdamUpdate"], [6], "nothing", "the number of the step is counted"],
      [
        ["Resize", "Upsample"],
        [0],
        "no ∞",
        "kernels weigh an axis that stays as it is too, with 1 and 0, and 0·∞ is NaN",
      ],
      [
        ["ReduceProd"],
        [0],
        "normal",
        "in float32 a product of denormals vanishes before an ∞ comes, in float64 not",
      ],
      [
        ["Conv", "ConvTranspose", "lanewise.ConvInputGradient", "lanewise.ConvWeightGradient"],
        [1],
        "finite",
        "kernels multiply padding, and 0·∞ is NaN",
      ],
      [
        ["lanewise.BatchNormalizationTraining", "lanewise.BatchNormalizationGradient"],
        [1, 3, 4],
        "finite",
        "with an infinite scale or deviation, 0·∞ and ∞ - ∞ depend on the order of a formula",
      ],
    ] as const
  )
    .flatMap(([names, inputs, get, why]) => names.map((name) => [name, { inputs, get, why }] as const))
    .reduce((all, [name, exception]) => all.set(name, [...(all.get(name) ?? []), exception]), new Map()),
);

const ALLOWED = {
  nothing: () => false,
  finite: Number.isFinite,
  "no ∞": (value: number) => Math.abs(value) !== Infinity,
  normal: (value: number) => !(Math.abs(value) > 0 && Math.abs(value) < 2 ** -126),
} as const;

/** Integers that are values, not indices, sizes or labels. */
const OF_INTEGERS = /^(Bitwise|ConvInteger|MatMulInteger|DequantizeLinear|DynamicQuantizeLinear)/;

/** What only moves elements moves their bits. */
const MOVING =
  /^(Concat|Split|Slice|Pad|DepthToSpace|SpaceToDepth|Transpose|Expand|Tile|Gather|CenterCropPad|Dropout|Identity)$/;

/** Puts one to three special values into a tensor, if it has values at all. */
function spoil(tensor: TensorData, input: number, draw: Draw, name: string): TensorData {
  const values =
    tensor.dtype === "float32"
      ? FLOATS
      : OF_INTEGERS.test(name)
        ? EXTREMES[tensor.dtype as keyof typeof EXTREMES]
        : undefined;
  const exceptions = (EXCEPTIONS[name] ?? []).filter(({ inputs }) => inputs.includes(input));
  const allowed = values?.filter((value) => exceptions.every(({ get }) => ALLOWED[get](value))) ?? [];
  if (allowed.length === 0 || tensor.data.length === 0) return tensor;
  const data = (tensor.data as Float32Array).slice();
  for (let left = draw.whole(1, 3); left > 0; left--) {
    data[draw.whole(0, data.length - 1)] = draw.pick<number>(...allowed);
  }
  return { ...tensor, data } as TensorData;
}

/** The same bits, but for a NaN's. */
function sameBits(actual: TensorData, expected: TensorData): string | undefined {
  const wrong = difference(actual, expected, { rtol: 0, atol: 0 });
  if (wrong !== undefined) return wrong;
  const at = Array.from(expected.data as Float32Array).findIndex(
    (value, i) => !Object.is(value, actual.data[i]),
  );
  return at < 0 ? undefined : `element ${at}: ${actual.data[at]}, expected ${expected.data[at]}`;
}

describe.each<Placement>(["row-major", "channels-last", "slice"])(
  "operands %s: NaN, ±∞, denormals and -0 come out of kernels as the definition says",
  (placement) => {
    test.each(LOWERED)("%s", (name) => {
      fc.assert(
        fc.property(fc.gen(), (generate) => {
          const draw = drawFrom(generate);
          const sample = (SAMPLERS[name] as NonNullable<(typeof SAMPLERS)[string]>)(draw);
          const altered: TensorData[] = [];
          const alter = (tensor: TensorData, input: number) => {
            const spoilt = spoil(tensor, input, draw, name);
            altered.push(spoilt);
            return spoilt;
          };
          const { wrong } = runSample(name, sample, {
            placement,
            draw,
            alter,
            winograd: false, // `tests/ops/winograd-accuracy.test.ts` says how far it spreads a NaN
            ...(MOVING.test(name) && { compare: sameBits }),
          });
          if (wrong === undefined) return;
          const show = altered.map(({ dtype, dims, data }) => {
            const odd = Array.from(data as Float32Array, Number)
              .map((value, i) => [value, i] as const)
              .filter(([value]) => !(Math.abs(value) > 1e-30 && Math.abs(value) < 1e9));
            return `${dtype}[${dims}] ${odd.slice(0, 6).map(([v, i]) => `${i}: ${Object.is(v, -0) ? "-0" : v}`)}`;
          });
          throw new Error(`${wrong}; ${show.join("; ")} ${JSON.stringify(sample.attributes)}`);
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      );
    });
  },
);
