/**
 * Cells as searches find them (Zoph, Vasudevan, Shlens and Le 2017, arXiv:1707.07012): a cell makes two states of the outputs of
 * the two cells before it, adds a new state five times by summing what two operations make of two states, and joins some of them.
 */
import {
  add,
  averagePool2d,
  batchNorm,
  chain,
  concat,
  conv2d,
  crop2d,
  dropPath,
  type Layer,
  maxPool2d,
  type Pair,
  relu,
  separableConv2d,
  type Value,
  zeroPad,
} from "../src/nn/index.ts";

/** What all these networks add to the variance, and what running statistics keep. */
export const CELL_NORM = { epsilon: 1e-3, momentum: 0.9997 };

/** Where an operation is put. */
interface Place {
  readonly name: string;
  /** Channels of its output. */
  readonly filters: number;
  readonly stride: number;
}

const convNorm = (name: string, filters: number, kernelSize: Pair = 1, stride: Pair = 1): Layer =>
  chain([
    conv2d({ name: `${name}.conv`, filters, kernelSize, stride, padding: "same", bias: false }),
    batchNorm({ name: `${name}.norm`, ...CELL_NORM }),
  ]);

/** The order of cells: activation, convolution, normalisation. */
const reluConvNorm = (name: string, filters: number, kernelSize: Pair = 1, stride: Pair = 1): Layer =>
  chain([relu({ name: `${name}.relu` }), convNorm(name, filters, kernelSize, stride)]);

/** Two separable convolutions, of which the first one strides. */
const separable =
  (kernelSize: number) =>
  ({ name, filters, stride }: Place): Layer =>
    chain(
      [stride, 1].flatMap((step, i) => [
        relu({ name: `${name}.${i + 1}.relu` }),
        separableConv2d({
          name: `${name}.${i + 1}.conv`,
          filters,
          kernelSize,
          stride: step,
          padding: "same",
          bias: false,
        }),
        batchNorm({ name: `${name}.${i + 1}.norm`, ...CELL_NORM }),
      ]),
    );

/** A pool, and where it has other channels than the cell a convolution that brings them to as many. */
const pool =
  (kind: typeof maxPool2d, kernelSize: number) =>
  ({ name, filters, stride }: Place): Layer =>
  (x) => {
    const pooled = kind({ name: `${name}.pool`, kernelSize, stride, padding: "same" })(x);
    return x.dims[1] === filters ? pooled : convNorm(name, filters)(pooled);
  };

/** Convolutions on a quarter of the channels. */
const narrow =
  (...kernels: readonly [height: number, width: number][]) =>
  ({ name, filters, stride }: Place): Layer => {
    const quarter = Math.max(1, Math.floor(filters / 4));
    return chain([
      reluConvNorm(`${name}.in`, quarter),
      ...kernels.map(([height, width]) =>
        reluConvNorm(
          `${name}.${height}x${width}`,
          quarter,
          [height, width],
          [height > 1 ? stride : 1, width > 1 ? stride : 1],
        ),
      ),
      reluConvNorm(`${name}.out`, filters),
    ]);
  };

const OPERATIONS = {
  /** The state as it is; a convolution where sizes or channels differ. */
  none:
    ({ name, filters, stride }: Place): Layer =>
    (x) =>
      stride === 1 && x.dims[1] === filters ? x : reluConvNorm(name, filters, 1, stride)(x),
  "1x1": ({ name, filters, stride }: Place): Layer => reluConvNorm(name, filters, 1, stride),
  "3x3": narrow([3, 3]),
  "1x7 7x1": narrow([1, 7], [7, 1]),
  "separable 3x3": separable(3),
  "separable 5x5": separable(5),
  "separable 7x7": separable(7),
  "mean 3x3": pool(averagePool2d, 3),
  "max 2x2": pool(maxPool2d, 2),
  "max 3x3": pool(maxPool2d, 3),
};

/** What can be done to a state. */
export type Operation = keyof typeof OPERATIONS;

/**
 * What two operations make of two states. State 0 is made of the output of the cell before, 1 of that of the one before it, and
 * each sum is one more.
 */
export type Sum = readonly [left: Operation, ofState: number, right: Operation, ofState: number];

/** A cell as it was found. */
export interface Wiring {
  /** States 2, 3, … */
  readonly sums: readonly Sum[];
  /** States that the output consists of. */
  readonly joined: readonly number[];
}

/** What `cell` takes. */
export interface CellOptions {
  /** Of the whole. */
  readonly name: string;
  /** How its states follow from each other. */
  readonly wiring: Wiring;
  /** Channels of every state. */
  readonly filters: number;
  /** 2 halves the image: operations on the first two states stride. */
  readonly stride: 1 | 2;
  /** How often training leaves an operation out; never by default. */
  readonly dropRate?: number;
}

/**
 * A cell as a function of the last output and the one before it, which in the first cell is not there. Padding is
 * TensorFlow's throughout; ports to PyTorch bring it about with pads and crops where an even size is halved.
 */
export const cell =
  ({ name, wiring, filters, stride, dropRate = 0 }: CellOptions) =>
  (last: Value, beforeLast: Value | undefined): Value => {
    const input = reluConvNorm(`${name}.input`, filters)(last);
    const states = [input, beforeLast === undefined ? last : earlier(`${name}.earlier`, beforeLast, input)];
    const half = (at: string, operation: Operation, state: number): Value => {
      const place = { name: at, filters, stride: state < 2 ? stride : 1 };
      const result = OPERATIONS[operation](place)(states[state] as Value);
      return operation === "none" ? result : dropPath({ name: `${at}.drop`, rate: dropRate })(result);
    };
    wiring.sums.forEach(([left, ofState, right, ofOther], i) => {
      const sum = `${name}.${i + 1}`;
      const halves = [half(`${sum}.left`, left, ofState), half(`${sum}.right`, right, ofOther)];
      states.push(add(halves, { name: sum }));
    });
    const like = states.at(-1) as Value;
    const joined = wiring.joined.map((state) =>
      fitted(`${name}.joined${state}`, states[state] as Value, like),
    );
    return concat(joined, { name });
  };

const differ = (x: Value, like: Value, axis: number): boolean => x.dims[axis] !== like.dims[axis];

/** The output before the last one, as large and with as many channels as a cell's states. */
const earlier = (name: string, x: Value, like: Value): Value =>
  differ(x, like, 1) || differ(x, like, 2) ? fitted(name, relu({ name: `${name}.relu` })(x), like) : x;

/** A state in the size and with the channels of another: unchanged, by a 1×1 convolution, or by two that halve. */
function fitted(name: string, x: Value, like: Value): Value {
  const filters = like.dims[1] as number;
  if (differ(x, like, 2)) return halved(name, filters)(x);
  return differ(x, like, 1) ? convNorm(name, filters)(x) : x;
}

/**
 * Halves the image so that no pixel is lost: half of the channels see the pixels of even rows and columns, the others those
 * one further down and to the right.
 */
const halved =
  (name: string, filters: number): Layer =>
  (x) => {
    const sampled = (role: string, share: number): Layer =>
      conv2d({ name: `${name}.${role}`, filters: share, kernelSize: 1, stride: 2, bias: false });
    const half = Math.floor(filters / 2);
    const moved = chain([
      zeroPad({ name: `${name}.pad`, height: [0, 1], width: [0, 1] }),
      crop2d({ name: `${name}.crop`, height: [1, 0], width: [1, 0] }),
    ]);
    const both = concat([sampled("even", half)(x), sampled("odd", filters - half)(moved(x))], {
      name: `${name}.both`,
    });
    return batchNorm({ name: `${name}.norm`, ...CELL_NORM })(both);
  };
