import { elementCount, type TensorData } from "../../tensor.ts";
import type { BufferRef } from "../kernel-arguments.ts";
import { momentsScratchBytes } from "../kernel-contract.ts";
import type { LowerContext, Operand } from "../lowering.ts";
import { pixelCount } from "./spatial.ts";

/** Chunks of rows with statistics of their own, which threads can share. */
const MOST_CHUNKS = 16;
const LEAST_ROWS = 256;

/** x[N, C, …] as rows of channels: channels-last images, or matrices. */
export interface ChannelRows {
  readonly rows: number;
  readonly channels: number;
  /** How many chunks the rows are made into; the shape alone decides. */
  readonly chunks: number;
  readonly partial: BufferRef;
}

/** Whether an operand's rows of channels lie one behind the other. */
export const isChannelRows = (operand: Operand): boolean =>
  operand.fact.dtype === "float32" &&
  (operand.dims.length === 2 ? operand.layout === "rowMajor" : operand.layout === "channelsLast");

/** Elements from row to row. */
export const rowStride = (operand: Operand): number =>
  operand.layout === "channelsLast" ? operand.pixelStride : (operand.dims[1] as number);

/** The rows of an operand, with scratch for what each chunk finds. */
export function channelRows<A>(context: LowerContext<A>, x: Operand): ChannelRows {
  const channels = x.dims[1] as number;
  const rows = pixelCount(x);
  const chunks = Math.max(1, Math.min(MOST_CHUNKS, Math.floor(rows / LEAST_ROWS)));
  return { rows, channels, chunks, partial: context.scratch(chunks * momentsScratchBytes(channels)) };
}

/** Calls visit(element, channel) for every element of row-major x[N, C, …]. */
export function forEachChannelElement(x: TensorData, visit: (at: number, channel: number) => void): void {
  const channels = x.dims[1] as number;
  const run = elementCount(x.dims.slice(2));
  const count = elementCount(x.dims);
  for (let i = 0; i < count; i++) visit(i, Math.floor(i / run) % channels);
}
