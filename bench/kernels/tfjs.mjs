// The same convolutions in tfjs-backend-wasm on one thread: bias and ReLU6 fused, as its models have them.

import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/** For each family, a function of a shape's sizes: gives a call and its release, or undefined for what tfjs has not. */
export async function openTfjs() {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  let held = [];
  const random = (...dims) => {
    const tensor = tf.randomUniform(dims, -0.5, 0.5);
    held.push(tensor);
    return tensor;
  };
  const activation = "relu6";
  const once = (op) => ({
    call: () => op().dispose(),
    release() {
      tf.dispose(held);
      held = [];
    },
  });

  const conv = (size, inC, outC, kernel, stride, pad, group = 1) => {
    if (group > 1) return undefined;
    const options = {
      x: random(1, size, size, inC),
      filter: random(kernel, kernel, inC, outC),
      bias: random(outC),
      strides: stride,
      pad,
      activation,
    };
    return once(() => tf.fused.conv2d(options));
  };
  const dense = (m, n, k) => {
    const options = { a: random(m, k), b: random(k, n), bias: random(n), activation };
    return once(() => tf.fused.matMul(options));
  };
  const pointwise = (m, n, k) => {
    const [x, filter, bias] = [random(1, m, 1, k), random(1, 1, k, n), random(n)];
    return once(() => tf.fused.conv2d({ x, filter, bias, strides: 1, pad: 0, activation }));
  };
  return {
    gemm: (m, n, k) => (m < 8 ? dense : pointwise)(m, n, k),
    conv,
    winograd: (size, inC, outC) => conv(size, inC, outC, 3, 1, 1),
    dwconv(size, channels, kernel, stride, pad, dilations = 1) {
      const [x, filter, bias] = [
        random(1, size, size, channels),
        random(kernel, kernel, channels, 1),
        random(channels),
      ];
      return once(() =>
        tf.fused.depthwiseConv2d({ x, filter, bias, strides: stride, pad, dilations, activation }),
      );
    },
    // tfjs has no fused bias and activation here; they are left out.
    conv_transpose(size, inC, outC, kernel, stride, pad) {
      const out = (size - 1) * stride + kernel - 2 * pad;
      const [x, filter] = [random(1, size, size, inC), random(kernel, kernel, outC, inC)];
      return once(() => tf.conv2dTranspose(x, filter, [1, out, out, outC], stride, pad));
    },
  };
}
