import { defineLayer, type Layer, type LayerOptions } from "../src/nn/index.ts";

/** What `adaptiveAveragePool2d` takes. */
export interface AdaptivePoolOptions extends LayerOptions {
  /** Rows, and as many columns, that come out. */
  readonly size: number;
}

/**
 * An image of any size to one of `size`² pixels, so that fully connected layers behind it have the same weights for all: pixel
 * i is the mean of rows ⌊i·height / size⌋ to ⌈(i + 1)·height / size⌉, as PyTorch's AdaptiveAvgPool2d has it. The image's size
 * must be known.
 */
export const adaptiveAveragePool2d = ({ size, ...options }: AdaptivePoolOptions): Layer =>
  defineLayer("adaptiveAveragePool2d", options, (scope, x) => {
    const [height, width] = x.dims.slice(2);
    if (typeof height !== "number" || typeof width !== "number")
      return scope.fail(`needs an image of known size, got [${x.dims}]`);
    if (height % size === 0 && width % size === 0) {
      const kernelShape = [height / size, width / size];
      return scope.node("AveragePool", [x.name], { kernelShape, strides: kernelShape });
    }
    // Windows of several sizes are no pool of ONNX's; but means are linear, rows and columns apart.
    const matrix = (role: string, dims: [number, number], of: (row: number, column: number) => number) => {
      const data = Float32Array.from({ length: dims[0] * dims[1] }, (_, i) =>
        of(Math.floor(i / dims[1]), i % dims[1]),
      );
      return scope.fixed(role, { dtype: "float32", dims, data });
    };
    const rows = matrix("rows", [size, height], (to, from) => shareOf(from, height, to, size));
    const columns = matrix("columns", [width, size], (from, to) => shareOf(from, width, to, size));
    const shorter = scope.node("MatMul", [rows, x.name], {}, "shorter");
    return scope.node("MatMul", [shorter, columns]);
  });

/** How much of mean `to` of `means` is element `from` of `elements`. */
function shareOf(from: number, elements: number, to: number, means: number): number {
  const start = Math.floor((to * elements) / means);
  const end = Math.ceil(((to + 1) * elements) / means);
  return from >= start && from < end ? 1 / (end - start) : 0;
}
