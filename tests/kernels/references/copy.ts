export interface PadShape {
  batch: number;
  inH: number;
  inW: number;
  channels: number;
  inStride: number;
  outH: number;
  outW: number;
  outStride: number;
  padTop: number;
  padLeft: number;
}

/** numpy.pad's modes, by walking one step at a time. */
function source(mode: number, i: number, n: number): number {
  if (i >= 0 && i < n) return i;
  if (mode === 0) return -1;
  if (mode === 2) return Math.min(Math.max(i, 0), n - 1);
  while (i < 0 || i >= n) {
    if (mode === 3) i += i < 0 ? n : -n;
    else if (n === 1) i = 0;
    else i = i < 0 ? -i : 2 * (n - 1) - i;
  }
  return i;
}

/** The elements between `channels` and `outStride` keep what `y` holds. */
export function pad(shape: PadShape, x: Int32Array, y: Int32Array, mode: number, value: number): void {
  for (let n = 0; n < shape.batch; n++) {
    for (let oy = 0; oy < shape.outH; oy++) {
      for (let ox = 0; ox < shape.outW; ox++) {
        const iy = source(mode, oy - shape.padTop, shape.inH);
        const ix = source(mode, ox - shape.padLeft, shape.inW);
        for (let c = 0; c < shape.channels; c++) {
          const from = ((n * shape.inH + iy) * shape.inW + ix) * shape.inStride + c;
          const to = ((n * shape.outH + oy) * shape.outW + ox) * shape.outStride + c;
          y[to] = iy < 0 || ix < 0 ? value : (x[from] as number);
        }
      }
    }
  }
}
