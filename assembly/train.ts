// The training kernels: a module of their own beside the main one, on the same memory. Nothing here may need static
// data, which would lie where the main module's lies. The tiles are exported too, though the host never calls them:
// Binaryen inlines a function with one caller, and several of their loops in one function spill (57 -> 30 GF).
export { f32_activation_gradient } from "./kernels/train/activation_gradient";
export {
  bn_sums, bn_centred_squares, f32_channel_moments, f32_batch_norm_finish, bn_gradient_sums,
  f32_batch_norm_gradient_sums, f32_batch_norm_gradient_finish, f32_batch_norm_gradient,
} from "./kernels/train/batch_norm";
export { f32_conv_weight_sums, f32_conv_weight_finish } from "./kernels/train/conv_weight_gradient";
export { f32_softmax_cross_entropy } from "./kernels/train/cross_entropy";
export { f32_dropout_mask } from "./kernels/train/dropout_mask";
export {
  dw_weight_run_1, dw_weight_run_2, dw_weight_run_3, f32_dwconv_weight_sums,
} from "./kernels/train/dwconv_weight_gradient";
export { f32_square_sums, f32_root_of_sums } from "./kernels/train/norm";
export { f32_max_pool_gradient, f32_average_pool_gradient } from "./kernels/train/pool_gradient";
export { f32_sgd_update, f32_adam_update, f32_rms_prop_update } from "./kernels/train/update";
export {
  TILE_DEPTH, weight_tile_1x8, weight_tile_2x8, weight_tile_3x8, weight_tile_4x8, weight_tile_5x8, weight_tile_6x8,
  sumProducts,
} from "./kernels/train/weight_tile";
export { f32_winograd_weights } from "./kernels/train/winograd_weights";
