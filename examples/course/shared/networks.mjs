// Planes through networks of lanewise/nn.
import { Tensor } from "lanewise";
import { activationsOf, planeOf } from "lanewise/inspect";
import { conv2d, initializers, sequential } from "lanewise/nn";

/** Planes of one size as one picture [1, C, H, W]. */
export function tensorOf(planes) {
  const [{ width, height }] = planes;
  const data = Float32Array.from(planes.flatMap((plane) => [...plane.data]));
  return new Tensor("float32", data, [1, planes.length, height, width]);
}

/** All planes of a tensor [1, C, H, W]. */
export const planesOf = (tensor) => Array.from({ length: tensor.dims[1] }, (_, c) => planeOf(tensor, c));

/** What a network's output is for an input. */
export async function outputOf(network, x) {
  const [output] = network.graph.outputs;
  return (await activationsOf(network, x, output))[output];
}

/** A convolution layer whose masks, [filters, channels, height, width] in a row, are given. */
export const fixedConv2d = (masks, options) =>
  conv2d({ ...options, bias: false, weightInitializer: initializers.values(masks) });

/** A network of one such layer for pictures of one plane; it slides the masks as they stand, as all such layers do. */
export const slidingNetwork = ({ width, height }, masks, window = {}) =>
  sequential({ input: [1, height, width] }, [
    fixedConv2d(
      masks.flatMap(({ data }) => [...data]),
      { filters: masks.length, kernelSize: [masks[0].height, masks[0].width], ...window },
    ),
  ]);

/** The cross-correlation of a plane with each of some masks of one size, by lanewise's `conv2d`; `window` is its padding, stride … */
export const correlate = async (plane, masks, window) =>
  planesOf(await outputOf(slidingNetwork(plane, masks, window), tensorOf([plane])));

/** What filters answer to pictures of their own size: for each picture a row, a number a filter. */
export async function answersTo(pictures, filters) {
  const { width, height } = filters[0];
  const data = Float32Array.from(pictures.flatMap((picture) => [...picture.data]));
  const x = new Tensor("float32", data, [pictures.length, 1, height, width]);
  const answers = await outputOf(slidingNetwork(filters[0], filters), x);
  return pictures.map((_, i) => [...answers.data.subarray(i * filters.length, (i + 1) * filters.length)]);
}
