export * from "./kernels/gemm";
export * from "./kernels/conv";
export * from "./kernels/winograd";
export * from "./kernels/dwconv";
export * from "./kernels/conv_transpose";
export * from "./kernels/pool";
export * from "./kernels/unary";
export * from "./kernels/binary";
export * from "./kernels/reduce";
export * from "./kernels/softmax";
export * from "./kernels/normalization";
export * from "./kernels/resize";
export * from "./kernels/copy";
export * from "./kernels/recurrent";
export * from "./kernels/i8_conv";
export * from "./kernels/i8_dwconv";
export * from "./kernels/i8_add";
export * from "./kernels/i8_pool";
export * from "./kernels/quantize";
export * from "./kernels/x8";

/** First byte of linear memory that the kernels' own static data does not use. */
export function heapBase(): usize {
  return __heap_base;
}
