// Packs bytes for assembly/unpack.ts: they become literal bytes and copies of what came before, and each bit of those is
// coded by how likely it is where it stands: by its context.

const MAX_CANDIDATES = 3000;
const LONGEST = 1 << 12;
/** Of a copy longer than this only its full length is considered. */
const LONG = 300;
/** The choice of copies is made so often, each time by what the bits of the last one cost. */
const ROUNDS = 6;

// ── The format ────────────────────────────────────────────────────────────────────────────────────────────────────

/** The kinds of pieces. A copy is from elsewhere, or from as far back as the last one. */
const [BYTE, COPY, COPY_AGAIN] = [0, 1, 2];

const BYTES = 256;
/** A number, from 1 on: how many binary digits stand behind its first, then these, of which the uppermost have contexts. */
const NUMBER = 32 + 32 * 16;
const UPPER_DIGITS = 4;

// Where the contexts of each kind begin.
/** Whether a copy follows: by the kind of the last piece, and the last byte. */
const KIND = 0;
/** Whether a copy is from as far back as the last one: by the kind of the last piece. */
const AGAIN = KIND + 3 * BYTES;
/** A literal byte: by the last byte. */
const LITERAL = AGAIN + 3;
/** A literal byte behind a copy, as long as it agrees with what the copy would have gone on with: by that one's bits. */
const BEHIND_COPY = LITERAL + BYTES * BYTES;
/** The length of a copy: from elsewhere (less 1: it has two bytes or more), or from as far back as the last one. */
const LENGTH = BEHIND_COPY + 8 * 2 * BYTES;
/** How far back a copy is from: by its length. */
const DISTANCE = LENGTH + 2 * NUMBER;
const CONTEXTS = DISTANCE + 4 * NUMBER;
/** Of a bit about which nothing is known. */
const EVEN = -1;

const kindContext = (last, before) => KIND + last * BYTES + before;
const lengthContext = (kind) => LENGTH + (kind - COPY) * NUMBER;
const distanceContext = (count) => DISTANCE + (Math.min(count - 1, 4) - 1) * NUMBER;

/** Tells, bit by bit, the uppermost first, what a literal byte is; `expected` is undefined where no copy came before. */
function tellByte(tell, before, expected, byte) {
  let node = 1;
  let alike = expected !== undefined;
  for (let shift = 7; shift >= 0; shift--) {
    const wanted = (expected >> shift) & 1;
    const value = (byte >> shift) & 1;
    const by = alike ? BEHIND_COPY + ((before >> 5) * 2 + wanted) * BYTES : LITERAL + before * BYTES;
    tell(by + node, value);
    alike &&= value === wanted;
    node = node * 2 + value;
  }
}

function tellNumber(tell, base, number) {
  const digits = 31 - Math.clz32(number);
  let node = 1;
  for (let shift = 4; shift >= 0; shift--) {
    const value = (digits >> shift) & 1;
    tell(base + node, value);
    node = node * 2 + value;
  }
  const upper = base + 32 + digits * 16;
  for (let i = 0; i < digits; i++)
    tell(i < UPPER_DIGITS ? upper + (number >> (digits - i)) : EVEN, (number >> (digits - i - 1)) & 1);
}

/** Tells all pieces of the bytes. */
function tellPieces(tell, bytes, pieces) {
  let at = 0;
  let last = BYTE;
  for (const { kind, count, from } of pieces) {
    const before = at === 0 ? 0 : bytes[at - 1];
    tell(kindContext(last, before), kind === BYTE ? 0 : 1);
    if (kind === BYTE) tellByte(tell, before, last === BYTE ? undefined : bytes[at - from], bytes[at]);
    else {
      tell(AGAIN + last, kind === COPY ? 0 : 1);
      tellNumber(tell, lengthContext(kind), kind === COPY ? count - 1 : count);
      if (kind === COPY) tellNumber(tell, distanceContext(count), from);
    }
    at += count;
    last = kind;
  }
}

// ── Packing ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** `bytes`, packed. */
export function pack(bytes) {
  const copies = copiesOf(bytes);
  let told = new Float64Array(2 * CONTEXTS).fill(1);
  let pieces;
  for (let round = 0; round < ROUNDS; round++) {
    pieces = choosePieces(bytes, copies, pricesBy(told));
    told = new Float64Array(2 * CONTEXTS).fill(0.4);
    tellPieces((context, value) => told[2 * context + value]++, bytes, pieces);
  }
  const writer = rangeWriter();
  tellPieces(writer.write, bytes, pieces);
  return writer.end();
}

/** Of each place: the copies that could begin there, as [length, distance], the longer the farther. */
function copiesOf(bytes) {
  const latest = new Int32Array(1 << 16).fill(-1);
  const earlier = new Int32Array(bytes.length);
  return Array.from(bytes, (byte, at) => {
    const key = byte | (bytes[at + 1] << 8);
    const found = [];
    let best = 1;
    let place = at + 1 < bytes.length ? latest[key] : -1;
    for (let tries = 0; place >= 0 && tries < MAX_CANDIDATES; tries++, place = earlier[place]) {
      if (bytes[place + best] !== bytes[at + best]) continue;
      const length = agreement(bytes, at, place);
      if (length > best) {
        found.push([length, at - place]);
        best = length;
      }
    }
    earlier[at] = latest[key];
    latest[key] = at;
    return found;
  });
}

/** How many bytes from two places on are the same. */
function agreement(bytes, at, place) {
  const most = Math.min(LONGEST, bytes.length - at);
  let length = 0;
  while (length < most && bytes[place + length] === bytes[at + length]) length++;
  return length;
}

/** The cheapest pieces: the way to each place that costs least, with the distance that it leaves for copies from again. */
function choosePieces(bytes, copies, prices) {
  const price = new Float64Array(bytes.length + 1).fill(Infinity);
  const kind = new Uint8Array(bytes.length + 1);
  const distance = new Uint32Array(bytes.length + 1);
  const length = new Uint32Array(bytes.length + 1);
  price[0] = 0;
  distance[0] = 1;
  const reach = (to, piece, count, from, cost) => {
    if (cost >= price[to]) return;
    price[to] = cost;
    kind[to] = piece;
    distance[to] = from;
    length[to] = count;
  };
  for (let at = 0; at < bytes.length; at++) {
    const last = kind[at];
    const back = distance[at];
    const before = at === 0 ? 0 : bytes[at - 1];
    const expected = last === BYTE ? undefined : bytes[at - back];
    const literal = price[at] + prices.kind(last, before, BYTE) + prices.byte(before, expected, bytes[at]);
    reach(at + 1, BYTE, 1, back, literal);
    const again = back <= at ? agreement(bytes, at, at - back) : 0;
    const againPrice = price[at] + prices.kind(last, before, COPY_AGAIN);
    for (let count = again > LONG ? again : 1; count <= again; count++)
      reach(at + count, COPY_AGAIN, count, back, againPrice + prices.length(COPY_AGAIN, count));
    const copyPrice = price[at] + prices.kind(last, before, COPY);
    let count = 2;
    for (const [most, from] of copies[at]) {
      if (most > LONG) count = most;
      for (; count <= most; count++) {
        const more = prices.length(COPY, count) + prices.distance(count, from);
        reach(at + count, COPY, count, from, copyPrice + more);
      }
    }
  }
  const pieces = [];
  for (let at = bytes.length; at > 0; at -= length[at])
    pieces.push({ kind: kind[at], count: length[at], from: distance[at] });
  return pieces.reverse();
}

/** What pieces cost, in bits, where so many bits of each kind were told in each context. */
function pricesBy(told) {
  const prices = told.map((count, i) => -Math.log2(count / (count + told[i ^ 1])));
  const bitPrice = (context, value) => (context === EVEN ? 1 : prices[2 * context + value]);
  /** The price of what a call tells. */
  const priceOf = (telling, ...rest) => {
    let sum = 0;
    telling(
      (context, value) => {
        sum += bitPrice(context, value);
      },
      ...rest,
    );
    return sum;
  };
  const bytePrices = new Map();
  const numberPrices = new Map();
  const numberPrice = (context, value) => {
    const known = numberPrices.get(context) ?? new Map();
    numberPrices.set(context, known);
    const price = known.get(value) ?? priceOf(tellNumber, context, value);
    known.set(value, price);
    return price;
  };
  return {
    kind(last, before, kind) {
      const copies = bitPrice(kindContext(last, before), kind === BYTE ? 0 : 1);
      return kind === BYTE ? copies : copies + bitPrice(AGAIN + last, kind === COPY ? 0 : 1);
    },
    byte(before, expected, byte) {
      const key = (before * BYTES + byte) * (BYTES + 1) + (expected ?? BYTES);
      const price = bytePrices.get(key) ?? priceOf(tellByte, before, expected, byte);
      bytePrices.set(key, price);
      return price;
    },
    length: (kind, count) => numberPrice(lengthContext(kind), kind === COPY ? count - 1 : count),
    distance: (count, from) => numberPrice(distanceContext(count), from),
  };
}

/** An adaptive range coder, as `bit` of assembly/unpack.ts undoes it. */
function rangeWriter() {
  const EVEN_CHANCE = 1 << 15;
  // How likely a 1 is, in 65536ths, and how often that has been learnt from.
  const chances = new Uint16Array(CONTEXTS).fill(EVEN_CHANCE);
  const times = new Uint8Array(CONTEXTS);
  const out = [];
  let low = 0;
  let range = 2 ** 31 - 1;
  const shiftOut = () => {
    if (low >= 2 ** 32) {
      low -= 2 ** 32;
      let at = out.length - 1;
      while (out[at] === 255) out[at--] = 0;
      out[at]++;
    }
    out.push(Math.floor(low / 2 ** 24));
    low = (low % 2 ** 24) * 256;
  };
  return {
    write(context, value) {
      const chance = context === EVEN ? EVEN_CHANCE : chances[context];
      const ones = (range >>> 12) * Math.max(chance >> 4, 1);
      if (value === 1) range = ones;
      else {
        low += ones;
        range -= ones;
      }
      if (context !== EVEN) {
        const target = value === 1 ? 0xffff : 0;
        chances[context] = chance + Math.trunc((target - chance) / (times[context] + 2));
        if (times[context] < 20) times[context]++;
      }
      while (range < 1 << 23) {
        range *= 256;
        shiftOut();
      }
    },
    end() {
      for (let i = 0; i < 4; i++) shiftOut();
      return Uint8Array.from(out);
    },
  };
}
