import { fromNumbers } from "../../ops/shared/elements.ts";
import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";

/**
 * y = x·s^−β with s = bias + α/size·Σ x² over the channels around. So dx = dy·s^−β − 2αβ/size·x·Σ dy·x·s^(−β−1), the sum
 * over the channels that x had a part in. Both sums are convolutions with a band of ones.
 */
export const lrnGradientRule = defineGradient({
  op: "LRN",
  inputs(context) {
    const a = algebra(context);
    const { alpha, beta, bias, size } = context.attributes as {
      alpha: number;
      beta: number;
      bias: number;
      size: number;
    };
    const dims = context.dims(context.x());
    const channels = dims[1] as number;
    const image = dims.length > 2 ? dims : [...dims, 1];
    const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
    const around = (value: string, down: number, up: number): string => {
      const band = Float64Array.from({ length: channels * channels }, (_, i) => {
        const apart = (i % channels) - Math.floor(i / channels);
        return apart >= -down && apart <= up ? 1 : 0;
      });
      const shape = [channels, channels, ...image.slice(2).map(() => 1)];
      const w = context.tensor(fromNumbers(context.dtype(value), shape, band));
      return a.reshape(context.emit("Conv", [a.reshape(value, image), w]), dims);
    };
    const [x, dy] = [context.x(), context.dy() as string];
    const s = a.add(a.mul(around(a.square(x), before, after), alpha / size), bias);
    const direct = a.mul(dy, a.pow(s, -beta));
    const others = around(a.div(a.mul(direct, x), s), after, before);
    return [a.sub(direct, a.mul(a.mul(x, others), (2 * alpha * beta) / size))];
  },
});
