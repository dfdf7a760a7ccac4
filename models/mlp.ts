/** A multi-layer perceptron: what a network without any notion of neighbourhood makes of an image. */
import { dense, flatten, type Layer, type Network, relu, sequential } from "../src/nn/index.ts";

export interface MlpOptions {
  /** Units of the hidden layers; [300, 100] by default, the larger of the two-layer networks in LeCun et al. 1998. */
  readonly hidden?: readonly number[];
  /** Weights follow from it. */
  readonly seed?: number;
}

/** Digits of [1, 28, 28] to 10 logits; 266,610 parameters with the default layers. */
export const mlp = ({ hidden = [300, 100], seed = 0 }: MlpOptions = {}): Network =>
  sequential({ input: [1, 28, 28], name: "mlp", seed }, [
    flatten(),
    ...hidden.flatMap((units, i): Layer[] => [dense({ name: `hidden${i + 1}`, units }), relu()]),
    dense({ name: "output", units: 10 }),
  ]);
