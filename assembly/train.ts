// The training kernels: a module of their own beside the main one, on the same memory. Nothing here may need static
// data, which would lie where the main module's lies. The tiles are exported too, though the host never calls them:
// Binaryen inlines a function with one caller, and several of their loops in one function spill (57 -> 30 GF).
export * from "./kernels/train/activation_gradient";
export * from "./kernels/train/batch_norm";
export * from "./kernels/train/conv_weight_gradient";
export * from "./kernels/train/cross_entropy";
export * from "./kernels/train/dropout_mask";
export * from "./kernels/train/dwconv_weight_gradient";
export * from "./kernels/train/norm";
export * from "./kernels/train/pool_gradient";
export * from "./kernels/train/update";
export * from "./kernels/train/weight_tile";
export * from "./kernels/train/winograd_weights";
