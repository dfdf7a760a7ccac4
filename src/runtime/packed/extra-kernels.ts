import packed from "../../../build/kernels.extra.packed.txt";
import { unpackedBuilds } from "./unpack.ts";

/** `#extra-kernels` of browsers. */
export const extraKernels = unpackedBuilds(packed);
