import type { Lowerings } from "../lowering.ts";
import { globalPool } from "./global.ts";
import { averagePool, maxPool, maxPool8 } from "./pool.ts";

export const POOL: Lowerings = {
  AveragePool: [averagePool],
  GlobalAveragePool: [globalPool(() => "mean")],
  GlobalMaxPool: [globalPool(() => "max")],
  MaxPool: [maxPool, maxPool8],
};
