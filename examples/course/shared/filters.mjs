// Filters of the eye and of the visual cortex, as planes.
import { mapped, planeFrom, sumOf } from "./planes.mjs";

/**
 * Gabor's filter g(x, y; λ, θ, φ, σ, γ) = exp(−(x′² + γ²y′²) / 2σ²) · cos(2πx′/λ + φ) with x′ = x·cos θ + y·sin θ and
 * y′ = −x·sin θ + y·cos θ: a wave of length λ along θ under a bell of deviation σ, γ times as narrow across. `dx`, `dy` move it
 * from the middle.
 */
export function gabor(size, { wavelength, theta, phase, sigma, gamma, dx = 0, dy = 0 }) {
  const [cos, sin, middle] = [Math.cos(theta), Math.sin(theta), (size - 1) / 2];
  return planeFrom(size, size, (column, row) => {
    const [x, y] = [column - middle - dx, row - middle - dy];
    const [along, across] = [x * cos + y * sin, y * cos - x * sin];
    const bell = Math.exp(-(along ** 2 + (gamma * across) ** 2) / (2 * sigma ** 2));
    return bell * Math.cos((2 * Math.PI * along) / wavelength + phase);
  });
}

/** A centre of deviation `center` that is excited within a surround of deviation `surround` that inhibits; both of volume 1. */
export function differenceOfGaussians(size, { center, surround, dx = 0, dy = 0 }) {
  const middle = (size - 1) / 2;
  const bell = (sigma) => {
    const plane = planeFrom(size, size, (x, y) =>
      Math.exp(-((x - middle - dx) ** 2 + (y - middle - dy) ** 2) / (2 * sigma ** 2)),
    );
    const volume = sumOf(plane);
    return mapped(plane, (value) => value / volume);
  };
  const outer = bell(surround);
  return mapped(bell(center), (value, i) => value - outer.data[i]);
}

/** A filter less its mean, so that even light leaves it cold. */
export function withoutMean(plane) {
  const mean = sumOf(plane) / plane.data.length;
  return mapped(plane, (value) => value - mean);
}
