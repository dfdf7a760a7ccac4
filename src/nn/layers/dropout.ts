import { SHARE } from "../../arguments.ts";
import { tensorData } from "../../tensor.ts";
import { defineLayer, type Layer, type LayerOptions } from "../layer.ts";

/** What `dropout` takes. */
export interface DropoutOptions extends LayerOptions {
  /** The share of elements that training sets to zero; 0.5 by default. */
  readonly rate?: number;
}

/** Dropout (Srivastava et al. 2014): the identity but in training, where what is left is scaled by 1 / (1 - rate). */
export const dropout = (options: DropoutOptions = {}): Layer =>
  defineLayer("dropout", options, (scope, x) => {
    const rate = scope.number("rate", options.rate ?? 0.5, SHARE);
    return scope.node("Dropout", [x.name, scope.scalar("rate", rate)]);
  });

/** What `dropPath` takes. */
export interface DropPathOptions extends LayerOptions {
  /** The share of samples for which training drops the branch; at 0 nothing is added. */
  readonly rate: number;
}

/**
 * Stochastic depth (Huang et al. 2016, arXiv:1603.09382): the end of a residual branch, which training drops for some
 * samples as a whole, and scales by 1 / (1 - rate) for the others; the identity but in training. In the graph it is a
 * product with a Dropout of the constant 1, which ONNX files keep.
 */
export const dropPath = (options: DropPathOptions): Layer =>
  defineLayer("dropPath", options, (scope, x) => {
    const rate = scope.number("rate", options.rate, SHARE);
    if (rate === 0) return x.name;
    const dims = x.dims.map(() => 1);
    const one = scope.fixed("one", tensorData("float32", dims, Float32Array.of(1)));
    const gate = scope.node("Dropout", [one, scope.scalar("rate", rate)], {}, "gate");
    return scope.node("Mul", [x.name, gate]);
  });
