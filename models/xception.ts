/** Xception (Chollet 2016, arXiv:1610.02357), wired as Keras's. */
import {
  add,
  batchNorm,
  chain,
  type Layer,
  maxPool2d,
  type Network,
  relu,
  separableConv2d,
  sequential,
} from "../src/nn/index.ts";
import { convNorm, meansAndLogits } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { exact, LECTURE, rounded } from "./sources.ts";

const NORM = { epsilon: 1e-3, momentum: 0.99 };

/** A separable convolution, with nothing between its halves, and its normalisation. */
const separable = (name: string, filters: number): Layer =>
  chain([
    separableConv2d({ name: `${name}.conv`, filters, kernelSize: 3, padding: "same", bias: false }),
    batchNorm({ name: `${name}.norm`, ...NORM }),
  ]);

/** ReLU before each separable convolution. */
const activated = (name: string, filters: readonly number[]): Layer =>
  chain(
    filters.flatMap((count, i) => [
      relu({ name: `${name}.${i + 1}.relu` }),
      separable(`${name}.${i + 1}`, count),
    ]),
  );

/** Halves the image, both ways. */
const halved =
  (name: string, branch: Layer, filters: number): Layer =>
  (x) => {
    const pooled = maxPool2d({ name: `${name}.pool`, kernelSize: 3, stride: 2, padding: "same" });
    const shortcut = convNorm({
      name: `${name}.shortcut`,
      filters,
      kernelSize: 1,
      stride: 2,
      activation: null,
      ...NORM,
    });
    return add([pooled(branch(x)), shortcut(x)], { name });
  };

const kept =
  (name: string, branch: Layer): Layer =>
  (x) =>
    add([branch(x), x], { name });

/** Images of [3, 299, 299] to logits, in 22,855,952 parameters. */
export const xception = ({ classes = 1000, size = 299, width, ...options }: ModelOptions = {}): Network => {
  const filters = (count: number): number => scaled(count, width);
  const stem = (name: string, count: number, stride: number): Layer =>
    convNorm({ name, filters: filters(count), kernelSize: 3, stride, ...NORM });
  const middle = filters(728);
  return sequential({ input: [3, size, size], name: "xception", ...options }, [
    stem("stem1", 32, 2),
    stem("stem2", 64, 1),
    // The stem has just been through a ReLU: the first block begins without one.
    halved(
      "entry1",
      chain([separable("entry1.1", filters(128)), activated("entry1.then", [filters(128)])]),
      filters(128),
    ),
    halved("entry2", activated("entry2", [filters(256), filters(256)]), filters(256)),
    halved("entry3", activated("entry3", [middle, middle]), middle),
    ...Array.from({ length: 8 }, (_, i) =>
      kept(`middle${i + 1}`, activated(`middle${i + 1}`, [middle, middle, middle])),
    ),
    halved("exit1", activated("exit1", [middle, filters(1024)]), filters(1024)),
    separable("exit2.1", filters(1536)),
    relu({ name: "exit2.1.relu" }),
    separable("exit2.2", filters(2048)),
    relu({ name: "exit2.2.relu" }),
    meansAndLogits(classes),
  ]);
};

export const XCEPTION: readonly ZooModel[] = [
  {
    name: "xception",
    family: "xception",
    paper: "Chollet 2016, Xception: deep learning with depthwise separable convolutions, arXiv:1610.02357",
    published: [
      exact(22_855_952, "Xception of keras.applications, trainable parameters"),
      rounded(23, LECTURE),
    ],
    build: xception,
  },
];
