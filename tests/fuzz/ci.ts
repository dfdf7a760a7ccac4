import { fileURLToPath } from "node:url";
import { DATA } from "../support/data.ts";
import type { Target } from "./cases.ts";

/** Cases of each target that the tests run; all faults planted must be found within them. */
export const CI_CASES: Readonly<Record<Target, number>> = {
  graphs: 150,
  training: 25,
  models: 1200,
  attributes: 1200,
  checkpoints: 400,
};

export const CI_SEED = 1;

export const PLACES = { root: fileURLToPath(new URL("../..", import.meta.url)), data: DATA };
