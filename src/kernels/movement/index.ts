import { paddingOf } from "../../ops/movement/pad.ts";
import type { Lowerings } from "../lowering.ts";
import {
  channelShuffle,
  concat,
  depthToSpace,
  expand,
  gather,
  slice,
  spaceToDepth,
  split,
  tile,
} from "./copies.ts";
import { padding } from "./pad.ts";
import { blocks, strided } from "./transpose.ts";
import { coincidence, relabel, relayout, reshape } from "./views.ts";

/** Elements that change their places and nothing else. */
export const MOVEMENT: Lowerings = {
  Concat: [concat],
  DepthToSpace: [depthToSpace],
  Expand: [expand],
  Flatten: [reshape],
  Gather: [gather],
  Identity: [reshape],
  Pad: padding(paddingOf),
  Reshape: [reshape],
  Slice: [slice],
  SpaceToDepth: [spaceToDepth],
  Split: [split],
  Squeeze: [reshape],
  Tile: [tile],
  Transpose: [relabel, blocks, strided],
  Unsqueeze: [reshape],
  "lanewise:ChannelShuffle": [channelShuffle],
  "lanewise:Relayout": [coincidence, relayout],
};
