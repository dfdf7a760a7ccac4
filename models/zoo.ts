import { CONVNEXTS } from "./convnext.ts";
import { DETECTORS } from "./detector.ts";
import { LENET } from "./lenet5.ts";
import { MLPS } from "./mlp.ts";
import type { ZooModel } from "./options.ts";
import { REGNETS } from "./regnet.ts";
import { RESNET20 } from "./resnet20.ts";
import { UNETS } from "./unet.ts";
import { VITS } from "./vit.ts";

/** Every network of the zoo, by families. */
export const zoo: readonly ZooModel[] = [
  ...CONVNEXTS,
  ...DETECTORS,
  ...LENET,
  ...MLPS,
  ...REGNETS,
  ...RESNET20,
  ...UNETS,
  ...VITS,
];
