import { rowMajorStrides } from "../../graph/dims.ts";
import type { TensorData } from "../../tensor.ts";
import { like } from "../shared/elements.ts";
import { readStrided } from "./strided-copy.ts";

/** Strides of an image [N, C, H, W] and of what its blocks become along the channels [N, C·b·b, H/b, W/b]. */
interface BlockCopy {
  readonly dims: readonly number[];
  readonly plain: readonly number[];
  readonly deep: readonly number[];
}

/**
 * The six loops n, c, y, blockY, x, blockX over image and depth side. `depthFirst` (DCR): the block's place is the outer
 * part of the deep channel; else (CRD) the channel is.
 */
export function blockLoops(
  deepDims: readonly number[],
  plainStrides: readonly number[],
  deepStrides: readonly number[],
  block: number,
  depthFirst: boolean,
): BlockCopy {
  const [batch, deepC, rows, columns] = deepDims as [number, number, number, number];
  const channels = deepC / (block * block);
  const [pn, pc, py, px] = plainStrides as [number, number, number, number];
  const [dn, dc, dy, dx] = deepStrides as [number, number, number, number];
  return {
    dims: [batch, channels, rows, block, columns, block],
    plain: [pn, pc, py * block, py, px * block, px],
    deep: depthFirst
      ? [dn, dc, dy, dc * block * channels, dx, dc * channels]
      : [dn, dc * block * block, dy, dc * block, dx, dc],
  };
}

/** Depth to space on plain data: `dims` are those of the result. */
export function depthToSpace(
  x: TensorData,
  dims: readonly number[],
  block: number,
  depthFirst: boolean,
): TensorData {
  const loops = blockLoops(x.dims, rowMajorStrides(dims), rowMajorStrides(x.dims), block, depthFirst);
  return like(x, dims, readStrided(x, loops.dims, 0, loops.deep).data);
}

/** Space to depth on plain data: the deep channel is (blockY, blockX, c). */
export function spaceToDepth(x: TensorData, dims: readonly number[], block: number): TensorData {
  const [batch, channels, rows, columns] = x.dims as [number, number, number, number];
  const [n, c, y, column] = rowMajorStrides(x.dims) as [number, number, number, number];
  const loops = [batch, block, block, channels, rows / block, columns / block];
  return like(x, dims, readStrided(x, loops, 0, [n, y, column, c, y * block, column * block]).data);
}
