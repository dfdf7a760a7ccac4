import { narrowed, type Samplers } from "../draw.ts";

export const MATRIX: Samplers = {
  Gemm: (draw) => {
    const [m, k, n] = [draw.whole(1, 9), draw.whole(1, 20), draw.whole(1, 20)];
    const [transA, transB] = [draw.whole(0, 1), draw.whole(0, 1)];
    const c = draw.pick(undefined, [n], [m, n], [m, 1], [], [1, n]);
    return {
      inputs: [
        draw.tensor(transA ? [k, m] : [m, k]),
        draw.tensor(transB ? [n, k] : [k, n]),
        c && draw.tensor(c),
      ],
      constants: draw.pick([], [1], [1, 2], [0, 2]),
      attributes: { transA, transB, alpha: draw.pick(1, 0.5), beta: draw.pick(1, -2, 0) },
      tolerance: 1e-5,
    };
  },
  MatMul: (draw) => {
    const [m, k, n] = [draw.whole(1, 9), draw.whole(1, 20), draw.whole(1, 20)];
    const batch = draw.pick([], [2], [2, 3], [1, 3]);
    const other = draw.maybe() ? [] : narrowed(draw, batch);
    return {
      inputs: [draw.tensor([...batch, m, k]), draw.tensor([...other, k, n])],
      constants: draw.pick([], [1]),
      tolerance: 1e-5,
    };
  },
};
