/** LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998, Gradient-based learning applied to document recognition). */
import {
  conv2d,
  dense,
  flatten,
  initializers,
  maxPool2d,
  type Network,
  rbf,
  relu,
  scaledSumPool2d,
  scaledTanh,
  sequential,
} from "../src/nn/index.ts";
import { digitBitmaps } from "./digit-bitmaps.ts";
import { asPublished, type ModelOptions, scaled, type ZooModel } from "./options.ts";

/**
 * The variant that is usual today: digits of [1, 28, 28], rectifiers, max pooling, full connections, logits. 61,706
 * parameters: c1 156, c3 2416, c5 48120, f6 10164, output 850.
 */
export const lenet5 = ({ classes = 10, size = 28, width, ...options }: ModelOptions = {}): Network =>
  sequential({ input: [1, size, size], name: "lenet5", ...options }, [
    conv2d({ name: "c1", filters: scaled(6, width), kernelSize: 5, padding: 2 }),
    relu(),
    maxPool2d({ name: "s2", kernelSize: 2 }),
    conv2d({ name: "c3", filters: scaled(16, width), kernelSize: 5 }),
    relu(),
    maxPool2d({ name: "s4", kernelSize: 2 }),
    flatten(),
    dense({ name: "c5", units: scaled(120, width) }),
    relu(),
    dense({ name: "f6", units: scaled(84, width) }),
    relu(),
    dense({ name: "output", units: classes }),
  ]);

/** Table I: the maps of S2 that each map of C3 reads. */
export const C3_CONNECTIONS: readonly (readonly number[])[] = [
  [0, 1, 2],
  [1, 2, 3],
  [2, 3, 4],
  [3, 4, 5],
  [0, 4, 5],
  [0, 1, 5],
  [0, 1, 2, 3],
  [1, 2, 3, 4],
  [2, 3, 4, 5],
  [0, 3, 4, 5],
  [0, 1, 4, 5],
  [0, 1, 2, 5],
  [0, 1, 3, 4],
  [1, 2, 4, 5],
  [0, 2, 3, 5],
  [0, 1, 2, 3, 4, 5],
];

/**
 * The network as published: digits centred in [1, 32, 32] (paper at -0.1, ink at 1.175), scaled tanh everywhere,
 * subsampling with a trainable gain and bias a map, the connection table of C3, and fixed radial basis functions as
 * outputs. 60,000 trainable parameters: c1 156, s2 12, c3 1516, s4 32, c5 48120, f6 10164; 840 fixed ones in the
 * output layer. Its outputs are negated squared distances, so that the largest wins. Weights start uniform within
 * ±2.4 / fan-in (appendix A), biases at 0.
 *
 * @param options - Seed and weights; its sizes are as published, and others refused.
 */
export const lenet5Of1998 = (options: ModelOptions = {}): Network => {
  const weightInitializer = initializers.lecunUniform();
  const gainInitializer = initializers.lecunUniform();
  return sequential({ input: [1, 32, 32], name: "lenet5-1998", ...asPublished("lenet5-1998", options) }, [
    conv2d({ name: "c1", filters: 6, kernelSize: 5, weightInitializer }),
    scaledTanh(),
    scaledSumPool2d({ name: "s2", kernelSize: 2, gainInitializer }),
    scaledTanh(),
    conv2d({ name: "c3", filters: 16, kernelSize: 5, connections: C3_CONNECTIONS, weightInitializer }),
    scaledTanh(),
    scaledSumPool2d({ name: "s4", kernelSize: 2, gainInitializer }),
    scaledTanh(),
    conv2d({ name: "c5", filters: 120, kernelSize: 5, weightInitializer }),
    scaledTanh(),
    flatten(),
    dense({ name: "f6", units: 84, weightInitializer }),
    scaledTanh(),
    rbf({ name: "output", centers: digitBitmaps }),
  ]);
};

const PAPER =
  "LeCun, Bottou, Bengio and Haffner 1998, Gradient-based learning applied to document recognition, Proc. IEEE 86(11)";

export const LENET: readonly ZooModel[] = [
  {
    name: "lenet5",
    family: "lenet",
    paper: PAPER,
    published: [{ parameters: 61_706, source: "lecture C, Examples: LeNet-5", precision: "exact" }],
    build: lenet5,
  },
  {
    name: "lenet5-1998",
    family: "lenet",
    paper: PAPER,
    published: [{ parameters: 60_000, source: "the paper, section II.B", precision: "exact" }],
    build: lenet5Of1998,
  },
];
