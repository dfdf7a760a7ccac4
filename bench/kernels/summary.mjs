// What the rows of a run of kernels come to.

import { geometricMean } from "../statistics.mjs";

/** Shapes that are no layer of a network, and dense ones: measured, but not in the mean. */
const NO_CONVOLUTION = /^(small|square|dense)-/;

/** A 3×3 layer stands in two files, for the direct kernel and for Winograd's; the planner takes the faster. */
const layerKey = ({ family, name, sizes, macs }) =>
  family === "conv" || family === "winograd" ? `${sizes.slice(0, 3)}:${macs}` : `${family}:${name}`;

/**
 * Geometric mean of tfjs's time by ours over the layers of networks; undefined without tfjs. Transposed convolutions
 * are left out: tfjs has no fast kernel for them, and a factor of thirty would carry the mean.
 */
export function meanOfRatios(rows) {
  const layers = new Map();
  for (const row of rows) {
    if (row.tfjs_ms === undefined || row.family === "conv_transpose" || NO_CONVOLUTION.test(row.name))
      continue;
    const key = layerKey(row);
    layers.set(key, Math.max(layers.get(key) ?? 0, row.tfjs_ms / row.ms));
  }
  return layers.size === 0 ? undefined : { layers: layers.size, ratio: geometricMean([...layers.values()]) };
}

/** Percent of the limit that the pointwise layers of a network reach together: all their work over all their time. */
export function pointwiseShare(rows, network) {
  const layers = rows.filter(({ family, name }) => family === "gemm" && name.startsWith(network));
  if (layers.length === 0) return undefined;
  const atLimit = layers.reduce((sum, { macs, limit }) => sum + (2 * macs) / limit / 1e6, 0);
  return (100 * atLimit) / layers.reduce((sum, { ms }) => sum + ms, 0);
}

/** The lines that end a run. */
export function summarize(rows) {
  const lines = [];
  const mean = meanOfRatios(rows);
  if (mean) lines.push(`geometric mean against tfjs over ${mean.layers} layers: ${mean.ratio.toFixed(2)}×`);
  for (const network of ["resnet50", "mobilenetv2"]) {
    const share = pointwiseShare(rows, network);
    if (share) lines.push(`pointwise layers of ${network}: ${share.toFixed(0)} % of the limit`);
  }
  return lines;
}
