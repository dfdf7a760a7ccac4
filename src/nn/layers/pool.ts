import { elementCount } from "../../tensor.ts";
import { constant, type Initializer, zeros } from "../initializers.ts";
import {
  applyLayer,
  applyLayerWithOutputs,
  defineLayer,
  type Layer,
  type LayerOptions,
  type Value,
} from "../layer.ts";
import { integers, knownSizes } from "./axes.ts";
import { countOf, imageDims, poolAttributes, type WindowOptions } from "./window.ts";

/** What pools take. */
export interface Pool2dOptions extends WindowOptions, LayerOptions {
  /** Whether a last window may reach past the end, over what is left; false by default. */
  readonly ceilMode?: boolean;
}

/** The largest of each window. */
export const maxPool2d = (options: Pool2dOptions): Layer =>
  defineLayer("maxPool2d", options, (scope, x) =>
    scope.node("MaxPool", [x.name], poolAttributes(scope, x, options)),
  );

/** Where the largest elements stood, for `maxUnpool2d`. */
export interface Pooled {
  /** The largest elements. */
  readonly output: Value;
  /** int64, of the output's dims: positions in the whole input. */
  readonly switches: Value;
}

/** As `maxPool2d`, with the switches. */
export const maxPool2dWithSwitches =
  (options: Pool2dOptions) =>
  (x: Value): Pooled => {
    const [output, switches] = applyLayerWithOutputs("maxPool2dWithSwitches", options, [x], (scope) =>
      scope.nodes("MaxPool", [x.name], ["", "switches"], poolAttributes(scope, x, options)),
    ) as [Value, Value];
    return { output, switches };
  };

/**
 * Puts elements back where the switches of `maxPool2dWithSwitches` say, zeros elsewhere. The options are those of the
 * pool, whose windows must have covered its input to the last row and column.
 */
export const maxUnpool2d =
  (options: Pool2dOptions) =>
  (x: Value, switches: Value): Value =>
    applyLayer("maxUnpool2d", options, [x, switches], (scope) => {
      const { kernelShape, strides, pads, dilations, ceilMode } = poolAttributes(scope, x, options);
      if (dilations.some((step) => step !== 1)) scope.fail("a dilated pool cannot be undone");
      if (ceilMode === 1) scope.fail("a pool in ceil mode cannot be undone");
      if (switches.dims.join() !== x.dims.join())
        scope.fail(`switches of [${switches.dims}] do not fit [${x.dims}]`);
      return scope.node("MaxUnpool", [x.name, switches.name], { kernelShape, strides, pads });
    });

/** What `averagePool2d` takes. */
export interface AveragePool2dOptions extends Pool2dOptions {
  /** Whether zeros of the padding count; false by default. */
  readonly countPadding?: boolean;
}

/** The mean of each window. */
export const averagePool2d = (options: AveragePool2dOptions): Layer =>
  defineLayer("averagePool2d", options, (scope, x) =>
    scope.node("AveragePool", [x.name], {
      ...poolAttributes(scope, x, options),
      countIncludePad: Number(options.countPadding ?? false),
    }),
  );

/** What `lpPool2d` takes. */
export interface LpPool2dOptions extends Pool2dOptions {
  /** 2 by default. */
  readonly p?: number;
}

/** The p-norm of each window; L2 by default. */
export const lpPool2d = (options: LpPool2dOptions): Layer =>
  defineLayer("lpPool2d", options, (scope, x) =>
    scope.node("LpPool", [x.name], {
      ...poolAttributes(scope, x, options),
      p: countOf(scope, "p", options.p ?? 2),
    }),
  );

const globalPool =
  (kind: string, op: string) =>
  (options: LayerOptions = {}): Layer =>
    defineLayer(kind, options, (scope, x) => {
      imageDims(scope, x);
      return scope.node(op, [x.name]);
    });

/** The mean of each map: [N, C, 1, 1]. @function */
export const globalAveragePool2d = globalPool("globalAveragePool2d", "GlobalAveragePool");
/** The largest of each map: [N, C, 1, 1]. @function */
export const globalMaxPool2d = globalPool("globalMaxPool2d", "GlobalMaxPool");

/** What `scaledSumPool2d` takes. */
export interface ScaledSumPool2dOptions extends WindowOptions, LayerOptions {
  /** 1 / window, the mean, by default. */
  readonly gainInitializer?: Initializer;
  /** zeros() by default. */
  readonly biasInitializer?: Initializer;
}

/**
 * Subsampling as in LeNet-5's layers S2 and S4: the sum of each window, times a trainable `gain` [C, 1, 1], plus a
 * trainable `bias` [C, 1, 1]. The squashing function behind it is a layer of its own.
 */
export const scaledSumPool2d = (options: ScaledSumPool2dOptions): Layer =>
  defineLayer("scaledSumPool2d", options, (scope, x) => {
    const [, channels] = imageDims(scope, x);
    const window = poolAttributes(scope, x, options);
    const area = elementCount(window.kernelShape);
    const shape = { dims: [channels, 1, 1], fanIn: area, fanOut: 1 };
    const gain = scope.parameter("gain", shape, options.gainInitializer ?? constant(1 / area));
    const bias = scope.parameter("bias", shape, options.biasInitializer ?? zeros());
    const mean = scope.node("AveragePool", [x.name], { ...window, countIncludePad: 1 }, "mean");
    const scale = scope.node("Mul", [gain, scope.scalar("area", area)], {}, "scale");
    return scope.node("Add", [scope.node("Mul", [mean, scale], {}, "scaled"), bias]);
  });

/** What `lpPoolFeatures` takes. */
export interface LpPoolFeaturesOptions extends LayerOptions {
  /** Maps or features that are pooled together. */
  readonly size: number;
  /** From the first of one pool to the first of the next; the size by default. */
  readonly stride?: number;
  /** 2 by default. */
  readonly p?: number;
}

/**
 * The p-norm of neighbouring maps or features, pixel by pixel: [N, C, …] becomes [N, pools, …]. The complex cells of a
 * pair of filters a quarter of a wave apart are pools of 2.
 */
export const lpPoolFeatures = (options: LpPoolFeaturesOptions): Layer =>
  defineLayer("lpPoolFeatures", options, (scope, x) => {
    const [channels, ...image] = knownSizes(scope, x) as [number, ...number[]];
    const size = countOf(scope, "size", options.size);
    const stride = countOf(scope, "stride", options.stride ?? size);
    const p = countOf(scope, "p", options.p ?? 2);
    if (size > channels) scope.fail(`a pool of ${size} does not fit in the ${channels} of [${x.dims}]`);
    const rows = integers(scope, "rows", [0, 1, channels, elementCount(image)]);
    const plane = scope.node("Reshape", [x.name, rows], {}, "plane");
    const window = { kernelShape: [size, 1], strides: [stride, 1], p };
    const pooled = scope.node("LpPool", [plane], window, "pooled");
    const pools = scope.dims(pooled)[2] as number;
    return scope.node("Reshape", [pooled, integers(scope, "shape", [0, pools, ...image])]);
  });
