/** Wiring that the networks of many families share. */
import {
  add,
  type BatchNormOptions,
  batchNorm,
  type Conv2dOptions,
  chain,
  conv2d,
  defineLayer,
  dense,
  dropout,
  flatten,
  globalAveragePool2d,
  type Layer,
  type LayerOptions,
  mul,
  relu,
  sigmoid,
} from "../src/nn/index.ts";

/** Makes a layer of each name, such as `relu` or `silu` itself. */
export type Activation = (options: LayerOptions) => Layer;

/** A convolution with its bias, and a rectifier behind it. */
export const convRelu = (options: Conv2dOptions & { readonly name: string }): Layer =>
  chain([conv2d(options), relu({ name: `${options.name}.relu` })]);

/** What `convNorm` takes: a convolution's options, and what becomes of its output. */
export interface ConvNormOptions extends Omit<Conv2dOptions, "name">, Omit<BatchNormOptions, "name"> {
  /** Of the whole; the convolution and the normalisation are `NAME.conv` and `NAME.norm`. */
  readonly name: string;
  /** False by default: the normalisation has one. */
  readonly bias?: boolean;
  /** relu by default; null, where the sum comes before it, is none. */
  readonly activation?: Activation | null;
}

/** A convolution, its batch normalisation, and the activation. */
export const convNorm = ({
  name,
  activation = relu,
  epsilon = 1e-5,
  momentum = 0.9,
  gainInitializer,
  ...convolution
}: ConvNormOptions): Layer =>
  chain([
    conv2d({ bias: false, ...convolution, name: `${name}.conv` }),
    batchNorm({ name: `${name}.norm`, epsilon, momentum, ...(gainInitializer && { gainInitializer }) }),
    ...(activation === null ? [] : [activation({ name })]),
  ]);

/** What `normConv` takes. */
export interface NormConvOptions extends Omit<ConvNormOptions, "activation"> {
  /** relu by default. */
  readonly activation?: Activation;
}

/** The order of networks that normalise first: batch normalisation, activation, convolution. */
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
    conv2d({ bias: false, ...convolution, name: `${name}.conv` }),
  ]);

/**
 * A fixed multiple.
 *
 * @param factor - Of every element.
 */
export const times = ({ factor, ...options }: LayerOptions & { readonly factor: number }): Layer =>
  defineLayer("times", options, (scope, x) => scope.node("Mul", [x.name, scope.scalar("factor", factor)]));

/** What `residual` takes. */
export interface ResidualOptions {
  /** Of the whole, that is of its output; the sum is `NAME.sum` where an activation comes behind it. */
  readonly name: string;
  /** What is learnt. */
  readonly branch: Layer;
  /** What it is added to: the input itself by default. */
  readonly shortcut?: Layer;
  /** Behind the sum; relu by default, null is none. */
  readonly activation?: Activation | null;
}

/** A block of a residual network (He, Zhang, Ren and Sun 2015, arXiv:1512.03385): a branch is added to a shortcut. */
export const residual =
  ({ name, branch, shortcut = (x) => x, activation = relu }: ResidualOptions): Layer =>
  (x) => {
    const values = [branch(x), shortcut(x)];
    return activation === null
      ? add(values, { name })
      : activation({ name })(add(values, { name: `${name}.sum` }));
  };

/** Fully connected layers as AlexNet's: two hidden ones with rectifiers and dropout, and `output`, of logits. */
export const hiddenLayersAndLogits = (units: number, classes: number): Layer =>
  chain([
    flatten(),
    ...["fc6", "fc7"].flatMap((name) => [dense({ name, units }), relu({ name: `${name}.relu` }), dropout()]),
    dense({ name: "output", units: classes }),
  ]);

/** The head of most networks since 2014: the mean of each map, dropout where there is some, and `output`, of logits. */
export const meansAndLogits = (classes: number, rate = 0): Layer =>
  chain([
    globalAveragePool2d({ name: "means" }),
    flatten(),
    ...(rate === 0 ? [] : [dropout({ rate })]),
    dense({ name: "output", units: classes }),
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
