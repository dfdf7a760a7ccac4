// GFLOP/s of the kernels at real layer shapes, beside what a register-only loop reaches in the same process:
//   taskset -c 1 node --experimental-wasm-relaxed-simd bench/kernels/run.mjs
//     gemm|conv|winograd|dwconv|conv_transpose|all [--simd plain|relaxed] [--kernels FILE] [--only TEXT]
//     [--tfjs] [--json FILE]
// --tfjs puts tfjs-backend-wasm beside, in turns in the same process.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compileProbe, startProbe } from "./probe.mjs";
import { summarize } from "./summary.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    simd: { type: "string", default: "relaxed" },
    kernels: { type: "string" },
    only: { type: "string", default: "" },
    tfjs: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const family = positionals[0] ?? "gemm";
const file = options.kernels ?? new URL(`../../build/kernels.${options.simd}.wasm`, import.meta.url);
const memory = new WebAssembly.Memory({ initial: 4096 });
const { instance } = await WebAssembly.instantiate(readFileSync(file), { env: { memory, abort: () => {} } });
const kernels = instance.exports;

let top = 0;
/** The address of `count` uniform floats. */
function place(count) {
  const pointer = top;
  top = (pointer + count * 4 + 4096) & ~63;
  if (top > memory.buffer.byteLength) memory.grow((top - memory.buffer.byteLength + 65535) >> 16);
  const values = new Float32Array(memory.buffer, pointer, count);
  for (let i = 0; i < count; i++) values[i] = Math.random() - 0.5;
  return pointer;
}

/** The address of a SpatialShape of square images. */
function spatial(size, inC, outC, kernel, stride, pad, dilation, group, out) {
  const pointer = place(18);
  const fields = [
    1,
    size,
    size,
    inC,
    inC,
    out,
    out,
    outC,
    outC,
    kernel,
    kernel,
    stride,
    stride,
    pad,
    pad,
    dilation,
    dilation,
    group,
  ];
  new Int32Array(memory.buffer, pointer, 18).set(fields);
  return pointer;
}

const outSize = (size, kernel, stride, pad, dilation) =>
  Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
const panels = (n) => Math.ceil(n / 8) * 8;

/** For each family: the multiply-adds of a shape, and a call of the kernel. ReLU6 and bias, as fused in real graphs. */
const families = {
  gemm(m, n, k) {
    const [a, b, bias, c, scratch] = [place(m * k), place(panels(n) * k), place(n), place(m * n), place(960)];
    return [m * n * k, () => kernels.f32_gemm(a, k, b, c, n, m, n, k, bias, 0, 0, 2, 0, 6, scratch, 0, 1)];
  },
  conv(size, inC, outC, kernel, stride, pad, group) {
    const out = outSize(size, kernel, stride, pad, 1);
    const k = (kernel * kernel * inC) / group;
    const shape = spatial(size, inC, outC, kernel, stride, pad, 1, group, out);
    const [x, w] = [place(size * size * inC), place(group * panels(outC / group) * k)];
    const [bias, y] = [place(outC), place(out * out * outC)];
    const scratch = place(1024 + Math.max(24 * k, Math.min(120 * k, 163840)));
    return [out * out * outC * k, () => kernels.f32_conv(shape, x, w, bias, 0, 0, y, 2, 0, 6, scratch, 0, 1)];
  },
  winograd(size, inC, outC) {
    const shape = spatial(size, inC, outC, 3, 1, 1, 1, 1, size);
    const [x, w] = [place(size * size * inC), place(panels(outC) * 36 * inC)];
    const [bias, y] = [place(outC), place(size * size * outC)];
    const scratch = place(2304 + 36 * (60 * (inC + 12) + 64));
    return [
      size * size * outC * 9 * inC,
      () => kernels.f32_conv_winograd4(shape, x, w, bias, 0, 0, y, 2, 0, 6, scratch, 0, 1),
    ];
  },
  dwconv(size, channels, kernel, stride, pad, dilation = 1) {
    const out = outSize(size, kernel, stride, pad, dilation);
    const shape = spatial(size, channels, channels, kernel, stride, pad, dilation, channels, out);
    const [x, w] = [place(size * size * channels), place(kernel * kernel * channels)];
    const [bias, y] = [place(channels), place(out * out * channels)];
    return [
      out * out * channels * kernel ** 2,
      () => kernels.f32_dwconv(shape, x, w, bias, 0, 0, y, 2, 0, 6, 0, 1),
    ];
  },
  conv_transpose(size, inC, outC, kernel, stride, pad) {
    const out = (size - 1) * stride + kernel - 2 * pad;
    const shape = spatial(size, inC, outC, kernel, stride, pad, 1, 1, out);
    const n = panels(kernel * kernel * outC);
    const [x, w, bias, y] = [place(size * size * inC), place(n * inC), place(outC), place(out * out * outC)];
    const scratch = place(1024 + Math.max(24 * n, Math.min(120 * n, 163840)));
    return [
      size * size * inC * kernel ** 2 * outC,
      () => kernels.f32_conv_transpose(shape, x, w, bias, y, 2, 0, 6, scratch, 0, 1),
    ];
  },
};

const ROUNDS = 30;

/** Milliseconds of the best of many short runs of each call, in turns. */
function time(calls) {
  const timed = calls.map((call) => {
    const warmUntil = performance.now() + 30;
    for (let i = 0; i < 8 || performance.now() < warmUntil; i++) call();
    const once = performance.now();
    call();
    const repeats = Math.max(1, Math.ceil(2 / (performance.now() - once)));
    return { call, repeats, best: Number.POSITIVE_INFINITY };
  });
  for (let round = 0; round < ROUNDS; round++) {
    for (const one of timed) {
      const start = performance.now();
      for (let i = 0; i < one.repeats; i++) one.call();
      one.best = Math.min(one.best, (performance.now() - start) / one.repeats);
    }
  }
  return timed.map(({ best }) => best);
}

/** The lines of a family's file of shapes: name, then sizes. */
const shapesOf = (family) =>
  readFileSync(new URL(`shapes/${family}.txt`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#") && line.includes(options.only))
    .map((line) => line.split(" "))
    .map(([name, ...sizes]) => ({ family, name, sizes: sizes.map(Number) }));

const limit = await startProbe(await compileProbe(options.simd));
const peers = options.tfjs ? (await import("./tfjs.mjs")).openTfjs() : undefined;
const shapes = (family === "all" ? Object.keys(families) : [family]).flatMap(shapesOf);
const rows = [];
console.log(`${family}, ${options.simd}, probe ${limit(12).toFixed(1)} GF`);
for (const { family: of, name, sizes } of shapes) {
  top = (kernels.heapBase() + 63) & ~63;
  const [macs, call] = families[of](...sizes);
  const peer = (await peers)?.[of](...sizes);
  const [ms, peerMs] = time(peer === undefined ? [call] : [call, peer.call]);
  peer?.release();
  const row = { family: of, name, sizes, macs, ms, limit: limit(12), ...(peer && { tfjs_ms: peerMs }) };
  rows.push(row);
  const rate = (2 * macs) / ms / 1e6;
  const beside =
    peer === undefined
      ? ""
      : `  tfjs ${((2 * macs) / peerMs / 1e6).toFixed(1).padStart(6)} GF  ${(peerMs / ms).toFixed(2)}×`;
  console.log(
    `${name.padEnd(28)} ${rate.toFixed(1).padStart(6)} GF ${((100 * rate) / row.limit).toFixed(0).padStart(4)} %${beside}`,
  );
}
for (const line of summarize(rows)) console.log(line);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows)}\n`);
