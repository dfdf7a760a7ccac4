import { describe, expect, test } from "vitest";
import { type ColorMapName, paint } from "../../src/inspect/index.ts";

type Rgb = readonly [red: number, green: number, blue: number];

/** The colours of even steps from the least number to the greatest, as a picture has them. */
function rampOf(colors: ColorMapName): readonly Rgb[] {
  const data = Float32Array.from({ length: 101 }, (_, i) => i - 50);
  const painted = paint({ data, width: 101, height: 1 }, { colors }).data;
  return Array.from(
    data,
    (_, i) => [painted[i * 4], painted[i * 4 + 1], painted[i * 4 + 2]] as unknown as Rgb,
  );
}

/** Light of a channel, 0 to 1, of its byte (IEC 61966-2-1). */
const light = (byte: number): number => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};

const toXyz = ([r, g, b]: Rgb): Rgb => [
  0.4124 * r + 0.3576 * g + 0.1805 * b,
  0.2126 * r + 0.7152 * g + 0.0722 * b,
  0.0193 * r + 0.1192 * g + 0.9505 * b,
];

/** CIE 1976 L*, a*, b* of light in red, green and blue. */
function labOf(lights: Rgb): Rgb {
  const [x, y, z] = toXyz(lights);
  const root = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116);
  const [fx, fy, fz] = [root(x / 0.9505), root(y), root(z / 1.089)];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

/** What who lacks a kind of cone sees (Viénot, Brettel and Mollon 1999, in linear light). */
const EYES: Readonly<Record<string, (lights: Rgb) => Rgb>> = {
  "all cones": (lights) => lights,
  "no long ones": ([r, g, b]) => [
    0.11238 * r + 0.88762 * g,
    0.11238 * r + 0.88762 * g,
    0.00401 * r - 0.00401 * g + b,
  ],
  "no middle ones": ([r, g, b]) => [
    0.29275 * r + 0.70725 * g,
    0.29275 * r + 0.70725 * g,
    b - 0.02234 * r + 0.02234 * g,
  ],
};

const seenBy = (eyes: string, color: Rgb): Rgb =>
  labOf((EYES[eyes] as (lights: Rgb) => Rgb)(color.map(light) as unknown as Rgb));
const apart = (a: Rgb, b: Rgb): number => Math.hypot(...a.map((value, i) => value - (b[i] as number)));

describe.each(Object.keys(EYES))("to eyes with %s", (eyes) => {
  test.each(["viridis", "cividis", "gray"] as const)("%s grows in lightness at every step", (colors) => {
    const lightness = rampOf(colors).map((color) => seenBy(eyes, color)[0]);
    for (const [i, value] of lightness.slice(1).entries())
      expect(value).toBeGreaterThan(lightness[i] as number);
    expect((lightness.at(-1) as number) - (lightness[0] as number)).toBeGreaterThan(65);
  });

  test("what is as far below 0 as above differs in diverging colours, and 0 is the lightest", () => {
    const seen = rampOf("diverging").map((color) => seenBy(eyes, color));
    const zero = (seen[50] as Rgb)[0];
    for (let away = 1; away <= 50; away++) {
      const [below, above] = [seen[50 - away] as Rgb, seen[50 + away] as Rgb];
      expect(Math.max(below[0], above[0])).toBeLessThan(zero + 0.01);
      if (away >= 10) expect(apart(below, above)).toBeGreaterThan(15);
    }
  });
});

test.each(["viridis", "cividis"] as const)(
  "%s grows evenly: a tenth of the way is a tenth of the lightness",
  (colors) => {
    const lightness = rampOf(colors).map((color) => seenBy("all cones", color)[0]);
    const [dark, bright] = [lightness[0] as number, lightness.at(-1) as number];
    lightness.forEach((value, i) => {
      expect(Math.abs(value - (dark + ((bright - dark) * i) / 100))).toBeLessThan(2.5);
    });
  },
);
