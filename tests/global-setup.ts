import { buildKernels } from "../scripts/build-kernels.mjs";

export default async function setup(): Promise<void> {
  await buildKernels();
}
