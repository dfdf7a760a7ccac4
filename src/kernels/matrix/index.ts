import type { Lowerings } from "../lowering.ts";
import { gemm } from "./gemm.ts";
import { matMul } from "./mat-mul.ts";

export const MATRIX: Lowerings = {
  Gemm: [gemm],
  MatMul: [matMul],
};
