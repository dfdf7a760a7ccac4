import { ShapeError, UsageError } from "../errors.ts";
import type { Dim } from "../graph/graph.ts";
import type { ValueMetadata } from "../session.ts";
import { elementCount, type Tensor } from "../tensor.ts";
import {
  fromTensor,
  type ImageLike,
  type Preset,
  type PresetName,
  preprocessFor,
  presets,
  type RgbaImage,
} from "../vision/index.ts";

type TensorMetadata = Extract<ValueMetadata, { isTensor: true }>;

/** A picture made ready for a model. */
export interface PreparedImage {
  readonly input: string;
  readonly tensor: Tensor;
  /** The preset taken: the one asked for, or the one that suits what the model gives. */
  readonly preset: PresetName;
}

/** What of a session decides how it takes a picture. */
export interface PictureTaker {
  readonly inputMetadata: readonly ValueMetadata[];
  readonly outputMetadata: readonly ValueMetadata[];
}

/**
 * The picture as the model's (first) picture input. Without a preset: `imagenet` for three-channel models that give
 * class scores, `bytes` where the input is uint8, else `unit`. Sizes the model leaves open are the preset's; where the
 * model gives a picture back and no preset was asked for, the picture's own.
 */
export function prepareImage(
  session: PictureTaker,
  image: ImageLike,
  wanted: PresetName | undefined,
): PreparedImage {
  const { input, type, shape, preset } = pictureTask(session, wanted);
  const settings: Preset = presets[preset];
  const own = wanted === undefined && isPicture(session.outputMetadata[0]);
  const { tensor } = preprocessFor(image, shape, settings, {
    dtype: type,
    ...(settings.dtype === "uint8" && { scale: 1 }),
    ...(own && ownSize(shape, image)),
  });
  return { input, tensor, preset };
}

/** How a model takes pictures: its input, and the preset asked for or the one that suits what the model gives. */
export function pictureTask(session: PictureTaker, wanted: PresetName | undefined) {
  const { name, type, shape } = pictureInput(session);
  if (type !== "float32" && type !== "float16" && type !== "uint8") {
    throw new UsageError(`--image: the input ${JSON.stringify(name)} takes ${type}, no picture`);
  }
  return { input: name, type, shape, preset: wanted ?? defaultPreset(session, type, shape) };
}

function pictureInput({ inputMetadata }: PictureTaker): TensorMetadata {
  const tensors = inputMetadata.filter((input) => input.isTensor);
  const found =
    tensors.find(({ shape }) => shape.length === 4) ?? (tensors.length === 1 ? tensors[0] : undefined);
  if (found !== undefined) return found;
  const shown = inputMetadata.map((input) =>
    input.isTensor ? `${input.name} [${input.shape.join(", ")}]` : input.name,
  );
  throw new ShapeError(undefined, `no input takes a picture (4 dims); the model takes ${shown.join("; ")}`);
}

function defaultPreset(session: PictureTaker, type: string, shape: readonly Dim[]): PresetName {
  if (type === "uint8") return "bytes";
  const grey = shape[1] === 1 || (shape[1] !== 3 && shape[3] === 1);
  return !grey && isScores(session.outputMetadata[0]) ? "imagenet" : "unit";
}

/** Sizes the model leaves open, as the picture has them. */
function ownSize(shape: readonly Dim[], { width, height }: ImageLike): Partial<Preset> {
  const [heightAxis, widthAxis] = shape[3] === 1 || shape[3] === 3 ? [1, 2] : [2, 3];
  return {
    ...(typeof shape[heightAxis] !== "number" && { height }),
    ...(typeof shape[widthAxis] !== "number" && { width }),
  };
}

/** One row of at least two numbers, whatever the batch is called: [N, classes], [1, classes, 1, 1], [classes]. */
const isScores = (output: ValueMetadata | undefined): boolean =>
  output?.isTensor === true &&
  isScoreRow(output.shape.map((dim, axis) => (axis === 0 && typeof dim === "string" ? 1 : dim)));

const isScoreRow = (dims: readonly Dim[]): boolean => {
  const wide = dims.filter((dim) => dim !== 1);
  return wide.length === 1 && typeof wide[0] === "number" && wide[0] > 1;
};

const isPicture = (output: ValueMetadata | undefined): boolean =>
  output?.isTensor === true && output.shape.length === 4 && isPictureDims(output.shape);

function isPictureDims(dims: readonly Dim[]): boolean {
  const batch = dims.length === 4 ? dims[0] : 1;
  const [a, b, c] = dims.slice(-3);
  const sides = [a, b, c].filter((dim) => typeof dim === "string" || (dim as number) > 3);
  return (
    dims.length === 4 &&
    (typeof batch === "string" || batch === 1) &&
    sides.length === 2 &&
    [a, c].some((dim) => dim === 1 || dim === 3)
  );
}

/** The output that ranks classes: the first tensor that is one row of scores. */
export const scoresAmong = (outputs: readonly Tensor[]): Tensor | undefined =>
  outputs.find((output) => output.type !== "string" && isScoreRow(output.dims));

/**
 * An output as a picture, undoing the preset's normalisation; undefined where its dims are no picture's. Maps that are
 * in other units (one channel of a three-channel preset, or all in one colour) go from their least number to their
 * greatest.
 */
export function outputImage(output: Tensor, preset: PresetName): RgbaImage | undefined {
  if (output.type === "string" || !isPictureDims(output.dims) || elementCount(output.dims) === 0)
    return undefined;
  const { scale, mean, std, channels }: Preset = presets[preset];
  const grey = output.dims[1] === 1 || (output.dims[1] !== 3 && output.dims[3] === 1);
  if (grey && (Array.isArray(mean) || Array.isArray(std))) return fromTensor(output, { range: "auto" });
  const image = fromTensor(output, {
    ...(scale !== undefined && { scale }),
    ...(mean !== undefined && { mean }),
    ...(std !== undefined && { std }),
    ...(channels !== undefined && { channels }),
  });
  return isPlain(image) ? fromTensor(output, { range: "auto" }) : image;
}

const isPlain = ({ data }: RgbaImage): boolean => data.every((byte, at) => byte === data[at % 4]);
