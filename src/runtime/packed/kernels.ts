import packed from "../../../build/kernels.packed.txt";
import { unpackedBuilds } from "./unpack.ts";

/** `#kernels` of browsers. */
export const mainKernels = unpackedBuilds(packed);
