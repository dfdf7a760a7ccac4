import { activate, type Reference, reference } from "./close.ts";
import type { Operands, Spatial } from "./conv.ts";

/** Dense [batch][outH][outW][outC] in float64; w is [inC][kH][kW][outC/group]. */
export function convTranspose(s: Spatial, o: Operands): Reference {
  const out = reference(s.batch * s.outH * s.outW * s.outC);
  const [inC, outC] = [s.inC / s.group, s.outC / s.group];
  const plane = s.outH * s.outW;
  for (let i = 0; i < out.values.length; i++) {
    out.values[i] = o.bias?.[i % s.outC] ?? 0;
    out.magnitudes[i] = Math.abs(out.values[i] as number);
  }
  for (let p = 0; p < s.batch * s.inH * s.inW; p++) {
    const [n, iy, ix] = [Math.floor(p / (s.inH * s.inW)), Math.floor(p / s.inW) % s.inH, p % s.inW];
    for (let tap = 0; tap < s.kH * s.kW; tap++) {
      const oy = iy * s.strideH - s.padTop + Math.floor(tap / s.kW) * s.dilH;
      const ox = ix * s.strideW - s.padLeft + (tap % s.kW) * s.dilW;
      if (oy < 0 || oy >= s.outH || ox < 0 || ox >= s.outW) continue;
      for (let c = 0; c < s.outC; c++) {
        const at = (n * plane + oy * s.outW + ox) * s.outC + c;
        for (let j = 0; j < inC; j++) {
          const channel = Math.floor(c / outC) * inC + j;
          const weight = o.w[(channel * s.kH * s.kW + tap) * outC + (c % outC)] as number;
          const term = (o.x[p * s.inStride + channel] as number) * weight;
          out.values[at] = (out.values[at] as number) + term;
          out.magnitudes[at] = (out.magnitudes[at] as number) + Math.abs(term);
        }
      }
    }
  }
  for (let i = 0; i < out.values.length; i++) {
    out.values[i] = activate(o.activation ?? 0, o.alpha ?? 0, o.beta ?? 0, out.values[i] as number);
  }
  return out;
}

/** [group][ceil(kH*kW*outC/group/8)][inC/group][8] from [inC][kH][kW][outC/group]. */
export function packConvTranspose(s: Spatial, w: ArrayLike<number>): Float32Array {
  const inC = s.inC / s.group;
  const columns = (s.kH * s.kW * s.outC) / s.group;
  const panels = Math.ceil(columns / 8);
  const packed = new Float32Array(s.group * panels * inC * 8);
  for (let channel = 0; channel < s.inC; channel++) {
    const [g, j] = [Math.floor(channel / inC), channel % inC];
    for (let c = 0; c < columns; c++) {
      packed[((g * panels + (c >> 3)) * inC + j) * 8 + (c & 7)] = w[channel * columns + c] as number;
    }
  }
  return packed;
}
