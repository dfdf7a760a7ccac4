import { numberIn, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { FieldAxis, ReceptiveField } from "./receptive-field.ts";

/** A rectangle of pixels of the network's input. It may reach beyond the picture, where padding is seen. */
export interface PixelBox {
  /** The first column. */
  readonly x: number;
  /** The first row. */
  readonly y: number;
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** An element of a value: its row and column. */
export interface FieldPlace {
  /** Its row. */
  readonly y: number;
  /** Its column. */
  readonly x: number;
}

/** The pixels that an element of a value depends on, by the receptive field of the value. */
export function fieldAt(field: ReceptiveField, at: FieldPlace): PixelBox {
  const [rows, columns, ...others] = axesOf(field);
  const { x, y } = objectOf("the place", at);
  numberIn("the place: x", x, { from: 0, whole: true });
  numberIn("the place: y", y, { from: 0, whole: true });
  if (rows === undefined || columns === undefined || others.length > 0)
    throw new UsageError(`expected the receptive field of maps, of 2 axes, got ${field.length}`);
  return {
    x: columns.start + x * columns.stride,
    y: rows.start + y * rows.stride,
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

/** What of a box lies in a picture; undefined where nothing does. */
export function boxWithin(
  box: PixelBox,
  picture: { readonly width: number; readonly height: number },
): PixelBox | undefined {
  const [x, y] = [Math.max(0, box.x), Math.max(0, box.y)];
  const width = Math.min(picture.width, box.x + box.width) - x;
  const height = Math.min(picture.height, box.y + box.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

/** Where a pixel stands to a box: beyond it, on its outermost pixels, or among those within. */
export function sideOf(
  { x, y, width, height }: PixelBox,
  column: number,
  row: number,
): "out" | "edge" | "in" {
  const [right, bottom] = [x + width - 1, y + height - 1];
  if (column < x || column > right || row < y || row > bottom) return "out";
  return column === x || column === right || row === y || row === bottom ? "edge" : "in";
}
