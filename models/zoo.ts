import { ALEXNETS } from "./alexnet.ts";
import { BITS } from "./bit.ts";
import { DENSENETS } from "./densenet.ts";
import { GOOGLENETS } from "./googlenet.ts";
import { LENET } from "./lenet5.ts";
import { MLPS } from "./mlp.ts";
import type { ZooModel } from "./options.ts";
import { REGNETS } from "./regnet.ts";
import { RESNETS } from "./resnet.ts";
import { RESNET20 } from "./resnet20.ts";
import { RESNEXTS } from "./resnext.ts";
import { SENETS } from "./senet.ts";
import { UNETS } from "./unet.ts";
import { VGGS } from "./vgg.ts";
import { WIDE_RESNET28 } from "./wide-resnet28.ts";
import { ZFNET } from "./zfnet.ts";

/** Every network of the zoo, by families. */
export const zoo: readonly ZooModel[] = [
  ...LENET,
  ...MLPS,
  ...ALEXNETS,
  ...ZFNET,
  ...VGGS,
  ...GOOGLENETS,
  ...RESNET20,
  ...RESNETS,
  ...WIDE_RESNET28,
  ...RESNEXTS,
  ...SENETS,
  ...DENSENETS,
  ...REGNETS,
  ...UNETS,
  ...BITS,
];
