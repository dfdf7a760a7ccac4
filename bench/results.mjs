// Questions to measured rows, shared by the tables and the targets.
import { geometricMean } from "./statistics.mjs";

export const contender = (row, runtime, simd, threads = 1) =>
  row?.contenders?.find(
    (one) =>
      one.runtime === runtime &&
      (simd === undefined || one.simd === simd) &&
      (one.threads ?? 1) === threads &&
      one.median_ms !== undefined,
  );

/** How many times faster lanewise is than a peer in the same run, by medians (or "min_ms"); undefined without both. */
export function ratio(row, simd, peer = "onnxruntime-web", field = "median_ms") {
  const own = contender(row, "lanewise", simd);
  const other = contender(row, peer);
  return own && other && other[field] / own[field];
}

export function meanRatio(rows, simd, peer, field) {
  const ratios = rows.map((row) => ratio(row, simd, peer, field)).filter((value) => value !== undefined);
  return ratios.length === 0 ? undefined : geometricMean(ratios);
}

/** The row with the least ratio. */
export const slowest = (rows, simd) =>
  rows.filter((row) => ratio(row, simd) !== undefined).toSorted((a, b) => ratio(a, simd) - ratio(b, simd))[0];

export const gigaflops = (row, own) => (row.macs && own ? (2 * row.macs) / own.median_ms / 1e6 : undefined);

/** Images a second of rows whose runs take `images`. */
export const imagesPerSecond = (row, own, field = "median_ms") =>
  row.images && own ? (1000 * row.images) / own[field] : undefined;

/** Percent of what the probe of the build reached in the same run; not for int8, whose limit is another. */
export const share = (row, own) =>
  row.int8 || !own || !row.limits?.[own.simd] || !row.macs
    ? undefined
    : (100 * gigaflops(row, own)) / row.limits[own.simd];
