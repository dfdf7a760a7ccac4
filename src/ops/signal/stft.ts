import { isFloat } from "../../dtype.ts";
import { mapDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf, int } from "../define.ts";
import { scalarOf } from "../shared/axes.ts";
import { fromNumbers, toNumberArray, toNumbers } from "../shared/elements.ts";
import { fourier } from "./fourier.ts";

/** Dims of the spectra of frames that lie `step` apart: [batch, frames, bins, 2]. */
const spectraDims = (batch: Dim, samples: Dim, step: Dim, frame: Dim, onesided: number): Dim[] => [
  batch,
  mapDims((n, s, f) => Math.max(Math.floor((n - f) / s) + 1, 0), samples, step, frame),
  onesided === 0 ? frame : mapDims((f) => Math.floor(f / 2) + 1, frame),
  2,
];

/**
 * STFT: Fourier transforms of windowed frames of a signal [batch, samples(, 1 or 2)].
 * https://onnx.ai/onnx/operators/onnx__STFT.html
 */
export const stft = defineOp({
  type: "STFT",
  since: [17],
  inputs: ["signal", "frame_step", "window?", "frame_length?"],
  attributes: { onesided: int(1) },

  infer(context) {
    const { signal, frame_step, window, frame_length } = context.facts();
    const { dtype, dims } = signal;
    if (!isFloat(dtype)) context.failType(`signal must be floating point, got ${dtype}`);
    if (dims !== undefined && dims.length !== 2 && dims.length !== 3) {
      context.fail(`signal must be [batch, samples] or [batch, samples, 1 or 2], got [${dims}]`);
    }
    const [batch, samples] = (dims ?? ["?", "?"]) as [Dim, Dim];
    const [step, frame] = [frame_step.data, frame_length?.data];
    const length = frame_length
      ? frame === undefined
        ? "?"
        : scalarOf(context, frame, "frame_length")
      : (window?.dims?.[0] ?? "?");
    const stepSize = step === undefined ? "?" : scalarOf(context, step, "frame_step");
    return [factOf(dtype, spectraDims(batch, samples, stepSize, length, context.attributes.onesided))];
  },

  evaluate(context) {
    const { signal, frame_step, window, frame_length: frameLength } = context.tensors();
    const step = toNumberArray(frame_step)[0] as number;
    const frame = frameLength === undefined ? window?.dims[0] : toNumberArray(frameLength)[0];
    if (frame === undefined) return context.fail("needs window or frame_length");
    if (window !== undefined && window.dims[0] !== frame) {
      context.fail(`window of [${window.dims}] does not fit frame_length ${frame}`);
    }
    if (step <= 0) context.fail(`frame_step must be positive, got ${step}`);
    const [batch, samples, parts = 1] = signal.dims as [number, number, number?];
    const { onesided } = context.attributes;
    if (onesided !== 0 && parts === 2)
      context.fail("a one-sided spectrum needs a real signal, got a complex one");
    const dims = spectraDims(batch, samples, step, frame, onesided) as [number, number, number, number];
    const [, frames, bins] = dims;
    const x = toNumbers(signal);
    const weights = window && toNumbers(window);
    const y = new Float64Array(elementCount(dims));
    for (let n = 0; n < batch; n++) {
      for (let f = 0; f < frames; f++) {
        const re = new Float64Array(frame);
        const im = new Float64Array(frame);
        for (let i = 0; i < frame; i++) {
          const at = (n * samples + f * step + i) * parts;
          const weight = weights === undefined ? 1 : (weights[i] as number);
          re[i] = (x[at] as number) * weight;
          if (parts === 2) im[i] = (x[at + 1] as number) * weight;
        }
        fourier(re, im, false);
        for (let i = 0; i < bins; i++) {
          const at = ((n * frames + f) * bins + i) * 2;
          y[at] = re[i] as number;
          y[at + 1] = im[i] as number;
        }
      }
    }
    return [fromNumbers(signal.dtype, dims, y)];
  },
});
