// The kernels inside the browser's bundle: the plain build as a string, the relaxed build as its difference from the plain one.
// The two builds share most functions, and one character per byte compresses better than base64.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MIN_MATCH = 8;
const MAX_CANDIDATES = 200;

const build = (name) => fileURLToPath(new URL(`../build/kernels.${name}.wasm`, import.meta.url));

/** Source text of the module `#kernels-text`; `src/runtime/embedded-text.ts` undoes it. */
export function kernelsModule() {
  const plain = readFileSync(build("plain"));
  const relaxed = readFileSync(build("relaxed"));
  return `export const plain = ${literal(plain)};\nexport const relaxedDelta = ${literal(difference(plain, relaxed))};\n`;
}

/** A string literal of one character per byte: characters a literal would escape are moved up by 256. */
function literal(bytes) {
  let text = "";
  for (const byte of bytes) {
    const awkward =
      byte < 32 || byte === 34 || byte === 36 || byte === 39 || byte === 92 || byte === 96 || byte === 127;
    text += String.fromCharCode(awkward ? byte + 256 : byte);
  }
  return JSON.stringify(text);
}

/**
 * The length of `target`, then `target` as a list of (literal bytes, copy from `base`): the count of literal bytes and the bytes, the count of bytes
 * to copy, and how far the copy starts from where the last one ended (zigzag). Counts are LEB128.
 */
function difference(base, target) {
  const places = new Map();
  for (let at = 0; at + MIN_MATCH <= base.length; at++) {
    const key = base.toString("latin1", at, at + MIN_MATCH);
    const list = places.get(key);
    if (list === undefined) places.set(key, [at]);
    else if (list.length < MAX_CANDIDATES) list.push(at);
  }
  const out = [];
  const number = (value) => {
    let rest = value;
    do {
      out.push((rest & 127) | (rest > 127 ? 128 : 0));
      rest >>>= 7;
    } while (rest > 0);
  };
  number(target.length);
  let pending = [];
  let expected = 0;
  for (let at = 0; at < target.length; ) {
    let length = 0;
    let from = 0;
    // Where the last copy ended, give or take the literals since, is the cheapest place to go on.
    const candidates = [
      expected + pending.length,
      ...(places.get(target.toString("latin1", at, at + MIN_MATCH)) ?? []),
    ];
    for (const place of candidates) {
      let run = 0;
      while (at + run < target.length && place + run < base.length && base[place + run] === target[at + run])
        run++;
      if (run > length) [length, from] = [run, place];
    }
    if (length < MIN_MATCH) {
      pending.push(target[at++]);
      continue;
    }
    number(pending.length);
    out.push(...pending);
    number(length);
    const jump = from - expected;
    number(jump < 0 ? -2 * jump - 1 : 2 * jump);
    expected = from + length;
    at += length;
    pending = [];
  }
  number(pending.length);
  out.push(...pending);
  return Uint8Array.from(out);
}

/** Lets esbuild find `#kernels-text`. */
export const kernelsPlugin = {
  name: "kernels",
  setup(build) {
    build.onResolve({ filter: /^#kernels-text$/ }, () => ({ path: "kernels", namespace: "kernels" }));
    build.onLoad({ filter: /.*/, namespace: "kernels" }, () => ({ contents: kernelsModule(), loader: "js" }));
  },
};

/** Fields that src/onnx/decode.ts does not read: they are skipped, as those of later versions are. */
const UNREAD =
  /message\.(trainingInfo|quantizationAnnotation|valueInfo|docString|modelVersion|segment|sparseTensors?|typeProtos|tp|graphs|denotation)\b/;

/** Leaves out of onnx-proto what a reader never calls; its generated code gives bundlers no way to see that. */
export const decodeOnlyPlugin = {
  name: "decode-only",
  setup(build) {
    // What protobufjs writes with, and its remote calls: asked for at start, never used.
    build.onLoad({ filter: /protobufjs[\\/]src[\\/](writer|writer_buffer|rpc)\.js$/ }, () => ({
      contents: "module.exports = { _configure() {} };",
      loader: "js",
    }));
    // Written for engines without typed arrays, too; wasm is little-endian wherever it runs.
    build.onLoad({ filter: /@protobufjs[\\/]float[\\/]index\.js$/ }, () => ({
      contents: `const bytes = new Uint8Array(8);
        const reader = (view, size) => (from, at) => {
          for (let i = 0; i < size; i++) bytes[i] = from[at + i];
          return view[0];
        };
        exports.readFloatLE = reader(new Float32Array(bytes.buffer), 4);
        exports.readDoubleLE = reader(new Float64Array(bytes.buffer), 8);`,
      loader: "js",
    }));
    build.onLoad({ filter: /onnx-proto[\\/]dist[\\/]onnx\.js$/ }, ({ path }) => ({
      contents: decodeOnly(readFileSync(path, "utf8")),
      loader: "js",
    }));
  },
};

export function decodeOnly(source) {
  const unused = "verify|fromObject|toObject|encode|encodeDelimited|decodeDelimited|create|getTypeUrl";
  return (
    source
      .replace(new RegExp(`^( +)(\\w+)\\.(${unused}) = function[\\s\\S]*?^\\1};\\n`, "gm"), "")
      .replace(/^( +)(\w+)\.prototype\.toJSON = function[\s\S]*?^\1};\n/gm, "")
      // The decoder takes what is absent for its default by itself; only `create` gives properties.
      .replace(/^ +\w+\.prototype\.\w+ = [^;{]*;\n/gm, "")
      .replace(/^( +)Object\.defineProperty\(\w+\.prototype, [\s\S]*?^\1}\);\n/gm, "")
      .replace(/^( +)if \(properties\)\n[\s\S]*?= properties\[keys\[i\]\];\n/gm, "")
      .replace(/^( +)case \d+:\n(?:\1 {4}.*\n)*?\1 {4}break;\n/gm, (field) =>
        UNREAD.test(field) ? "" : field,
      )
      .replace(
        /^( +)(?:onnx|TensorProto)\.(?:TrainingInfoProto|TensorAnnotation|Segment) = \(function[\s\S]*?^\1}\)\(\);\n/gm,
        "",
      )
  );
}
