import { createData, dtypeInfo, type TypedData } from "../dtype.ts";
import type { PlannedValue } from "../plan/plan.ts";
import { elementCount, type TensorData } from "../tensor.ts";

type MemoryPlace = Extract<PlannedValue["place"], { kind: "memory" }>;

/** Copies a row-major tensor to its place, channels moved last where the layout says so. */
export function writeTensor(
  memory: WebAssembly.Memory,
  address: number,
  value: PlannedValue,
  place: MemoryPlace,
  tensor: TensorData,
): void {
  const target = viewAt(memory, address, value, place);
  if (place.layout === "rowMajor") target.set(tensor.data as never);
  else
    copyChannels(value.dims, place.pixelStride, (planar, last) => {
      target[last] = (tensor.data as TypedData)[planar] as never;
    });
}

/** A row-major copy of a tensor in memory. */
export function readTensor(
  memory: WebAssembly.Memory,
  address: number,
  value: PlannedValue,
  place: MemoryPlace,
): TensorData {
  const source = viewAt(memory, address, value, place);
  if (place.layout === "rowMajor")
    return { dtype: value.dtype, dims: value.dims, data: source.slice() as TypedData };
  const data = createData(value.dtype, elementCount(value.dims)) as TypedData;
  copyChannels(value.dims, place.pixelStride, (planar, last) => {
    data[planar] = source[last] as never;
  });
  return { dtype: value.dtype, dims: value.dims, data };
}

/** The tensor's bytes where they lie, for a reader that lets go of it before memory can grow. */
export function viewTensor(
  memory: WebAssembly.Memory,
  address: number,
  value: PlannedValue,
  place: MemoryPlace,
): TensorData {
  if (place.layout !== "rowMajor") return readTensor(memory, address, value, place);
  return { dtype: value.dtype, dims: value.dims, data: viewAt(memory, address, value, place) };
}

function viewAt(
  memory: WebAssembly.Memory,
  address: number,
  value: PlannedValue,
  place: MemoryPlace,
): TypedData {
  const { view } = dtypeInfo[value.dtype];
  const [batch = 1, , ...image] = value.dims;
  const span = batch * elementCount(image) * place.pixelStride;
  // A channel window of a wider buffer ends with its own last channel.
  const channels = value.dims[1] ?? 0;
  const count =
    place.layout === "rowMajor" ? elementCount(value.dims) : Math.max(0, span - place.pixelStride + channels);
  return (view as NonNullable<typeof view>)(memory.buffer, address, count);
}

function copyChannels(
  dims: readonly number[],
  stride: number,
  copy: (planar: number, last: number) => void,
): void {
  const [batch = 1, channels = 1, ...image] = dims;
  const pixels = elementCount(image);
  let planar = 0;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < pixels; p++) copy(planar++, (n * pixels + p) * stride + c);
    }
  }
}
