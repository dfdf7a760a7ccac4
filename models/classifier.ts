import { chain, dense, dropout, flatten, globalAveragePool2d, type Layer } from "../src/nn/index.ts";

/**
 * The head that most families have: the mean of each map, and one dense layer of them to a score for each class.
 *
 * @param rate - Of the dropout between them; 0, none at all, by default.
 */
export const classifier = (classes: number, rate = 0): Layer =>
  chain([
    globalAveragePool2d(),
    flatten(),
    ...(rate > 0 ? [dropout({ rate })] : []),
    dense({ name: "output", units: classes }),
  ]);
