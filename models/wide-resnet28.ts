/** WRN-28-10 for CIFAR (Zagoruyko and Komodakis 2016, Wide residual networks, arXiv:1605.07146). */
import { batchNorm, chain, conv2d, type Layer, type Network, relu, sequential } from "../src/nn/index.ts";
import { meansAndLogits, normConv, residual } from "./blocks.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { exact, rounded } from "./sources.ts";

/** (28 - 4) / 6: a block has two layers with weights, and there are three stages. */
const BLOCKS = 4;
const WIDENING = 10;

/**
 * A few wide blocks instead of a thousand thin ones: images of [3, 32, 32] to logits; 36,479,194 parameters for 10 classes.
 * Blocks normalise first; where the channels change, the shortcut starts behind that normalisation, too.
 */
export const wideResnet28 = ({ classes = 10, size = 32, width, ...options }: ModelOptions = {}): Network =>
  sequential({ input: [3, size, size], name: "wide-resnet28-10", ...options }, [
    conv2d({ name: "stem.conv", filters: scaled(16, width), kernelSize: 3, padding: 1, bias: false }),
    ...[0, 1, 2].flatMap((stage) =>
      Array.from({ length: BLOCKS }, (_, block) =>
        wideBlock(
          `stage${stage + 1}.block${block + 1}`,
          scaled(16 * WIDENING * 2 ** stage, width),
          stage > 0 && block === 0 ? 2 : 1,
        ),
      ),
    ),
    batchNorm({ name: "last.norm" }),
    relu({ name: "last" }),
    meansAndLogits(classes),
  ]);

const wideBlock =
  (name: string, filters: number, stride: number): Layer =>
  (x) => {
    const normalized = chain([batchNorm({ name: `${name}.a.norm` }), relu({ name: `${name}.a.activation` })])(
      x,
    );
    const convolution = (role: string, kernelSize: number) =>
      conv2d({
        name: `${name}.${role}.conv`,
        filters,
        kernelSize,
        stride,
        padding: (kernelSize - 1) / 2,
        bias: false,
      });
    const branch = chain([
      convolution("a", 3),
      normConv({ name: `${name}.b`, filters, kernelSize: 3, padding: 1 }),
    ]);
    const shortcut = x.dims[1] === filters ? x : convolution("shortcut", 1)(normalized);
    return residual({ name, branch, shortcut: () => shortcut, activation: null })(normalized);
  };

export const WIDE_RESNET28: readonly ZooModel[] = [
  {
    name: "wide-resnet28-10",
    family: "wide-resnet28",
    paper: "Zagoruyko and Komodakis 2016, Wide residual networks, arXiv:1605.07146",
    published: [
      exact(36_479_194, "pytorchcv (osmr/imgclsmob), wrn28_10_cifar10"),
      rounded(36.5, "the paper, table 4"),
    ],
    build: wideResnet28,
  },
];
