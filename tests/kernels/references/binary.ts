import { stridedShape } from "../../../src/kernels/strided-shape.ts";
import { structWords } from "../../../src/kernels/struct-words.ts";
export interface Strided {
  dims: number[];
  a: number[];
  b: number[];
  y: number[];
}

/** The block of 24 integers that the kernels read. */
export const stridedWords = ({ dims, a, b, y }: Strided): Int32Array =>
  structWords("StridedShape", stridedShape(dims, a, b, y));

/** Calls visit(ia, ib, iy) for every element, outermost dim first. */
export function eachElement(shape: Strided, visit: (a: number, b: number, y: number) => void): void {
  const walk = (dim: number, a: number, b: number, y: number): void => {
    if (dim === shape.dims.length) {
      visit(a, b, y);
      return;
    }
    for (let i = 0; i < (shape.dims[dim] as number); i++) {
      const step = (strides: number[]): number => i * (strides[dim] ?? 0);
      walk(dim + 1, a + step(shape.a), b + step(shape.b), y + step(shape.y));
    }
  };
  walk(0, 0, 0, 0);
}

/** One more than the largest index that the strides reach. */
export function extent(dims: number[], strides: number[]): number {
  if (dims.includes(0)) return 0;
  return dims.reduce((sum, dim, i) => sum + (dim - 1) * (strides[i] ?? 0), 1);
}

/** NaN from either operand. */
export const binary: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  pow: (a, b) => (a === 1 ? 1 : a ** b),
};
