/**
 * A small detector in the manner of YOLO: each cell of two grids says whether the centre of an object lies in it, of what class
 * the object is and how large its box. The two grids are wired as YOLOv3-tiny's (Redmon and Farhadi 2018, arXiv:1804.02767);
 * that a cell has one box and no anchors is YOLOX's way (Ge et al. 2021, arXiv:2107.08430); the channels are our own.
 */

import {
  chain,
  concat,
  conv2d,
  type Layer,
  type LayerOptions,
  leakyRelu,
  maxPool2d,
  type Network,
  network,
  upsample2d,
} from "../src/nn/index.ts";
import { convNorm } from "./blocks.ts";
import { CELL } from "./detections.ts";
import { type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { exact } from "./sources.ts";

/** Channels of the convolutions before the finer grid's, the image halved behind each. */
const STEM = [16, 32, 64, 128];

/**
 * Pictures of [3, 256, 256], the size a multiple of 32, to two grids of cells: [5 + classes, 8, 8] for large objects and
 * [5 + classes, 16, 16] for smaller ones, which `detections` makes boxes of. 1,698,754 parameters for the 20 classes of
 * Pascal VOC.
 */
export const gridDetector = ({ classes = 20, size = 256, width, ...options }: ModelOptions = {}): Network => {
  const wide = (channels: number): number => scaled(channels, width);
  const grid = (name: string, channels: number): Layer =>
    chain([
      convolution(`${name}.features`, wide(channels)),
      conv2d({ name, filters: CELL.classes + classes, kernelSize: 1 }),
    ]);
  return network({ input: [3, size, size], name: "grid-detector", ...options }, (x) => {
    const stem = STEM.flatMap((channels, i) => [convolution(`stem${i + 1}`, wide(channels)), halved()]);
    const near = chain([...stem, convolution("near", wide(256))])(x);
    const far = chain([halved(), convolution("far", wide(256)), convolution("far.mixed", wide(128), 1)])(
      near,
    );
    const enlarged = chain([
      convolution("far.enlarged", wide(64), 1),
      upsample2d({ scale: 2, mode: "nearest" }),
    ])(far);
    return [grid("coarse", 256)(far), grid("fine", 128)(concat([enlarged, near]))];
  });
};

const slope = (options: LayerOptions): Layer => leakyRelu({ ...options, alpha: 0.1 });

const convolution = (name: string, filters: number, kernelSize = 3): Layer =>
  convNorm({ name, filters, kernelSize, padding: (kernelSize - 1) / 2, activation: slope });

const halved = (): Layer => maxPool2d({ kernelSize: 2 });

export const DETECTORS: readonly ZooModel[] = [
  {
    name: "grid-detector",
    family: "detector",
    paper: "our own, after Redmon and Farhadi 2018 (arXiv:1804.02767) and Ge et al. 2021 (arXiv:2107.08430)",
    published: [exact(1_698_754, "layer by layer, by hand: tests/models/detector.test.ts")],
    build: gridDetector,
  },
];
