// What the bundles for browsers unpack the other modules with, once each: a module of its own, so that an engine has it
// compiled in no time. scripts/pack.mjs is the other side, and its comments say what is coded how.
const BYTES = 256;
const NUMBER = 32 + 32 * 16;
const UPPER_DIGITS = 4;

const KIND = 0;
const AGAIN = KIND + 3 * BYTES;
const LITERAL = AGAIN + 3;
const BEHIND_COPY = LITERAL + BYTES * BYTES;
const LENGTH = BEHIND_COPY + 8 * 2 * BYTES;
const DISTANCE = LENGTH + 2 * NUMBER;
const CONTEXTS = DISTANCE + 4 * NUMBER;
const EVEN = -1;

const BYTE = 0;
const COPY = 1;
const COPY_AGAIN = 2;

const HALF: u32 = 1 << 15;

// The tables: how likely a 1 is in each context, in 65536ths, and how often that has been learnt from.
const TIMES: usize = 2 * CONTEXTS;

// The range coder, whose range and window are less than 2^31.
let packed: usize = 0;
let range: u32 = 0;
let window: u32 = 0;

/** The bytes that the tables take, from address 0 on. */
export function tableBytes(): i32 {
  return 3 * CONTEXTS;
}

/** Writes to `out` the first `length` bytes of what is packed at `from`; once in a fresh memory. */
export function unpack(from: usize, out: usize, length: i32): void {
  packed = from;
  for (let i = 0; i < CONTEXTS; i++) store<u16>(<usize>i << 1, HALF);
  range = 0x7fffffff;
  window = bswap(load<u32>(from));
  packed += 4;
  const end = out + length;
  let kind = BYTE;
  let distance: usize = 1;
  let before: i32 = 0;
  while (out < end) {
    if (!bit(KIND + kind * BYTES + before)) {
      before = kind == BYTE ? readByte(before, -1) : readByte(before, load<u8>(out - distance));
      store<u8>(out++, before);
      kind = BYTE;
      continue;
    }
    kind = COPY + bit(AGAIN + kind);
    let count = readNumber(LENGTH + (kind - COPY) * NUMBER);
    if (kind == COPY) {
      distance = readNumber(DISTANCE + (min(count, 4) - 1) * NUMBER);
      count++;
    }
    // Where bytes repeat, what is copied is copied again.
    for (; count && out < end; count--, out++) store<u8>(out, load<u8>(out - distance));
    before = load<u8>(out - 1);
  }
}

/** A literal byte; `expected` is what the copy before it would have gone on with, or -1. */
function readByte(before: i32, expected: i32): i32 {
  let node = 1;
  let alike = expected >= 0;
  for (let shift = 7; shift >= 0; shift--) {
    const wanted = (expected >> shift) & 1;
    const value = bit(
      (alike ? BEHIND_COPY + ((before >> 5) * 2 + wanted) * BYTES : LITERAL + before * BYTES) + node,
    );
    alike = alike && value == wanted;
    node = node * 2 + value;
  }
  return node - BYTES;
}

function readNumber(base: i32): i32 {
  let node = 1;
  for (let i = 0; i < 5; i++) node = node * 2 + bit(base + node);
  const digits = node - 32;
  const upper = base + 32 + digits * 16;
  let value = 1;
  for (let i = 0; i < digits; i++) value = value * 2 + bit(i < UPPER_DIGITS ? upper + value : EVEN);
  return value;
}

function bit(context: i32): i32 {
  const chance = <usize>context << 1;
  const now: u32 = context == EVEN ? HALF : load<u16>(chance);
  const ones = (range >> 12) * max(now >> 4, 1);
  const value = window < ones;
  if (value) range = ones;
  else {
    window -= ones;
    range -= ones;
  }
  if (context != EVEN) {
    // A chance moves towards what came, the less the more often it has moved.
    const seen = TIMES + context;
    const times: i32 = load<u8>(seen);
    const target = value ? 0xffff : 0;
    store<u16>(chance, <i32>now + (target - <i32>now) / (times + 2));
    if (times < 20) store<u8>(seen, times + 1);
  }
  while (range < 1 << 23) {
    range <<= 8;
    window = (window << 8) | load<u8>(packed++);
  }
  return value;
}
