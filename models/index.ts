/**
 * Networks of the literature, made of the layers of `lanewise/nn`: to be counted, trained, exported and looked into. Weights are
 * random; what others have trained comes as ONNX files.
 *
 * @module lanewise/models
 */
export {
  type ConvnextOptions,
  convnextBase,
  convnextLarge,
  convnextSmall,
  convnextTiny,
} from "./convnext.ts";
export { type Detection, type DetectionOptions, detections } from "./detections.ts";
export { gridDetector } from "./detector.ts";
export { lenet5, lenet5Of1998 } from "./lenet5.ts";
export { type MlpOptions, mlp, mlpOfPictures } from "./mlp.ts";
export type { ModelOptions, Published, ZooModel } from "./options.ts";
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
export { resnet20 } from "./resnet20.ts";
export { type UnetOptions, unet } from "./unet.ts";
export { vitB16, vitB32, vitH14, vitL16, vitL32 } from "./vit.ts";
export { zoo } from "./zoo.ts";
