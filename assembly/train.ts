// The training kernels: a module of their own beside the main one, on the same memory. Nothing here may need static
// data, which would lie where the main module's lies.
export * from "./kernels/train/update";
