import { describe, test } from "vitest";
import type { TensorData } from "../../src/tensor.ts";
import { difference } from "../support/compare.ts";
import { type Draw, forAllDraws } from "./draw.ts";
import { TRIED } from "./operators.ts";
import { PLACEMENTS, runSample } from "./run.ts";

const FLOATS = [Number.NaN, Infinity, -Infinity, -0, 0, 1e-40, -1e-40, 2 ** -149];
const EXTREMES = {
  int8: [-128, 127],
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
} as const;

/** Which special values an input may get. */
const ALLOWED = {
  none: () => false,
  finite: Number.isFinite,
  "finite, not 0": (value: number) => Number.isFinite(value) && value !== 0,
  "no ∞": (value: number) => Math.abs(value) !== Infinity,
  "no denormals": (value: number) => !(Math.abs(value) > 0 && Math.abs(value) < 2 ** -126),
} as const;

interface Exception {
  readonly ops: readonly string[];
  readonly inputs: readonly number[];
  readonly get: keyof typeof ALLOWED;
  readonly why: string;
}

/** Where kernels and definition may differ, or the values would mean nothing. */
const EXCEPTIONS: readonly Exception[] = [
  { ops: ["Upsample"], inputs: [1], get: "none", why: "scales are sizes" },
  { ops: ["lanewise.AdamUpdate"], inputs: [6], get: "none", why: "the number of the step is counted" },
  {
    ops: ["Resize", "Upsample"],
    inputs: [0],
    get: "no ∞",
    why: "kernels weigh an axis that stays as it is, too, with 1 and 0, and 0·∞ is NaN",
  },
  {
    ops: ["ReduceProd", "SwiGLU", "Gemm"],
    inputs: [0, 1],
    get: "no denormals",
    why: "a product that vanishes in float32 but not in float64 is NaN or ∞ once an ∞ follows",
  },
  {
    ops: ["Conv"],
    inputs: [1],
    get: "finite, not 0",
    why: "padding is multiplied, the zeros of a dilation found in the weights are not: 0·∞ is NaN or left out",
  },
  {
    ops: ["ConvTranspose", "lanewise.ConvInputGradient", "lanewise.ConvWeightGradient"],
    inputs: [1],
    get: "finite",
    why: "padding is multiplied, and 0·∞ is NaN",
  },
  {
    ops: ["lanewise.BatchNormalizationTraining", "lanewise.BatchNormalizationGradient"],
    inputs: [1, 3, 4],
    get: "finite",
    why: "with an infinite scale or deviation, 0·∞ and ∞ - ∞ depend on the order of a formula",
  },
];

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
  const exceptions = EXCEPTIONS.filter(({ ops, inputs }) => ops.includes(name) && inputs.includes(input));
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

describe.each(PLACEMENTS)(
  "operands %s: NaN, ±∞, denormals and -0 come out of kernels as the definition says",
  (placement) => {
    test.each(TRIED)("%s", (name, trials) => {
      const visit = (draw: Draw): void => {
        const sample = trials.draw(draw);
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
      };
      forAllDraws(visit, { shrink: false });
    });
  },
);
