/**
 * Pixels to tensors and back, without a canvas: resize, crop, letterbox, normalise, presets of the usual models, top-k,
 * boxes. Pictures are RGBA bytes, as ImageData has them; nothing is decoded here.
 *
 * @module lanewise/vision
 */
export {
  type BoxFormat,
  boxAt,
  type Corners,
  iou,
  type NonMaxSuppressionOptions,
  nonMaxSuppression,
  toCorners,
  toImage,
} from "./boxes.ts";
export { type Numbers, type Ranked, softmax, topK } from "./labels.ts";
export {
  type Color,
  centerCrop,
  crop,
  flatten,
  type ImageLike,
  type Placement,
  type RgbaImage,
} from "./pixels.ts";
export {
  type Channels,
  type FromTensorOptions,
  fromTensor,
  type ImageLayout,
  type Normalization,
  type ToTensorOptions,
  toTensor,
} from "./preprocess.ts";
export {
  type Preprocessed,
  type Preset,
  type PresetName,
  preprocess,
  preprocessFor,
  presets,
} from "./presets.ts";
export { type LetterboxOptions, letterbox, type ResizeOptions, resize } from "./resize.ts";
