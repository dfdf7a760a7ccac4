import { objectOf, oneOf } from "../../arguments.ts";
import { DataError } from "./data-error.ts";
import { type Dataset, fromArrays } from "./dataset.ts";
import { type IdxArray, readIdx } from "./idx.ts";

/** The bytes of the four files, gzipped or not. */
export interface MnistFiles {
  /** `train-images-idx3-ubyte`. */
  readonly trainImages: Uint8Array;
  /** `train-labels-idx1-ubyte`. */
  readonly trainLabels: Uint8Array;
  /** `t10k-images-idx3-ubyte`. */
  readonly testImages: Uint8Array;
  /** `t10k-labels-idx1-ubyte`. */
  readonly testLabels: Uint8Array;
}

/** How `mnist` makes numbers of bytes. */
export interface MnistOptions {
  /**
   * `unit` (the default): 28×28, background 0, ink 1. `lenet`: as LeCun 1998 has it, 32×32 with the digit in the
   * middle, background −0.1, ink 1.175.
   */
  readonly scaling?: "unit" | "lenet";
}

const CLASSES = 10;
const SIDE = 28;
const PADDED = 32;
/** What paper and ink are in the scaling of LeCun 1998, which gives inputs a mean near 0 and a variance near 1. */
export const BACKGROUND = -0.1;
export const INK = 1.175;

/** The training and test sets of MNIST, or of one that has its form. Throws a DataError for files that do not fit. */
export async function mnist(
  files: MnistFiles,
  options: MnistOptions = {},
): Promise<{ train: Dataset; test: Dataset }> {
  objectOf("mnist: the files", files);
  const { scaling = "unit" } = objectOf("mnist: the options", options);
  oneOf("mnist: scaling", scaling, ["unit", "lenet"]);
  const part = async (name: string, images: Uint8Array, labels: Uint8Array): Promise<Dataset> =>
    imageSet(
      `MNIST ${name}`,
      await readIdx(images, `MNIST ${name} images`),
      await readIdx(labels, `MNIST ${name} labels`),
      scaling,
    );
  return {
    train: await part("train", files.trainImages, files.trainLabels),
    test: await part("test", files.testImages, files.testLabels),
  };
}

function imageSet(name: string, images: IdxArray, labels: IdxArray, scaling: "unit" | "lenet"): Dataset {
  const [count, height, width] = images.dims;
  const { data } = images;
  if (images.dims.length !== 3 || height !== SIDE || width !== SIDE || !(data instanceof Uint8Array))
    throw new DataError(name, `images must be bytes of dims [N, 28, 28], got [${images.dims.join(", ")}]`);
  if (labels.dims.length !== 1 || labels.dims[0] !== count)
    throw new DataError(name, `${count} images need labels [${count}], got [${labels.dims.join(", ")}]`);
  const common = { name, y: labels.data, classes: CLASSES };
  if (scaling === "unit")
    return fromArrays({ ...common, x: data, inputDims: [1, SIDE, SIDE], scale: 1 / 255 });
  return fromArrays({
    ...common,
    x: padded(data, count as number),
    inputDims: [1, PADDED, PADDED],
    scale: (INK - BACKGROUND) / 255,
    offset: BACKGROUND,
  });
}

/** The pictures in the middle of 32×32. */
function padded(data: Uint8Array, count: number): Uint8Array {
  const margin = (PADDED - SIDE) / 2;
  const result = new Uint8Array(count * PADDED * PADDED);
  for (let n = 0; n < count; n++)
    for (let y = 0; y < SIDE; y++) {
      const from = (n * SIDE + y) * SIDE;
      result.set(data.subarray(from, from + SIDE), (n * PADDED + y + margin) * PADDED + margin);
    }
  return result;
}
