import { elementCount, type TensorData } from "../../tensor.ts";

/** Calls visit(element, channel) for every element of row-major x[N, C, …]. */
export function forEachChannelElement(x: TensorData, visit: (at: number, channel: number) => void): void {
  const channels = x.dims[1] as number;
  const run = elementCount(x.dims.slice(2));
  const count = elementCount(x.dims);
  for (let i = 0; i < count; i++) visit(i, Math.floor(i / run) % channels);
}
