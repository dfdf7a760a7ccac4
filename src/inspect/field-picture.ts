import { numberIn, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { checkImage, type ImageLike, type RgbaImage } from "../vision/pixels.ts";
import type { FieldAxis, ReceptiveField } from "./receptive-field.ts";

/** An element of a value: its row and column. */
export interface FieldPlace {
  /** Its row. */
  readonly y: number;
  /** Its column. */
  readonly x: number;
}

/** A rectangle of pixels of the network's input. It may reach beyond the picture, where padding is seen. */
export interface FieldBox {
  /** The first column. */
  readonly left: number;
  /** The first row. */
  readonly top: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** The pixels that an element of a value depends on, by the receptive field of the value. */
export function fieldAt(field: ReceptiveField, at: FieldPlace): FieldBox {
  const [rows, columns, ...others] = axesOf(field);
  const { x, y } = objectOf("the place", at);
  numberIn("the place: x", x, { from: 0, whole: true });
  numberIn("the place: y", y, { from: 0, whole: true });
  if (rows === undefined || columns === undefined || others.length > 0)
    throw new UsageError(`expected the receptive field of maps, of 2 axes, got ${field.length}`);
  return {
    left: columns.start + x * columns.stride,
    top: rows.start + y * rows.stride,
    width: columns.size,
    height: rows.size,
  };
}

function axesOf(field: ReceptiveField): readonly FieldAxis[] {
  if (!Array.isArray(field)) throw new UsageError("expected a receptive field: [rows, columns]");
  for (const axis of field) {
    const { size, stride, start } = objectOf("an axis of the receptive field", axis as FieldAxis);
    numberIn("the receptive field's size", size, { from: 1, whole: true });
    numberIn("the receptive field's stride", stride, { from: 1, whole: true });
    numberIn("the receptive field's start", start, { whole: true });
  }
  return field;
}

const RED = [228, 26, 28] as const;

/**
 * The picture as the network takes it, with a red frame around the pixels that an element of a value depends on; all others are
 * paler. What the field sees beyond the picture's edge is padding.
 *
 * @param field - Of `receptiveFieldsOf`.
 */
export function receptiveFieldPicture(picture: ImageLike, field: ReceptiveField, at: FieldPlace): RgbaImage {
  checkImage(picture);
  const { left, top, width: columns, height: rows } = fieldAt(field, at);
  const [right, bottom] = [left + columns - 1, top + rows - 1];
  const { width, height } = picture;
  const drawn = Uint8ClampedArray.from(picture.data, (value, i) => {
    const [x, y] = [Math.floor(i / 4) % width, Math.floor(i / 4 / width)];
    if (i % 4 === 3) return 255;
    if (x < left || x > right || y < top || y > bottom) return value * 0.4 + 255 * 0.6;
    const isFrame = x === left || x === right || y === top || y === bottom;
    return isFrame ? (RED[i % 4] as number) : value;
  });
  return { data: drawn, width, height };
}
