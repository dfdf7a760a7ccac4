/** ResNet-20 for CIFAR (He, Zhang, Ren and Sun 2015, Deep residual learning, arXiv:1512.03385, section 4.2). */
import {
  add,
  batchNorm,
  chain,
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  type Layer,
  type Network,
  relu,
  sequential,
  subsample2d,
  zeroPad,
} from "../src/nn/index.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";

/** Blocks in each of the three stages: 6·3 + 2 = 20 layers with weights. */
const BLOCKS = 3;

/**
 * Images of [3, 32, 32] to logits. Shortcuts are the identity, as published for CIFAR: where a stage halves the image
 * they take every other pixel and fill the new maps with zeros. 269,722 trainable parameters for 10 classes.
 */
export const resnet20 = ({ classes = 10, size = 32, width, ...options }: ModelOptions = {}): Network =>
  sequential({ input: [3, size, size], name: "resnet20", ...options }, [
    convolution("stem", scaled(16, width, 4)),
    relu(),
    ...[0, 1, 2].flatMap((stage) =>
      Array.from({ length: BLOCKS }, (_, block) =>
        residual(
          `stage${stage + 1}.block${block + 1}`,
          scaled(16, width, 4) * 2 ** stage,
          stage > 0 && block === 0 ? 2 : 1,
        ),
      ),
    ),
    globalAveragePool2d(),
    flatten(),
    dense({ name: "output", units: classes }),
  ]);

const convolution = (name: string, filters: number, stride = 1): Layer =>
  chain([
    conv2d({ name: `${name}.conv`, filters, kernelSize: 3, stride, padding: 1, bias: false }),
    batchNorm({ name: `${name}.norm` }),
  ]);

const residual = (name: string, filters: number, stride: number): Layer => {
  const branch = chain([
    convolution(`${name}.a`, filters, stride),
    relu({ name: `${name}.a.relu` }),
    convolution(`${name}.b`, filters),
  ]);
  const shortcut = chain(stride === 1 ? [] : [subsample2d({ stride }), zeroPad({ channels: filters / 4 })]);
  return (x) => relu({ name })(add([branch(x), shortcut(x)]));
};

export const RESNET20: readonly ZooModel[] = [
  {
    name: "resnet20",
    family: "resnet20",
    paper: "He, Zhang, Ren and Sun 2015, Deep residual learning for image recognition, arXiv:1512.03385",
    published: [{ parameters: 270_000, source: "the paper, table 6: 0.27M", precision: "rounded" }],
    build: resnet20,
  },
];
