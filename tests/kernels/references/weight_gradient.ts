import { type Reference, reference } from "./close.ts";
import type { Spatial } from "./conv.ts";

/** dw[outC][inC/group][kH][kW] in float64, of channels-last x and dy. */
export function weightGradient(s: Spatial, x: ArrayLike<number>, dy: ArrayLike<number>): Reference {
  const [inC, outC] = [s.inC / s.group, s.outC / s.group];
  const out = reference(s.outC * inC * s.kH * s.kW);
  for (let p = 0; p < s.batch * s.outH * s.outW; p++) {
    const [n, oy, ox] = [Math.floor(p / (s.outH * s.outW)), Math.floor(p / s.outW) % s.outH, p % s.outW];
    for (let ky = 0; ky < s.kH; ky++) {
      const iy = oy * s.strideH - s.padTop + ky * s.dilH;
      if (iy < 0 || iy >= s.inH) continue;
      for (let kx = 0; kx < s.kW; kx++) {
        const ix = ox * s.strideW - s.padLeft + kx * s.dilW;
        if (ix < 0 || ix >= s.inW) continue;
        const from = ((n * s.inH + iy) * s.inW + ix) * s.inStride;
        for (let c = 0; c < s.outC; c++) {
          const slope = dy[p * s.outStride + c] as number;
          for (let i = 0; i < inC; i++) {
            const term = slope * (x[from + Math.floor(c / outC) * inC + i] as number);
            const at = ((c * inC + i) * s.kH + ky) * s.kW + kx;
            out.values[at] = (out.values[at] as number) + term;
            out.magnitudes[at] = (out.magnitudes[at] as number) + Math.abs(term);
          }
        }
      }
    }
  }
  return out;
}
