import { AMOEBANETS } from "./amoebanet.ts";
import { EFFICIENTNETS } from "./efficientnet.ts";
import { INCEPTIONS } from "./inception.ts";
import { INCEPTION_RESNETS } from "./inception-resnet.ts";
import { LENET } from "./lenet5.ts";
import { MLPS } from "./mlp.ts";
import { MOBILENETS } from "./mobilenet.ts";
import { MOBILENETS_V3 } from "./mobilenet-v3.ts";
import { NASNETS } from "./nasnet.ts";
import type { ZooModel } from "./options.ts";
import { RESNET20 } from "./resnet20.ts";
import { SHUFFLENETS } from "./shufflenet.ts";
import { XCEPTION } from "./xception.ts";

/** Every network of the zoo, by families. */
export const zoo: readonly ZooModel[] = [
  ...LENET,
  ...MLPS,
  ...RESNET20,
  ...INCEPTIONS,
  ...INCEPTION_RESNETS,
  ...XCEPTION,
  ...NASNETS,
  ...AMOEBANETS,
  ...MOBILENETS,
  ...MOBILENETS_V3,
  ...SHUFFLENETS,
  ...EFFICIENTNETS,
];
