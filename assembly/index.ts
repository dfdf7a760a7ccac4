export { f32_gemm, f32_gemm_batch, f32_pack_b } from "./kernels/gemm";
export { f32_conv } from "./kernels/conv";
export { f32_conv_winograd4 } from "./kernels/winograd";
export { f32_dwconv } from "./kernels/dwconv";
export { f32_conv_transpose } from "./kernels/conv_transpose";
export { f32_max_pool, f32_average_pool } from "./kernels/pool";
export { f32_unary, f32_prelu } from "./kernels/unary";
export { f32_binary } from "./kernels/binary";
export { f32_reduce } from "./kernels/reduce";
export { f32_softmax } from "./kernels/softmax";
export {
  f32_scale_shift, f32_scale_shift_rows, f32_layer_norm, f32_instance_norm_rows, f32_instance_norm,
} from "./kernels/normalization";
export { f32_lrn } from "./kernels/lrn";
export { f32_resize_nearest, f32_resize_linear, f32_resize_cubic } from "./kernels/resize";
export { x32_copy, x32_fill, x32_transpose, x32_pad } from "./kernels/copy";
export { f32_lstm_gates } from "./kernels/recurrent";
export { i8_conv } from "./kernels/i8_conv";
export { i8_dwconv } from "./kernels/i8_dwconv";
export { i8_add } from "./kernels/i8_add";
export { i8_max_pool } from "./kernels/i8_pool";
export { f32_quantize, i8_dequantize, f32_range, f32_quantize_dynamic } from "./kernels/quantize";
export { x8_transpose, x8_copy } from "./kernels/x8";

/** First byte of linear memory that the kernels' own static data does not use. */
export function heapBase(): usize {
  return __heap_base;
}
