/** Wiring that the networks of many families share. */
import {
  type BatchNormOptions,
  batchNorm,
  type Conv2dOptions,
  chain,
  conv2d,
  globalAveragePool2d,
  type Layer,
  type LayerOptions,
  mul,
  relu,
  sigmoid,
} from "../src/nn/index.ts";

/** Makes a layer of each name, such as `relu` or `silu` itself. */
export type Activation = (options: LayerOptions) => Layer;

/** What `convNorm` takes: a convolution's options, and what becomes of its output. */
export interface ConvNormOptions
  extends Omit<Conv2dOptions, "name" | "bias" | "biasInitializer">,
    Omit<BatchNormOptions, "name"> {
  /** Of the whole; the convolution and the normalisation are `NAME.conv` and `NAME.norm`. */
  readonly name: string;
  /** relu by default; null, where the sum comes before it, is none. */
  readonly activation?: Activation | null;
}

/** A convolution without bias, its batch normalisation, and the activation. */
export const convNorm = ({
  name,
  activation = relu,
  epsilon = 1e-5,
  momentum = 0.9,
  gainInitializer,
  ...convolution
}: ConvNormOptions): Layer =>
  chain([
    conv2d({ ...convolution, name: `${name}.conv`, bias: false }),
    batchNorm({ name: `${name}.norm`, epsilon, momentum, ...(gainInitializer && { gainInitializer }) }),
    ...(activation === null ? [] : [activation({ name })]),
  ]);

/** What `normConv` takes. */
export interface NormConvOptions extends Omit<ConvNormOptions, "activation"> {
  /** relu by default. */
  readonly activation?: Activation;
}

/** The order of networks that normalise first: batch normalisation, activation, and a convolution without bias. */
export const normConv = ({
  name,
  activation = relu,
  epsilon = 1e-5,
  momentum = 0.9,
  gainInitializer,
  ...convolution
}: NormConvOptions): Layer =>
  chain([
    batchNorm({ name: `${name}.norm`, epsilon, momentum, ...(gainInitializer && { gainInitializer }) }),
    activation({ name: `${name}.activation` }),
    conv2d({ ...convolution, name: `${name}.conv`, bias: false }),
  ]);

/** What `squeezeExcite` takes. */
export interface SqueezeExciteOptions {
  /** Of the whole; its layers are `NAME.squeeze` and `NAME.excite`. */
  readonly name: string;
  /** Channels in the middle. */
  readonly squeezed: number;
  /** Behind the first convolution; relu by default. */
  readonly activation?: Activation;
  /** Behind the second; sigmoid by default. */
  readonly gate?: Activation;
}

/**
 * Squeeze and excitation (Hu, Shen and Sun 2017, arXiv:1709.01507): every map times a gate that a small network of two
 * layers makes of the means of all maps. Both are 1×1 convolutions with a bias.
 */
export const squeezeExcite =
  ({ name, squeezed, activation = relu, gate = sigmoid }: SqueezeExciteOptions): Layer =>
  (x) => {
    const gates = chain([
      globalAveragePool2d({ name: `${name}.mean` }),
      conv2d({ name: `${name}.squeeze`, filters: squeezed, kernelSize: 1 }),
      activation({ name: `${name}.squeeze.activation` }),
      conv2d({ name: `${name}.excite`, filters: x.dims[1] as number, kernelSize: 1 }),
      gate({ name: `${name}.gate` }),
    ]);
    return mul([x, gates(x)], { name });
  };
