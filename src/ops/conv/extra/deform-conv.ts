import { isFloat } from "../../../dtype.ts";
import { showDims } from "../../../graph/dims.ts";
import type { Dim } from "../../../graph/graph.ts";
import { spend } from "../../../interruptible.ts";
import { defineOp, factOf, int, ints } from "../../define.ts";
import { fromNumbers, toNumbers } from "../../shared/elements.ts";
import { convolutionMacs } from "../../shared/macs.ts";
import { inferWindow, resolveWindow } from "../../shared/window.ts";

/**
 * DeformConv: a 2-D convolution whose taps are moved by offsets[N, offset_group·kH·kW·2, outH, outW] (y, x), read
 * bilinearly, and weighed by an optional mask.
 * https://onnx.ai/onnx/operators/onnx__DeformConv.html
 */
export const deformConv = defineOp({
  type: "DeformConv",
  since: [19, 22],
  inputs: ["x", "w", "offset", "b?", "mask?"],
  attributes: {
    dilations: ints(),
    group: int(1),
    kernelShape: ints(),
    offsetGroup: int(1),
    pads: ints(),
    strides: ints(),
  },
  macs: convolutionMacs(1),

  infer(context) {
    const { dtype, dims: x } = context.fact(0);
    const w = context.dims(1);
    const { group, offsetGroup } = context.attributes;
    if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
    if ((x !== undefined && x.length !== 4) || (w !== undefined && w.length !== 4)) {
      context.fail(`x and w must be images of rank 4, got ${showDims(x)} and ${showDims(w)}`);
    }
    const [inC, perGroup, outC] = [x?.[1], w?.[1], w?.[0]];
    if (typeof inC === "number" && typeof perGroup === "number" && inC !== perGroup * group) {
      context.fail(`weight expects ${perGroup * group} input channels, got ${inC}`);
    }
    if (typeof outC === "number" && outC % group !== 0)
      context.fail(`${outC} output channels do not split into ${group} groups`);
    if (typeof inC === "number" && inC % offsetGroup !== 0) {
      context.fail(`${inC} channels do not split into ${offsetGroup} offset groups`);
    }
    const kernel = w?.slice(2) ?? context.attributes.kernelShape ?? ["?", "?"];
    const sizes = x?.slice(2) ?? ["?", "?"];
    const spatial = inferWindow(context, sizes, kernel, { autoPad: "NOTSET", ...context.attributes });
    return [factOf(dtype, [x?.[0] ?? "?", outC ?? "?", ...spatial] as Dim[])];
  },

  evaluate(context) {
    const { x, w, offset, b, mask } = context.tensors();
    const { group, offsetGroup } = context.attributes;
    const [batch, inC, inH, inW] = x.dims as [number, number, number, number];
    const [outC, groupInC, kH, kW] = w.dims as [number, number, number, number];
    const window = resolveWindow(context, [inH, inW], [kH, kW], { autoPad: "NOTSET", ...context.attributes });
    const [outH, outW] = window.outputs as [number, number];
    const [strideH, strideW] = window.strides as [number, number];
    const [padTop, padLeft] = window.padsBegin as [number, number];
    const [dilH, dilW] = window.dilations as [number, number];
    const taps = kH * kW;
    const pixels = outH * outW;
    const perOffset = inC / offsetGroup;
    const groupOutC = outC / group;
    const [source, weights, offsets] = [toNumbers(x), toNumbers(w), toNumbers(offset)];
    const bias = b && toNumbers(b);
    const masks = mask && toNumbers(mask);
    const result = new Float64Array(batch * outC * pixels);
    const column = new Float64Array(inC * taps);
    for (let n = 0; n < batch; n++) {
      for (let p = 0; p < pixels; p++) {
        const [oy, ox] = [Math.floor(p / outW), p % outW];
        for (let tap = 0; tap < taps; tap++) {
          for (let g = 0; g < offsetGroup; g++) {
            const entry = (n * offsetGroup + g) * taps + tap;
            const y =
              oy * strideH -
              padTop +
              Math.floor(tap / kW) * dilH +
              (offsets[entry * 2 * pixels + p] as number);
            const xx =
              ox * strideW - padLeft + (tap % kW) * dilW + (offsets[(entry * 2 + 1) * pixels + p] as number);
            const factor = masks === undefined ? 1 : (masks[entry * pixels + p] as number);
            for (let c = g * perOffset; c < (g + 1) * perOffset; c++) {
              column[c * taps + tap] = factor * bilinear(source, (n * inC + c) * inH * inW, inH, inW, y, xx);
            }
          }
        }
        for (let oc = 0; oc < outC; oc++) {
          const depth = groupInC * taps;
          spend(depth);
          const from = Math.floor(oc / groupOutC) * depth;
          let sum = bias === undefined ? 0 : (bias[oc] as number);
          for (let i = 0; i < depth; i++)
            sum += (column[from + i] as number) * (weights[oc * depth + i] as number);
          result[(n * outC + oc) * pixels + p] = sum;
        }
      }
    }
    return [fromNumbers(x.dtype, [batch, outC, outH, outW], result)];
  },
});

/** A point between four pixels; those outside the plane are zero. */
function bilinear(
  plane: ArrayLike<number>,
  start: number,
  h: number,
  w: number,
  y: number,
  x: number,
): number {
  const [y0, x0] = [Math.floor(y), Math.floor(x)];
  let sum = 0;
  for (let dy = 0; dy < 2; dy++) {
    for (let dx = 0; dx < 2; dx++) {
      const [at, to] = [y0 + dy, x0 + dx];
      if (at < 0 || at >= h || to < 0 || to >= w) continue;
      sum += (1 - Math.abs(y - at)) * (1 - Math.abs(x - to)) * (plane[start + at * w + to] as number);
    }
  }
  return sum;
}
