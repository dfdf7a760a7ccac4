/** LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998, Gradient-based learning applied to document recognition). */
import { conv2d, dense, flatten, maxPool2d, type Network, relu, sequential } from "../src/nn/index.ts";

export interface LeNet5Options {
  /** Weights follow from it. */
  readonly seed?: number;
}

/**
 * The variant that is usual today: digits of [1, 28, 28], rectifiers, max pooling, full connections, logits. 61,706
 * parameters: c1 156, c3 2416, c5 48120, f6 10164, output 850.
 */
export const lenet5 = ({ seed = 0 }: LeNet5Options = {}): Network =>
  sequential({ input: [1, 28, 28], name: "lenet5", seed }, [
    conv2d({ name: "c1", filters: 6, kernelSize: 5, padding: 2 }),
    relu(),
    maxPool2d({ name: "s2", kernelSize: 2 }),
    conv2d({ name: "c3", filters: 16, kernelSize: 5 }),
    relu(),
    maxPool2d({ name: "s4", kernelSize: 2 }),
    flatten(),
    dense({ name: "c5", units: 120 }),
    relu(),
    dense({ name: "f6", units: 84 }),
    relu(),
    dense({ name: "output", units: 10 }),
  ]);
