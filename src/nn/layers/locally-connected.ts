import { assertFits } from "../../memory-limit.ts";
import { elementCount, tensorData } from "../../tensor.ts";
import { heNormal, zeros } from "../initializers.ts";
import { defineLayer, type Layer, type LayerOptions, type LayerScope } from "../layer.ts";
import { integers, knownSizes } from "./axes.ts";
import type { WeightOptions } from "./weights.ts";
import { countOf, imageDims, type WindowOptions, windowAttributes } from "./window.ts";

/** What `locallyConnected2d` takes. */
export interface LocallyConnected2dOptions
  extends Omit<WindowOptions, "dilation">,
    WeightOptions,
    LayerOptions {
  /** Maps of the output. */
  readonly filters: number;
}

/**
 * A convolution whose weights are not shared: every place of the output has filters of its own (LeCun 1989, "Generalization
 * and network design strategies"). Parameters: `weight` [places, C · height · width, filters], the places row by row, and
 * `bias` [filters, rows, columns].
 */
export const locallyConnected2d = (options: LocallyConnected2dOptions): Layer =>
  defineLayer("locallyConnected2d", options, (scope, x) => {
    imageDims(scope, x);
    const sizes = knownSizes(scope, x) as [number, number, number];
    const filters = countOf(scope, "filters", options.filters);
    const { kernelShape, strides, pads } = windowAttributes(scope, x, options);
    const [top, left, bottom, right] = pads as [number, number, number, number];
    const [channels] = sizes;
    const padded = [channels, sizes[1] + top + bottom, sizes[2] + left + right] as const;
    const places = [0, 1].map((axis) => {
      const room = (padded[axis + 1] as number) - (kernelShape[axis] as number);
      if (room < 0) scope.fail(`a window of [${kernelShape}] does not fit in [${padded.slice(1)}]`);
      return Math.floor(room / (strides[axis] as number)) + 1;
    });
    const taps = channels * elementCount(kernelShape);
    const count = elementCount(places);
    const weight = scope.parameter(
      "weight",
      { dims: [count, taps, filters], fanIn: taps, fanOut: filters * elementCount(kernelShape) },
      options.weightInitializer ?? heNormal(),
    );

    const whole = pads.every((pad) => pad === 0)
      ? x.name
      : scope.node(
          "Pad",
          [x.name, integers(scope, "pads", [0, 0, top, left, 0, 0, bottom, right])],
          {},
          "padded",
        );
    const row = scope.node("Flatten", [whole], { axis: 1 }, "row");
    const seen = windowPlaces(scope, padded, kernelShape, strides, places);
    // [N, places, taps], then a product of [N, taps] by [taps, filters] for each place.
    const windows = scope.node("Gather", [row, seen], { axis: 1 }, "windows");
    const byPlace = scope.node("Transpose", [windows], { perm: [1, 0, 2] }, "by place");
    const sums = scope.node("MatMul", [byPlace, weight], {}, "sums");
    const turned = scope.node("Transpose", [sums], { perm: [1, 2, 0] }, "turned");
    const shape = integers(scope, "shape", [0, filters, ...places]);
    if (options.bias === false) return scope.node("Reshape", [turned, shape]);
    const bias = scope.parameter(
      "bias",
      { dims: [filters, ...places], fanIn: taps, fanOut: 1 },
      options.biasInitializer ?? zeros(),
    );
    return scope.node("Add", [scope.node("Reshape", [turned, shape], {}, "maps"), bias]);
  });

/** For each place the elements of a padded image that its window covers, [places, taps]. */
function windowPlaces(
  scope: LayerScope,
  [channels, height, width]: readonly [number, number, number],
  kernelShape: readonly number[],
  strides: readonly number[],
  places: readonly number[],
): string {
  const [rows, columns] = kernelShape as [number, number];
  const [down, across] = strides as [number, number];
  const [placesDown, placesAcross] = places as [number, number];
  const taps = channels * rows * columns;
  const count = placesDown * placesAcross;
  assertFits(`${scope.name}: the places of its windows [${count}, ${taps}]`, count * taps * 8);
  const indices = new BigInt64Array(count * taps);
  let at = 0;
  for (let y = 0; y < placesDown; y++)
    for (let x = 0; x < placesAcross; x++)
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++)
            indices[at++] = BigInt((c * height + y * down + i) * width + x * across + j);
  return scope.fixed("window", tensorData("int64", [count, taps], indices));
}
