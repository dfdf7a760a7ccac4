/**
 * EfficientNet (Tan and Le 2019, arXiv:1905.11946), B0 to B7 wired as torchvision's, and the shape of L2 (Xie, Luong, Hovy
 * and Le 2019, arXiv:1911.04252): one network, made wider, deeper and for larger pictures by three numbers.
 */
import { type Layer, type Network, sequential, silu } from "../src/nn/index.ts";
import { convNorm, meansAndLogits } from "./blocks.ts";
import { inEights, invertedResidual } from "./inverted-residual.ts";
import type { ModelOptions, Published, ZooModel } from "./options.ts";
import { branchGain } from "./residual-network.ts";
import { exact, LECTURE, rounded, torchvision } from "./sources.ts";

/** A stage of B0: how much wider the middle is, the depthwise kernel, the first block's stride, channels, blocks. */
type Stage = readonly [
  expansion: number,
  kernelSize: number,
  stride: number,
  filters: number,
  blocks: number,
];

const STAGES: readonly Stage[] = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
];

/** Which of the family. */
export type EfficientNetVariant = "b0" | "b1" | "b2" | "b3" | "b4" | "b5" | "b6" | "b7" | "l2";

/** How a network differs from B0. */
interface Scaling {
  readonly wider: number;
  readonly deeper: number;
  readonly size: number;
  readonly dropout: number;
  /** torchvision's larger networks keep the normalisation of TensorFlow. */
  readonly norm?: { readonly epsilon: number; readonly momentum: number };
  readonly parameters: number;
}

const TENSORFLOW = { epsilon: 1e-3, momentum: 0.99 };

const SCALINGS: Readonly<Record<EfficientNetVariant, Scaling>> = {
  b0: { wider: 1, deeper: 1, size: 224, dropout: 0.2, parameters: 5_288_548 },
  b1: { wider: 1, deeper: 1.1, size: 240, dropout: 0.2, parameters: 7_794_184 },
  b2: { wider: 1.1, deeper: 1.2, size: 288, dropout: 0.3, parameters: 9_109_994 },
  b3: { wider: 1.2, deeper: 1.4, size: 300, dropout: 0.3, parameters: 12_233_232 },
  b4: { wider: 1.4, deeper: 1.8, size: 380, dropout: 0.4, parameters: 19_341_616 },
  b5: { wider: 1.6, deeper: 2.2, size: 456, dropout: 0.4, norm: TENSORFLOW, parameters: 30_389_784 },
  b6: { wider: 1.8, deeper: 2.6, size: 528, dropout: 0.5, norm: TENSORFLOW, parameters: 43_040_704 },
  b7: { wider: 2, deeper: 3.1, size: 600, dropout: 0.5, norm: TENSORFLOW, parameters: 66_347_960 },
  l2: { wider: 4.3, deeper: 5.3, size: 800, dropout: 0.5, norm: TENSORFLOW, parameters: 480_309_308 },
};

/** How often training leaves out the last block's branch; the first one's never, and the others' in between. */
const DROP_RATE = 0.2;

/** What `efficientNet` takes. */
export interface EfficientNetOptions extends ModelOptions {
  /** "b0" by default. */
  readonly variant?: EfficientNetVariant;
}

/** Images of [3, 224, 224] (of up to [3, 800, 800]) to logits; 5,288,548 parameters in B0. */
export const efficientNet = ({
  variant = "b0",
  classes = 1000,
  size,
  width = 1,
  ...options
}: EfficientNetOptions = {}): Network => {
  const scaling = SCALINGS[variant];
  const channels = (count: number): number => inEights(count * scaling.wider * width);
  const side = size ?? scaling.size;
  return sequential({ input: [3, side, side], name: `efficientnet-${variant}`, ...options }, [
    convNorm({
      name: "stem",
      filters: channels(32),
      kernelSize: 3,
      stride: 2,
      padding: 1,
      activation: silu,
      ...scaling.norm,
    }),
    ...blocksOf(scaling, channels),
    convNorm({
      name: "last",
      filters: 4 * channels(320),
      kernelSize: 1,
      activation: silu,
      ...scaling.norm,
    }),
    meansAndLogits(classes, scaling.dropout),
  ]);
};

function blocksOf({ deeper, norm }: Scaling, channels: (count: number) => number): Layer[] {
  const stages = STAGES.map(([, , , , blocks]) => Math.ceil(blocks * deeper));
  const all = stages.reduce((sum, blocks) => sum + blocks, 0);
  return STAGES.flatMap(([expansion, kernelSize, stride, filters], stage) => {
    const before = stages.slice(0, stage).reduce((sum, blocks) => sum + blocks, 0);
    return Array.from(
      { length: stages[stage] as number },
      (_, block): Layer =>
        (x) => {
          const input = x.dims[1] as number;
          return invertedResidual({
            name: `stage${stage + 1}.block${block + 1}`,
            kernelSize,
            stride: block === 0 ? stride : 1,
            expanded: expansion === 1 ? input : inEights(input * expansion),
            filters: channels(filters),
            activation: silu,
            // A quarter of what comes into the block, not of its wide middle.
            squeeze: { squeezed: Math.max(1, Math.floor(input / 4)), activation: silu },
            norm,
            dropRate: (DROP_RATE * (before + block)) / all,
            gainInitializer: branchGain(stages),
          })(x);
        },
    );
  });
}

const LECTURED: Readonly<Partial<Record<string, Published>>> = {
  b7: rounded(66, LECTURE),
  l2: rounded(480, LECTURE),
};

export const EFFICIENTNETS: readonly ZooModel[] = Object.entries(SCALINGS).map(
  ([variant, { parameters }]) => ({
    name: `efficientnet-${variant}`,
    family: "efficientnet",
    paper:
      variant === "l2"
        ? "Xie, Luong, Hovy and Le 2019, Self-training with noisy student improves ImageNet classification, arXiv:1911.04252"
        : "Tan and Le 2019, EfficientNet: rethinking model scaling for convolutional neural networks, arXiv:1905.11946",
    published: [
      variant === "l2" ? exact(parameters, "efficientnet_l2 of timm 1.0") : torchvision(parameters),
      ...(LECTURED[variant] === undefined ? [] : [LECTURED[variant]]),
    ],
    build: (options) => efficientNet({ ...options, variant: variant as EfficientNetVariant }),
  }),
);
