import packed from "../../../build/kernels.train.packed.txt";
import { unpackedBuilds } from "./unpack.ts";

/** `#training-kernels` of browsers. */
export const trainingKernels = unpackedBuilds(packed);
