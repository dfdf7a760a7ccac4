import type { Published } from "./options.ts";

/**
 * A count that a library gives to the last parameter.
 *
 * @param source - The library, and where it says so.
 */
export const exact = (parameters: number, source: string): Published => ({
  parameters,
  source,
  precision: "exact",
});

/** What torchvision has measured on its own networks, since 0.13 beside their weights. */
export const torchvision = (parameters: number): Published =>
  exact(parameters, "torchvision 0.13: num_params in the meta data of the weights");

/** A count that somebody gives in millions. */
export const rounded = (millions: number, source: string): Published => ({
  parameters: Math.round(millions * 1e6),
  source: `${source}: ${millions}M`,
  precision: "rounded",
});

/**
 * A count in millions that is another network's, or counts otherwise.
 *
 * @param why - What differs, where it is known.
 */
export const otherwise = (millions: number, source: string, why?: string): Published => ({
  parameters: Math.round(millions * 1e6),
  source: `${source}: ${millions}M${why === undefined ? "" : ` (${why})`}`,
  precision: "otherwise",
});

/** The table of the state of the art in lecture C. */
export const LECTURE = "lecture C, State of the art";
