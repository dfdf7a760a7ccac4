import { COUNT, numberIn, objectOf } from "../arguments.ts";
import { Tensor } from "../tensor.ts";
import { channelsAt, channelsFirst } from "./channels.ts";
import { floatsOf } from "./float-tensor.ts";
import type { Heatmap } from "./heatmap.ts";

/** What covers the picture. */
export interface OcclusionOptions {
  /** The patch's side in pixels; by default an eighth of the picture's shorter side. */
  readonly size?: number;
  /** Pixels from one patch to the next; by default half the patch. */
  readonly stride?: number;
  /** What the patch holds, as the network's input has it: 0 by default, the mean where inputs are normalised. */
  readonly fill?: number;
}

/**
 * How far a score falls under a patch, on average over the patches that cover a pixel. The last patch of a row or column ends
 * at the edge.
 *
 * @param axis - Where the picture has its channels.
 */
export async function occlude(
  picture: Tensor,
  axis: number,
  score: number,
  scoreOf: (covered: Tensor) => Promise<number>,
  options: OcclusionOptions,
): Promise<Heatmap> {
  const planes = channelsFirst(picture, axis);
  const [channels, height, width] = planes.dims.slice(-3) as [number, number, number];
  const side = Math.min(height, width);
  const { size = Math.max(1, Math.round(side / 8)), fill = 0 } = objectOf("occlusion: the options", options);
  numberIn("occlusion: size", size, { from: 1, to: side, whole: true });
  const { stride = Math.ceil(size / 2) } = options;
  numberIn("occlusion: stride", stride, COUNT);
  numberIn("occlusion: fill", fill);
  const pixels = floatsOf(planes);
  const [sum, count] = [new Float32Array(height * width), new Float32Array(height * width)];
  for (const top of placesOf(height, size, stride))
    for (const left of placesOf(width, size, stride)) {
      const covered = pixels.slice();
      for (let channel = 0; channel < channels; channel++)
        for (let y = top; y < top + size; y++) {
          const row = (channel * height + y) * width;
          covered.fill(fill, row + left, row + left + size);
        }
      const shown = channelsAt(new Tensor("float32", covered, planes.dims), axis);
      const fall = score - (await scoreOf(shown));
      for (let y = top; y < top + size; y++)
        for (let x = left; x < left + size; x++) {
          const at = y * width + x;
          sum[at] = (sum[at] as number) + fall;
          count[at] = (count[at] as number) + 1;
        }
    }
  // A stride beyond the patch leaves pixels uncovered: about them nothing is known.
  return { data: sum.map((fall, i) => fall / (count[i] as number)), width, height };
}

/** Where patches begin along a line. */
function placesOf(length: number, size: number, stride: number): readonly number[] {
  const places = [];
  for (let at = 0; at + size < length; at += stride) places.push(at);
  return [...places, length - size];
}
