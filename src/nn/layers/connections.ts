import { arrayOf } from "../../arguments.ts";
import { assertFits } from "../../memory-limit.ts";
import { tensorData } from "../../tensor.ts";
import type { Initializer, ParameterShape } from "../initializers.ts";
import type { LayerScope } from "../layer.ts";

/** For each filter, the maps of the input that it reads. */
export type Connections = readonly (readonly number[])[];

/** The table, when it fits a weight of [filters, channels, height, width]. */
export function checkedConnections(
  scope: LayerScope,
  connections: Connections,
  { dims: [filters = 0, channels = 0] }: ParameterShape,
): Connections {
  for (const maps of arrayOf(`${scope.name}: connections`, connections))
    arrayOf(`${scope.name}: a row of connections`, maps);
  if (connections.length !== filters)
    scope.fail(`connections has ${connections.length} rows for ${filters} filters`);
  connections.forEach((maps, filter) => {
    const fits = maps.every((map) => Number.isInteger(map) && map >= 0 && map < channels);
    if (maps.length === 0 || !fits || new Set(maps).size < maps.length)
      scope.fail(`filter ${filter} must read some of the ${channels} maps, each once, got [${maps}]`);
  });
  return connections;
}

/**
 * The weight of a partially connected convolution. The parameter holds the kernels that are there, [kernels, height,
 * width]; a Gather lays them out as [filters, channels, height, width], with a kernel of zeros where none is. Each
 * filter is initialised by its own fan-in.
 */
export function connectedWeight(
  scope: LayerScope,
  connections: Connections,
  { dims }: ParameterShape,
  initializer: Initializer,
): string {
  const [filters, channels, height, width] = dims as [number, number, number, number];
  const taps = height * width;
  const kernels = connections.reduce((sum, maps) => sum + maps.length, 0);
  const whole = {
    dims: [kernels, height, width],
    fanIn: (kernels / filters) * taps,
    fanOut: (kernels / channels) * taps,
  };
  const weight = scope.parameter("weight", whole, ({ fanOut }, random) => {
    const values = new Float32Array(kernels * taps);
    let at = 0;
    for (const { length } of connections) {
      values.set(initializer({ dims: [length, height, width], fanIn: length * taps, fanOut }, random), at);
      at += length * taps;
    }
    return values;
  });
  assertFits(`${scope.name}: connections [${filters}, ${channels}]`, filters * channels * 8);
  const places = new BigInt64Array(filters * channels).fill(BigInt(kernels));
  let kernel = 0n;
  connections.forEach((maps, filter) => {
    for (const map of maps) places[filter * channels + map] = kernel++;
  });
  const behind = scope.fixed("behind", tensorData("int64", [6], BigInt64Array.of(0n, 0n, 0n, 1n, 0n, 0n)));
  const table = scope.fixed("connections", tensorData("int64", [filters, channels], places));
  const all = scope.node("Pad", [weight, behind], { mode: "constant" }, "kernels");
  return scope.node("Gather", [all, table], { axis: 0 }, "spread");
}
