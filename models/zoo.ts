import { ALEXNETS } from "./alexnet.ts";
import { AMOEBANETS } from "./amoebanet.ts";
import { BITS } from "./bit.ts";
import { CONVNEXTS } from "./convnext.ts";
import { DENSENETS } from "./densenet.ts";
import { DETECTORS } from "./detector.ts";
import { EFFICIENTNETS } from "./efficientnet.ts";
import { GOOGLENETS } from "./googlenet.ts";
import { INCEPTIONS } from "./inception.ts";
import { INCEPTION_RESNETS } from "./inception-resnet.ts";
import { LENET } from "./lenet5.ts";
import { MLPS } from "./mlp.ts";
import { MOBILENETS } from "./mobilenet.ts";
import { MOBILENETS_V3 } from "./mobilenet-v3.ts";
import { NASNETS } from "./nasnet.ts";
import { NEOCOGNITRONS } from "./neocognitron.ts";
import type { ZooModel } from "./options.ts";
import { POLYNET } from "./polynet.ts";
import { REGNETS } from "./regnet.ts";
import { RESNETS } from "./resnet.ts";
import { RESNET20 } from "./resnet20.ts";
import { RESNEXTS } from "./resnext.ts";
import { SENETS } from "./senet.ts";
import { SHUFFLENETS } from "./shufflenet.ts";
import { UNETS } from "./unet.ts";
import { VGGS } from "./vgg.ts";
import { VITS } from "./vit.ts";
import { WIDE_RESNET28 } from "./wide-resnet28.ts";
import { XCEPTION } from "./xception.ts";
import { ZFNET } from "./zfnet.ts";

/** Every network of the zoo, by families. */
export const zoo: readonly ZooModel[] = [
  ...LENET,
  ...MLPS,
  ...NEOCOGNITRONS,
  ...ALEXNETS,
  ...ZFNET,
  ...VGGS,
  ...GOOGLENETS,
  ...INCEPTIONS,
  ...INCEPTION_RESNETS,
  ...XCEPTION,
  ...RESNET20,
  ...RESNETS,
  ...WIDE_RESNET28,
  ...RESNEXTS,
  ...SENETS,
  ...DENSENETS,
  ...POLYNET,
  ...BITS,
  ...NASNETS,
  ...AMOEBANETS,
  ...MOBILENETS,
  ...MOBILENETS_V3,
  ...SHUFFLENETS,
  ...EFFICIENTNETS,
  ...REGNETS,
  ...CONVNEXTS,
  ...VITS,
  ...UNETS,
  ...DETECTORS,
];
