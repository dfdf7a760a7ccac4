// The kernels inside the browser's bundle: the plain build as a string, the relaxed build as its difference from the plain one.
// The two builds share most functions, and one character per byte compresses better than base64.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MIN_MATCH = 8;
const MAX_CANDIDATES = 200;

const build = (name) => fileURLToPath(new URL(`../build/kernels.${name}.wasm`, import.meta.url));

/** What a string literal holds as it is, in one byte of UTF-8: printable ASCII, and what of it must be written otherwise. */
const PRINTABLE = Array.from({ length: 95 }, (_, i) => 32 + i);
const ESCAPED = [..."\"$'\\`"].map((character) => character.charCodeAt(0));

/** Source text of the module `#kernels-text`; `src/runtime/embedded-text.ts` undoes it. */
export function kernelsModule() {
  const plain = readFileSync(build("plain"));
  const relaxedDelta = difference(plain, readFileSync(build("relaxed")));
  const printable = printableBytes(Buffer.concat([plain, relaxedDelta]));
  const strings = {
    printable: String.fromCharCode(...printable.map((byte) => 256 + byte)),
    plain: text(plain, printable),
    relaxedDelta: text(relaxedDelta, printable),
  };
  return Object.entries(strings)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
    .join("");
}

/** The byte that each printable character stands for: the commonest ones; 0 at the characters that would be escaped. */
function printableBytes(bytes) {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte]++;
  const common = [...counts.keys()]
    .sort((a, b) => counts[b] - counts[a])
    .slice(0, PRINTABLE.length - ESCAPED.length)
    .sort((a, b) => a - b);
  return PRINTABLE.map((code) => (ESCAPED.includes(code) ? 0 : common.shift()));
}

/** One character per byte: the printable one that stands for it, else the one 256 up. */
function text(bytes, printable) {
  const characters = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(256 + byte));
  printable.forEach((byte, i) => {
    if (!ESCAPED.includes(PRINTABLE[i])) characters[byte] = String.fromCharCode(PRINTABLE[i]);
  });
  return Array.from(bytes, (byte) => characters[byte]).join("");
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
