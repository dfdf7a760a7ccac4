// onnx-proto for what writes models: bundles for browsers carry its encoders here, and in proto.ts its decoders.
export { onnx } from "#onnx-proto-writing";
