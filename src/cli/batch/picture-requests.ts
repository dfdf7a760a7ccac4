// What a batch asks of its workers besides sessions: pictures, read, decoded and made a model's input where there is a core
// for it. The sessions' own calls go beside this, as src/worker/protocol.ts has them.
import type { DType } from "../../dtype.ts";
import type { TensorData } from "../../tensor.ts";
import type { PresetName } from "../../vision/index.ts";
import type { ClonedError } from "../../worker/protocol.ts";
import type { PictureTaker } from "../image-task.ts";

export interface PictureRequest {
  readonly path: string;
  readonly taker: PictureTaker;
  readonly preset: PresetName | undefined;
}

/** The input that the picture is for, and its tensor; the memory is moved. */
export interface PictureReply {
  readonly input: string;
  readonly type: DType;
  readonly dims: readonly number[];
  readonly data: TensorData["data"];
}

export type PictureAnswer = { readonly picture: PictureReply } | { readonly error: ClonedError };
