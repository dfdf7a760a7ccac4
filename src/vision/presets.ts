import { arrayOf, numberIn, objectOf, oneOf } from "../arguments.ts";
import { ShapeError, UsageError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import {
  centerOffset,
  checkImage,
  checkSize,
  crop,
  flatten,
  type ImageLike,
  type Placement,
} from "./pixels.ts";
import { type ToTensorOptions, toTensor } from "./preprocess.ts";
import { type LetterboxOptions, letterbox, resize } from "./resize.ts";

/** All that a model's training did to a picture before the first layer; the models' usual ones are in `presets`. */
export interface Preset extends ToTensorOptions, LetterboxOptions {
  /** The model's input width in pixels. */
  readonly width: number;
  /** The model's input height in pixels. */
  readonly height: number;
  /**
   * `crop`: scale until the picture covers width / cropFraction × height / cropFraction, cut out the middle.
   * `letterbox`: the whole picture with bars. `stretch`: the whole picture, aspect ratio lost.
   */
  readonly fit: "crop" | "letterbox" | "stretch";
  /** For `crop`: how much of the short side is kept, 0 to 1; 1 by default. ImageNet's 224 of 256 is 0.875. */
  readonly cropFraction?: number;
}

const imagenet: Preset = {
  width: 224,
  height: 224,
  fit: "crop",
  cropFraction: 0.875,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

const unit: Preset = { width: 224, height: 224, fit: "stretch" };
const signed: Preset = { ...unit, mean: 0.5, std: 0.5 };

/** Presets by name; plain data, to be spread and changed. Sizes give way to the model's in `preprocessFor`. */
export const presets = {
  /** torchvision, timm and the ONNX model zoo: short side 256, centre 224×224, RGB, mean and std of ImageNet. */
  imagenet,
  /** Inception and MobileNet of TensorFlow and timm: centre 299×299 of 341, RGB, -1…1. */
  imagenetInception: { ...imagenet, width: 299, height: 299, mean: 0.5, std: 0.5 },
  /** Caffe's nets and Keras's `caffe` mode (VGG, ResNet-50): BGR, 0…255 less the mean. */
  imagenetCaffe: { ...imagenet, channels: "BGR", scale: 1, mean: [103.939, 116.779, 123.68], std: 1 },
  /** Ultralytics YOLOv5, v8 and later: letterbox 640×640, RGB, 0…1. Resized without antialiasing, as OpenCV does there. */
  yolo: { width: 640, height: 640, fit: "letterbox", antialias: false },
  /** Ultra-Light-Fast-Generic-Face-Detector: 320×240, RGB, (byte - 127) / 128. */
  ultraface: { width: 320, height: 240, fit: "stretch", scale: 1, mean: 127, std: 128 },
  /** MediaPipe's BlazeFace: letterbox 128×128 with black bars, RGB, -1…1, channels last. */
  blazeface: { ...signed, width: 128, height: 128, fit: "letterbox", color: [0, 0, 0], layout: "NHWC" },
  /**
   * Digits, 28×28 grey, 0…1, light ink on dark ground as MNIST has them. For dark ink on paper turn them round with
   * `{ scale: -1 / 255, mean: -1 }`; for models that take bytes (CNTK's mnist-8) `{ scale: 1 }`.
   */
  mnist: { width: 28, height: 28, fit: "stretch", channels: "gray" },
  /** RGB, 0…1. */
  unit,
  /** RGB, -1…1. */
  signed,
  /** RGB, 0…255 as float32: fast neural style and models that normalise within. */
  raw: { ...unit, scale: 1 },
  /** RGB bytes: models whose input is uint8. */
  bytes: { ...unit, dtype: "uint8" },
} as const satisfies Record<string, Preset>;

/** The names of `presets`. */
export type PresetName = keyof typeof presets;

/** A picture as a model takes it, and how to get back from the model's points to the picture's. */
export interface Preprocessed {
  /** The model's input: [1, C, H, W] or [1, H, W, C]. */
  readonly tensor: Tensor;
  /** From points of the image to points of the input; `toImage` takes boxes back. */
  readonly placement: Placement;
}

/**
 * The picture as a model trained with the preset wants it; `overrides` change single settings of the preset.
 *
 * `preprocess(image, "imagenet")` does what torchvision's Resize(256), CenterCrop(224), ToTensor and Normalize do to
 * a Pillow image, to the last bit of the bytes.
 */
export function preprocess(
  image: ImageLike,
  preset: Preset | PresetName,
  overrides: Partial<Preset> = {},
): Preprocessed {
  checkImage(image);
  const settings: Preset = { ...presetOf(preset), ...objectOf("preprocess: the overrides", overrides) };
  const flat = flatten(image, settings.background);
  const { image: placed, placement } = place(flat, settings);
  return { tensor: toTensor(placed, settings), placement };
}

/**
 * Like `preprocess`, but with the model's own input dims, as `session.inputMetadata` gives them: [N, C, H, W] where
 * dims[1] is 1 or 3, else [N, H, W, C] where dims[3] is. A dim that is not known (a name, -1, 0 or null) leaves the
 * preset's. One channel means grey, three mean colour. Throws a ShapeError where the dims cannot be a picture's.
 *
 * @param overrides - Settings that go before the model's dims and the preset's.
 */
export function preprocessFor(
  image: ImageLike,
  dims: readonly (number | string | null | undefined)[],
  preset: Preset | PresetName,
  overrides: Partial<Preset> = {},
): Preprocessed {
  const settings: Preset = { ...presetOf(preset), ...overrides };
  arrayOf("preprocessFor: dims", dims);
  return preprocess(image, { ...settings, ...inputSettings(dims, settings), ...overrides });
}

function presetOf(preset: Preset | PresetName): Preset {
  if (typeof preset !== "string") return objectOf("preset", preset, "a preset or the name of one");
  if (!Object.hasOwn(presets, preset)) {
    throw new UsageError(
      `preset ${JSON.stringify(preset)}: expected one of ${Object.keys(presets).join(", ")}`,
    );
  }
  return presets[preset];
}

function inputSettings(
  dims: readonly (number | string | null | undefined)[],
  preset: Preset,
): Partial<Preset> {
  const shown = `[${dims.map((dim) => String(dim ?? "?")).join(", ")}]`;
  if (dims.length !== 4)
    throw new ShapeError(undefined, `a picture needs an input of 4 dims, the model takes ${shown}`);
  const known = dims.map((dim) => (typeof dim === "number" && dim > 0 ? dim : undefined));
  if ((known[0] ?? 1) !== 1)
    throw new ShapeError(undefined, `the model takes ${known[0]} pictures at once: ${shown}`);
  const isChannels = (axis: number): boolean => known[axis] === 1 || known[axis] === 3;
  const guessed = isChannels(1) ? "NCHW" : isChannels(3) ? "NHWC" : undefined;
  const layout = guessed ?? preset.layout ?? "NCHW";
  const [channelAxis, heightAxis, widthAxis] = layout === "NCHW" ? [1, 2, 3] : [3, 1, 2];
  if (guessed === undefined && known[channelAxis as number] !== undefined) {
    throw new ShapeError(undefined, `a picture has 1 or 3 channels, the model takes ${shown}`);
  }
  const count = known[channelAxis as number];
  const channels = preset.channels ?? "RGB";
  return {
    layout,
    channels: count === 1 ? "gray" : count === 3 && channels === "gray" ? "RGB" : channels,
    width: known[widthAxis as number] ?? preset.width,
    height: known[heightAxis as number] ?? preset.height,
  };
}

function place(image: ImageLike, preset: Preset): { image: ImageLike; placement: Placement } {
  const { width, height, fit, cropFraction = 1 } = preset;
  checkSize("width", width);
  checkSize("height", height);
  oneOf("fit", fit, ["crop", "letterbox", "stretch"]);
  if (fit === "letterbox") return letterbox(image, width, height, preset);
  if (fit === "stretch") {
    const placement = { scaleX: width / image.width, scaleY: height / image.height, offsetX: 0, offsetY: 0 };
    return { image: resize(image, width, height, preset), placement };
  }
  numberIn("cropFraction", cropFraction, { above: 0, to: 1 });
  const whole = coveringSize(image, Math.floor(width / cropFraction), Math.floor(height / cropFraction));
  const offsetX = centerOffset(whole.width, width);
  const offsetY = centerOffset(whole.height, height);
  const resized = resize(image, whole.width, whole.height, preset);
  return {
    image: crop(resized, offsetX, offsetY, width, height),
    placement: {
      scaleX: whole.width / image.width,
      scaleY: whole.height / image.height,
      offsetX: 0 - offsetX,
      offsetY: 0 - offsetY,
    },
  };
}

/** The smallest size of the image's proportions that covers width×height; the long side cut to whole pixels as torchvision does. */
function coveringSize(image: ImageLike, width: number, height: number): { width: number; height: number } {
  return image.width * height >= image.height * width
    ? { width: Math.max(width, Math.floor((height * image.width) / image.height)), height }
    : { width, height: Math.max(height, Math.floor((width * image.height) / image.width)) };
}
