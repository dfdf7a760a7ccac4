/**
 * Networks of the literature, made of the layers of `lanewise/nn`: to be counted, trained, exported and looked into. Weights are
 * random; what others have trained comes as ONNX files.
 *
 * @module lanewise/models
 */
export { alexnet, alexnetOf2012 } from "./alexnet.ts";
export { type AmoebaNetOptions, type AmoebaNetVariant, amoebaNet } from "./amoebanet.ts";
export { bitR50x1, bitR50x3, bitR101x1, bitR101x3, bitR152x4 } from "./bit.ts";
export {
  type ConvnextOptions,
  convnextBase,
  convnextLarge,
  convnextSmall,
  convnextTiny,
} from "./convnext.ts";
export { densenet121, densenet161, densenet169, densenet201, densenet264 } from "./densenet.ts";
export { type Detection, type DetectionOptions, detections } from "./detections.ts";
export { gridDetector } from "./detector.ts";
export { type EfficientNetOptions, type EfficientNetVariant, efficientNet } from "./efficientnet.ts";
export { googlenet, googlenetOf2014 } from "./googlenet.ts";
export { inceptionV3, inceptionV4 } from "./inception.ts";
export { inceptionResnetV2 } from "./inception-resnet.ts";
export { lenet5, lenet5Of1998 } from "./lenet5.ts";
export { type MlpOptions, mlp, mlpOfPictures } from "./mlp.ts";
export { mobilenetV1, mobilenetV2 } from "./mobilenet.ts";
export { mobilenetV3Large, mobilenetV3Small } from "./mobilenet-v3.ts";
export { nasnetALarge, nasnetAMobile, pnasnet5Large } from "./nasnet.ts";
export { type NeocognitronOptions, neocognitron } from "./neocognitron.ts";
export { receptorsOf, type SelfOrganizeOptions, selfOrganize } from "./neocognitron-learning.ts";
export type { ModelOptions, Published, ZooModel } from "./options.ts";
export { loudest, namePlanes } from "./plane-names.ts";
export { polynet } from "./polynet.ts";
export {
  regnetX1_6gf,
  regnetX3_2gf,
  regnetX8gf,
  regnetX16gf,
  regnetX32gf,
  regnetX400mf,
  regnetX800mf,
  regnetY1_6gf,
  regnetY3_2gf,
  regnetY8gf,
  regnetY16gf,
  regnetY32gf,
  regnetY128gf,
  regnetY400mf,
  regnetY800mf,
} from "./regnet.ts";
export { resnet18, resnet34, resnet50, resnet101, resnet152, wideResnet50, wideResnet101 } from "./resnet.ts";
export { resnet20 } from "./resnet20.ts";
export {
  resnext50x32x4,
  resnext101x32x8,
  resnext101x32x16,
  resnext101x32x48,
  resnext101x64x4,
} from "./resnext.ts";
export { senet154, seResnet50 } from "./senet.ts";
export { type ShuffleNetOptions, type ShuffleNetVariant, shuffleNetV2 } from "./shufflenet.ts";
export { type UnetOptions, unet } from "./unet.ts";
export { vgg11, vgg11Bn, vgg13, vgg13Bn, vgg16, vgg16Bn, vgg19, vgg19Bn } from "./vgg.ts";
export { vitB16, vitB32, vitH14, vitL16, vitL32 } from "./vit.ts";
export { wideResnet28 } from "./wide-resnet28.ts";
export { xception } from "./xception.ts";
export { zfnet } from "./zfnet.ts";
export { zoo } from "./zoo.ts";
