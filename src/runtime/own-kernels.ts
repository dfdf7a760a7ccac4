import { mainKernels } from "#kernels";
import { modulesOf } from "./carried-modules.ts";
import { addMain } from "./kernels.ts";

/**
 * Has sessions run on the kernels that this entry carries; gives what it was given, so that a bundler leaves the kernels
 * out with it.
 */
export function addMainKernels<T>(runsOnThem: T): T {
  addMain(modulesOf(mainKernels));
  return runsOnThem;
}
