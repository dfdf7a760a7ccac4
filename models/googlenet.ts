/** GoogLeNet (Szegedy et al. 2014, Going deeper with convolutions, arXiv:1409.4842). */
import {
  chain,
  concat,
  type Layer,
  localResponseNorm,
  maxPool2d,
  type Network,
  sequential,
} from "../src/nn/index.ts";
import { convNorm, convRelu, meansAndLogits } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { exact, torchvision } from "./sources.ts";

/** A row of table 1: filters of 1×1, of 3×3 and 5×5 behind their reductions, and behind the pool. */
type Row = readonly [
  one: number,
  reduceThree: number,
  three: number,
  reduceFive: number,
  five: number,
  pool: number,
];

/** Table 1, stages 3 to 5. */
const INCEPTIONS: readonly (readonly Row[])[] = [
  [
    [64, 96, 128, 16, 32, 32],
    [128, 128, 192, 32, 96, 64],
  ],
  [
    [192, 96, 208, 16, 48, 64],
    [160, 112, 224, 24, 64, 64],
    [128, 128, 256, 24, 64, 64],
    [112, 144, 288, 32, 64, 64],
    [256, 160, 320, 32, 128, 128],
  ],
  [
    [256, 160, 320, 32, 128, 128],
    [384, 192, 384, 48, 128, 128],
  ],
];

/** In what the implementations differ. */
interface Variant {
  /** A convolution that keeps the size, with what stands behind it. */
  readonly convolution: (name: string, filters: number, kernelSize: number, stride?: number) => Layer;
  /** Kernel of the third branch: 5 as published. */
  readonly large: number;
  /** Behind the first pool, and before the second. */
  readonly normalization: (name: string) => readonly Layer[];
  /** Kernel of the pool before stage 5. */
  readonly lastPool: number;
  /** Of dropout before the logits. */
  readonly dropout: number;
}

/** Four branches side by side on the same input. */
function inception(name: string, row: Row, { convolution, large }: Variant): Layer {
  const [one, reduceThree, three, reduceFive, five, pool] = row;
  const branches = [
    convolution(`${name}.one`, one, 1),
    chain([convolution(`${name}.three.reduce`, reduceThree, 1), convolution(`${name}.three`, three, 3)]),
    chain([convolution(`${name}.five.reduce`, reduceFive, 1), convolution(`${name}.five`, five, large)]),
    chain([
      maxPool2d({ name: `${name}.pool.max`, kernelSize: 3, stride: 1, padding: 1 }),
      convolution(`${name}.pool`, pool, 1),
    ]),
  ];
  return (x) =>
    concat(
      branches.map((branch) => branch(x)),
      { name },
    );
}

function build(
  name: string,
  variant: Variant,
  { classes = 1000, size = 224, width, ...options }: ModelOptions,
): Network {
  const { convolution, normalization, lastPool, dropout } = variant;
  const pool = (role: string, kernelSize = 3) =>
    maxPool2d({ name: role, kernelSize, stride: 2, ceilMode: true });
  const stages = INCEPTIONS.map((rows, i) =>
    rows.map((row, j) => {
      const filters = row.map((count) => scaled(count, width)) as unknown as Row;
      return inception(`inception${i + 3}${"abcde"[j]}`, filters, variant);
    }),
  );
  const [third = [], fourth = [], fifth = []] = stages;
  return sequential({ input: [3, size, size], name, ...options }, [
    convolution("conv1", scaled(64, width), 7, 2),
    pool("pool1"),
    ...normalization("norm1"),
    convolution("conv2.reduce", scaled(64, width), 1),
    convolution("conv2", scaled(192, width), 3),
    ...normalization("norm2"),
    pool("pool2"),
    ...third,
    pool("pool3"),
    ...fourth,
    pool("pool4", lastPool),
    ...fifth,
    meansAndLogits(classes, dropout),
  ]);
}

/**
 * GoogLeNet as torchvision has it, without the auxiliary heads: batch normalisation behind each convolution and, by an
 * oversight that its weights were trained with, 3×3 where the paper has 5×5. Images of [3, 224, 224] to logits; 6,624,904
 * parameters.
 */
export const googlenet = (options: ModelOptions = {}): Network =>
  build(
    "googlenet",
    {
      convolution: (name, filters, kernelSize, stride = 1) =>
        convNorm({ name, filters, kernelSize, stride, padding: (kernelSize - 1) / 2, epsilon: 1e-3 }),
      large: 3,
      normalization: () => [],
      lastPool: 2,
      dropout: 0.2,
    },
    options,
  );

/**
 * The network as published and as Caffe's bvlc_googlenet has it, without the auxiliary heads: biases, normalisation over
 * neighbouring maps around the second convolution, and 5×5. 6,998,552 parameters.
 */
export const googlenetOf2014 = (options: ModelOptions = {}): Network =>
  build(
    "googlenet-2014",
    {
      convolution: (name, filters, kernelSize, stride = 1) =>
        convRelu({ name, filters, kernelSize, stride, padding: (kernelSize - 1) / 2 }),
      large: 5,
      normalization: (name) => [localResponseNorm({ name, size: 5, alpha: 1e-4, beta: 0.75, bias: 1 })],
      lastPool: 3,
      dropout: 0.4,
    },
    options,
  );

const PAPER = "Szegedy et al. 2014, Going deeper with convolutions, arXiv:1409.4842";

export const GOOGLENETS: readonly ZooModel[] = [
  {
    name: "googlenet",
    family: "googlenet",
    paper: PAPER,
    published: [torchvision(6_624_904)],
    build: googlenet,
  },
  {
    name: "googlenet-2014",
    family: "googlenet-2014",
    paper: PAPER,
    published: [exact(6_998_552, "Caffe, bvlc_googlenet without loss1 and loss2")],
    build: googlenetOf2014,
  },
];
