/**
 * Networks of the literature, made of the layers of `lanewise/nn`: to be counted, trained, exported and looked into. Weights are
 * random; what others have trained comes as ONNX files.
 *
 * @module lanewise/models
 */
export { type AmoebaNetOptions, type AmoebaNetVariant, amoebaNet } from "./amoebanet.ts";
export { type EfficientNetOptions, type EfficientNetVariant, efficientNet } from "./efficientnet.ts";
export { inceptionV3, inceptionV4 } from "./inception.ts";
export { inceptionResnetV2 } from "./inception-resnet.ts";
export { lenet5, lenet5Of1998 } from "./lenet5.ts";
export { type MlpOptions, mlp } from "./mlp.ts";
export { mobilenetV1, mobilenetV2 } from "./mobilenet.ts";
export { mobilenetV3Large, mobilenetV3Small } from "./mobilenet-v3.ts";
export { nasnetALarge, nasnetAMobile, pnasnet5Large } from "./nasnet.ts";
export type { ModelOptions, Published, ZooModel } from "./options.ts";
export { resnet20 } from "./resnet20.ts";
export { type ShuffleNetOptions, type ShuffleNetVariant, shuffleNetV2 } from "./shufflenet.ts";
export { xception } from "./xception.ts";
export { zoo } from "./zoo.ts";
