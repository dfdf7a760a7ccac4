// Kernels that only operators outside the browser's default entry use: a module of their own beside the main one, on the
// same memory. Its static data begins at 8192 (asconfig.json), above the main module's; the host leaves it 8192 bytes.
export { f32_lp_pool } from "./kernels/pool";
export { f32_gru_gates } from "./kernels/recurrent";
