/** A source of numbers in [0, 1). */
export type Random = () => number;

/**
 * Numbers that follow from the seed alone (https://en.wikipedia.org/wiki/Xorshift, xorshift128 started by a
 * multiplicative hash); without a seed, from one drawn by the engine.
 */
export function randomFrom(seed: number | undefined): Random {
  const bits = new Uint32Array(new Float64Array([seed ?? Math.random()]).buffer);
  const state = new Uint32Array(4);
  let mixed = ((bits[0] as number) ^ Math.imul(bits[1] as number, 0x9e3779b1)) >>> 0;
  for (let i = 0; i < 4; i++) {
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b) + 0x9e3779b9;
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    state[i] = mixed ^ (mixed >>> 16);
  }
  if (state.every((word) => word === 0)) state[0] = 1;
  return () => {
    let t = state[3] as number;
    const s = state[0] as number;
    state[3] = state[2] as number;
    state[2] = state[1] as number;
    state[1] = s;
    t ^= t << 11;
    t ^= t >>> 8;
    state[0] = t ^ s ^ (s >>> 19);
    return (state[0] as number) / 2 ** 32;
  };
}

/** Numbers of the standard normal distribution (Box–Muller). */
export const normal = (random: Random): Random => {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
};

/** `count` numbers, one call each. */
export function draw(count: number, next: Random): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = next();
  return values;
}
