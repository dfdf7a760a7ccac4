export interface ResizeShape {
  batch: number;
  inH: number;
  inW: number;
  channels: number;
  inStride: number;
  outH: number;
  outW: number;
  outStride: number;
}

/** `taps` source positions and weights for each output position. */
export interface Table {
  index: number[];
  weight: number[];
}

export function resize(
  s: ResizeShape,
  taps: number,
  x: Float32Array,
  rows: Table,
  cols: Table,
): Float64Array {
  const y = new Float64Array(s.batch * s.outH * s.outW * s.outStride);
  for (let n = 0; n < s.batch; n++) {
    for (let oy = 0; oy < s.outH; oy++) {
      for (let ox = 0; ox < s.outW; ox++) {
        for (let c = 0; c < s.channels; c++) {
          let sum = 0;
          for (let i = oy * taps; i < (oy + 1) * taps; i++) {
            for (let j = ox * taps; j < (ox + 1) * taps; j++) {
              const pixel = (n * s.inH + (rows.index[i] as number)) * s.inW + (cols.index[j] as number);
              const weight = (rows.weight[i] as number) * (cols.weight[j] as number);
              sum += weight * (x[pixel * s.inStride + c] as number);
            }
          }
          y[((n * s.outH + oy) * s.outW + ox) * s.outStride + c] = sum;
        }
      }
    }
  }
  return y;
}
