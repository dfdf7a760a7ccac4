/** RegNet (Radosavovic et al. 2020, Designing network design spaces, arXiv:2003.13678), wired as torchvision's. */
import { add, chain, type Initializer, type Layer, type Network, relu, sequential } from "../src/nn/index.ts";
import { convNorm, meansAndLogits, squeezeExcite } from "./blocks.ts";
import { divisible, type ModelOptions, type Published, scaled, type ZooModel } from "./options.ts";
import { branchGain } from "./residual-network.ts";
import { otherwise, rounded, torchvision } from "./sources.ts";

/** What makes one RegNet of the design space. */
interface Regnet {
  /** Blocks. */
  readonly depth: number;
  /** Channels of block i before they are rounded: first + slope · i. */
  readonly first: number;
  readonly slope: number;
  /** The channels of one stage over those of the stage before it. */
  readonly factor: number;
  /** Channels of a group of the 3×3 convolutions. */
  readonly group: number;
  /** Whether blocks squeeze and excite, to a quarter of their input's channels: Y does, X does not. */
  readonly squeeze: boolean;
}

/** Blocks of the same channels. */
interface Stage {
  readonly blocks: number;
  readonly channels: number;
  readonly group: number;
}

const STEM = 32;
const WHOLE = 8;

/** The nearest whole number; of two, the even one. */
const nearest = (value: number): number => {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
};

/** The stages of section 3.3: block widths on a line, moved to the nearest power of the factor, then to a multiple of 8. */
function stagesOf({ depth, first, slope, factor, group }: Regnet, width?: number): Stage[] {
  const channels = Array.from({ length: depth }, (_, block) => {
    const power = nearest(Math.log((first + slope * block) / first) / Math.log(factor));
    return nearest((first * factor ** power) / WHOLE) * WHOLE;
  });
  return [...new Set(channels)].map((stage) => {
    const narrowed = scaled(stage, width, WHOLE);
    const ownGroup = Math.min(group, narrowed);
    return {
      blocks: channels.filter((one) => one === stage).length,
      channels: divisible(narrowed, ownGroup),
      group: ownGroup,
    };
  });
}

const regnet =
  (name: string, design: Regnet) =>
  ({ classes = 1000, size = 224, width, ...options }: ModelOptions = {}): Network => {
    const stages = stagesOf(design, width);
    const gainInitializer = branchGain(stages.map(({ blocks }) => blocks));
    return sequential({ input: [3, size, size], name, ...options }, [
      convNorm({ name: "stem", filters: scaled(STEM, width, WHOLE), kernelSize: 3, stride: 2, padding: 1 }),
      ...stages.flatMap((stage, i) =>
        Array.from({ length: stage.blocks }, (_, k) =>
          block(`stage${i + 1}.block${k + 1}`, stage, k === 0 ? 2 : 1, {
            squeeze: design.squeeze,
            gainInitializer,
          }),
        ),
      ),
      meansAndLogits(classes),
    ]);
  };

/** 1×1, grouped 3×3, squeeze and excitation in Y, 1×1: as wide in the middle as at the ends (bottleneck ratio 1). */
const block =
  (
    name: string,
    { channels, group }: Stage,
    stride: number,
    { squeeze, gainInitializer }: { readonly squeeze: boolean; readonly gainInitializer: Initializer },
  ): Layer =>
  (x) => {
    const before = x.dims[1] as number;
    const groups = channels / group;
    const branch = chain([
      convNorm({ name: `${name}.a`, filters: channels, kernelSize: 1 }),
      convNorm({ name: `${name}.b`, filters: channels, kernelSize: 3, stride, padding: 1, groups }),
      ...(squeeze ? [squeezeExcite({ name: `${name}.se`, squeezed: Math.round(before / 4) })] : []),
      convNorm({ name: `${name}.c`, filters: channels, kernelSize: 1, activation: null, gainInitializer }),
    ]);
    const changes = stride !== 1 || before !== channels;
    const shortcut = convNorm({
      name: `${name}.shortcut`,
      filters: channels,
      kernelSize: 1,
      stride,
      activation: null,
    });
    return relu({ name })(add([changes ? shortcut(x) : x, branch(x)]));
  };

const design = (
  squeeze: boolean,
  ...[depth, first, slope, factor, group]: readonly [number, number, number, number, number]
): Regnet => ({ depth, first, slope, factor, group, squeeze });

/** 400 million multiply-accumulates, 5,495,976 parameters. @function */
export const regnetX400mf = regnet("regnet-x-400mf", design(false, 22, 24, 24.48, 2.54, 16));
/** 800 million multiply-accumulates, 7,259,656 parameters. @function */
export const regnetX800mf = regnet("regnet-x-800mf", design(false, 16, 56, 35.73, 2.28, 16));
/** 1.6 billion multiply-accumulates, 9,190,136 parameters. @function */
export const regnetX1_6gf = regnet("regnet-x-1.6gf", design(false, 18, 80, 34.01, 2.25, 24));
/** 3.2 billion multiply-accumulates, 15,296,552 parameters. @function */
export const regnetX3_2gf = regnet("regnet-x-3.2gf", design(false, 25, 88, 26.31, 2.25, 48));
/** 8 billion multiply-accumulates, 39,572,648 parameters. @function */
export const regnetX8gf = regnet("regnet-x-8gf", design(false, 23, 80, 49.56, 2.88, 120));
/** 16 billion multiply-accumulates, 54,278,536 parameters. @function */
export const regnetX16gf = regnet("regnet-x-16gf", design(false, 22, 216, 55.59, 2.1, 128));
/** 32 billion multiply-accumulates, 107,811,560 parameters. @function */
export const regnetX32gf = regnet("regnet-x-32gf", design(false, 23, 320, 69.86, 2, 168));
/** 400 million multiply-accumulates, squeeze and excitation, 4,344,144 parameters. @function */
export const regnetY400mf = regnet("regnet-y-400mf", design(true, 16, 48, 27.89, 2.09, 8));
/** 800 million multiply-accumulates, squeeze and excitation, 6,432,512 parameters. @function */
export const regnetY800mf = regnet("regnet-y-800mf", design(true, 14, 56, 38.84, 2.4, 16));
/** 1.6 billion multiply-accumulates, squeeze and excitation, 11,202,430 parameters. @function */
export const regnetY1_6gf = regnet("regnet-y-1.6gf", design(true, 27, 48, 20.71, 2.65, 24));
/** 3.2 billion multiply-accumulates, squeeze and excitation, 19,436,338 parameters. @function */
export const regnetY3_2gf = regnet("regnet-y-3.2gf", design(true, 21, 80, 42.63, 2.66, 24));
/** 8 billion multiply-accumulates, squeeze and excitation, 39,381,472 parameters. @function */
export const regnetY8gf = regnet("regnet-y-8gf", design(true, 17, 192, 76.82, 2.19, 56));
/** 16 billion multiply-accumulates, squeeze and excitation, 83,590,140 parameters. @function */
export const regnetY16gf = regnet("regnet-y-16gf", design(true, 18, 200, 106.23, 2.48, 112));
/** 32 billion multiply-accumulates, squeeze and excitation, 145,046,770 parameters. @function */
export const regnetY32gf = regnet("regnet-y-32gf", design(true, 20, 232, 115.89, 2.53, 232));
/** 128 billion multiply-accumulates, squeeze and excitation, 644,812,894 parameters. @function */
export const regnetY128gf = regnet("regnet-y-128gf", design(true, 27, 456, 160.83, 2.52, 264));

const AUTHORS = "the authors' pycls, MODEL_ZOO.md";
/** Why some networks of the same name differ. */
const ROUNDING = "channels midway between two multiples of a group go to the even one, not up";

const listed = (
  name: string,
  build: ZooModel["build"],
  parameters: number,
  ...others: readonly Published[]
): ZooModel => ({
  name,
  family: "regnet",
  paper:
    "Radosavovic, Kosaraju, Girshick, He and Dollár 2020, Designing network design spaces, arXiv:2003.13678",
  published: [torchvision(parameters), ...others],
  build,
});

export const REGNETS: readonly ZooModel[] = [
  listed("regnet-x-400mf", regnetX400mf, 5_495_976, otherwise(5.2, AUTHORS, ROUNDING)),
  listed("regnet-x-800mf", regnetX800mf, 7_259_656, rounded(7.3, AUTHORS)),
  listed("regnet-x-1.6gf", regnetX1_6gf, 9_190_136, rounded(9.2, AUTHORS)),
  listed("regnet-x-3.2gf", regnetX3_2gf, 15_296_552, rounded(15.3, AUTHORS)),
  listed("regnet-x-8gf", regnetX8gf, 39_572_648, rounded(39.6, AUTHORS)),
  listed("regnet-x-16gf", regnetX16gf, 54_278_536, rounded(54.3, AUTHORS)),
  listed("regnet-x-32gf", regnetX32gf, 107_811_560, rounded(107.8, AUTHORS)),
  listed("regnet-y-400mf", regnetY400mf, 4_344_144, rounded(4.3, AUTHORS)),
  listed("regnet-y-800mf", regnetY800mf, 6_432_512, otherwise(6.3, AUTHORS, ROUNDING)),
  listed("regnet-y-1.6gf", regnetY1_6gf, 11_202_430, rounded(11.2, AUTHORS)),
  listed("regnet-y-3.2gf", regnetY3_2gf, 19_436_338, rounded(19.4, AUTHORS)),
  listed("regnet-y-8gf", regnetY8gf, 39_381_472, otherwise(39.2, AUTHORS, ROUNDING)),
  listed("regnet-y-16gf", regnetY16gf, 83_590_140, rounded(83.6, AUTHORS)),
  listed("regnet-y-32gf", regnetY32gf, 145_046_770, rounded(145, AUTHORS)),
  listed("regnet-y-128gf", regnetY128gf, 644_812_894),
];
