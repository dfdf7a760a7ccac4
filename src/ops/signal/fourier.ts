/** Lengths up to this one that are no power of two are summed directly. */
const DIRECT_LENGTH = 32;

/**
 * The discrete Fourier transform of complex numbers, in place and without the inverse's 1/n: radix 2 for powers of two,
 * the plain sum for short lengths, Bluestein's chirp convolution (1970) for the rest.
 */
export function fourier(re: Float64Array, im: Float64Array, inverse: boolean): void {
  const n = re.length;
  if (n < 2) return;
  if ((n & (n - 1)) === 0) radix2(re, im, inverse);
  else if (n <= DIRECT_LENGTH) direct(re, im, inverse);
  else bluestein(re, im, inverse);
}

function direct(re: Float64Array, im: Float64Array, inverse: boolean): void {
  const n = re.length;
  const sign = inverse ? 1 : -1;
  const [a, b] = [re.slice(), im.slice()];
  for (let k = 0; k < n; k++) {
    let [x, y] = [0, 0];
    for (let i = 0; i < n; i++) {
      const angle = (sign * 2 * Math.PI * ((i * k) % n)) / n;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      x += (a[i] as number) * c - (b[i] as number) * s;
      y += (a[i] as number) * s + (b[i] as number) * c;
    }
    re[k] = x;
    im[k] = y;
  }
}

function swapBitReversed(values: Float64Array): void {
  const n = values.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [values[i], values[j]] = [values[j] as number, values[i] as number];
  }
}

function radix2(re: Float64Array, im: Float64Array, inverse: boolean): void {
  const n = re.length;
  swapBitReversed(re);
  swapBitReversed(im);
  for (let half = 1; half < n; half *= 2) {
    for (let k = 0; k < half; k++) {
      const angle = ((inverse ? 1 : -1) * Math.PI * k) / half;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let top = k; top < n; top += 2 * half) {
        const bottom = top + half;
        const x = (re[bottom] as number) * c - (im[bottom] as number) * s;
        const y = (re[bottom] as number) * s + (im[bottom] as number) * c;
        re[bottom] = (re[top] as number) - x;
        im[bottom] = (im[top] as number) - y;
        re[top] = (re[top] as number) + x;
        im[top] = (im[top] as number) + y;
      }
    }
  }
}

/** ik = (i² + k² - (k-i)²)/2 turns the transform into a convolution with a chirp, done at a power of two. */
function bluestein(re: Float64Array, im: Float64Array, inverse: boolean): void {
  const n = re.length;
  const size = 2 ** Math.ceil(Math.log2(2 * n - 1));
  const sign = inverse ? 1 : -1;
  const zeros = () => new Float64Array(size);
  const [cos, sin, aRe, aIm, bRe, bIm] = [zeros(), zeros(), zeros(), zeros(), zeros(), zeros()];
  for (let i = 0; i < n; i++) {
    const angle = (sign * Math.PI * ((i * i) % (2 * n))) / n;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    cos[i] = c;
    sin[i] = s;
    aRe[i] = (re[i] as number) * c - (im[i] as number) * s;
    aIm[i] = (re[i] as number) * s + (im[i] as number) * c;
    bRe[i] = c;
    bIm[i] = -s;
    if (i > 0) {
      bRe[size - i] = c;
      bIm[size - i] = -s;
    }
  }
  radix2(aRe, aIm, false);
  radix2(bRe, bIm, false);
  for (let i = 0; i < size; i++) {
    const [x, y, u, v] = [aRe[i] as number, aIm[i] as number, bRe[i] as number, bIm[i] as number];
    aRe[i] = x * u - y * v;
    aIm[i] = x * v + y * u;
  }
  radix2(aRe, aIm, true);
  for (let i = 0; i < n; i++) {
    const [x, y, c, s] = [aRe[i] as number, aIm[i] as number, cos[i] as number, sin[i] as number];
    re[i] = (x * c - y * s) / size;
    im[i] = (x * s + y * c) / size;
  }
}
