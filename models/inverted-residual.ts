/** The block of MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381), and of what was made of it: wide between narrow. */
import { add, chain, dropPath, type Initializer, type Layer } from "../src/nn/index.ts";
import { type Activation, convNorm, type SqueezeExciteOptions, squeezeExcite } from "./blocks.ts";
import { divisible } from "./options.ts";

/** What `invertedResidual` takes. */
export interface InvertedResidualOptions {
  /** Of the whole; its convolutions are `NAME.expand`, `NAME.depthwise` and `NAME.project`. */
  readonly name: string;
  /** Channels in the middle; where they are those of the input, nothing expands. */
  readonly expanded: number;
  /** Channels of the output. */
  readonly filters: number;
  /** Of the depthwise convolution. */
  readonly kernelSize: number;
  /** 1 by default. */
  readonly stride?: number;
  /** Behind the first two convolutions; the last one, narrow, is linear. */
  readonly activation: Activation;
  /** Squeeze and excitation of the middle; none by default. */
  readonly squeeze?: Omit<SqueezeExciteOptions, "name"> | undefined;
  /** Of the normalisations. */
  readonly norm?: { readonly epsilon: number; readonly momentum: number } | undefined;
  /** How often training leaves the branch out; never by default. */
  readonly dropRate?: number;
  /** Of the last normalisation, where the input is added behind it; ones by default. */
  readonly gainInitializer?: Initializer | undefined;
}

/** The input is added where the output is as large and has as many channels. */
export const invertedResidual =
  ({
    name,
    expanded,
    filters,
    kernelSize,
    stride = 1,
    activation,
    squeeze,
    norm,
    dropRate = 0,
    gainInitializer,
  }: InvertedResidualOptions): Layer =>
  (x) => {
    const channels = x.dims[1];
    const isAdded = stride === 1 && channels === filters;
    const gain = isAdded && gainInitializer !== undefined ? { gainInitializer } : {};
    const wide = { filters: expanded, activation, ...norm };
    const branch = chain([
      ...(expanded === channels ? [] : [convNorm({ name: `${name}.expand`, kernelSize: 1, ...wide })]),
      convNorm({
        name: `${name}.depthwise`,
        kernelSize,
        stride,
        padding: (kernelSize - 1) / 2,
        groups: "depthwise",
        ...wide,
      }),
      ...(squeeze === undefined ? [] : [squeezeExcite({ name: `${name}.gated`, ...squeeze })]),
      convNorm({ name: `${name}.project`, filters, kernelSize: 1, activation: null, ...norm, ...gain }),
    ]);
    if (!isAdded) return branch(x);
    return add([dropPath({ name: `${name}.drop`, rate: dropRate })(branch(x)), x], { name });
  };

/** The multiple of eight next to a number of channels; a tenth less is too little, and becomes the next one up. */
export const inEights = (channels: number): number => divisible(channels, 8);
