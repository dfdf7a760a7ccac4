// Draws models/lighthouse.png, the picture that the demos and the command line's examples look at: a lighthouse on a
// headland at evening. Everything is computed here, 320×240, four by four samples a pixel.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";

const WIDTH = 320;
const HEIGHT = 240;
const SAMPLES = 4;
const HORIZON = 150;
const SUN = { x: 86, y: 126, radius: 17 };
const TOWER = { x: 232, top: 62, bottom: 168 };

const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));
const smooth = (from, to, value) => {
  const t = clamp((value - from) / (to - from));
  return t * t * (3 - 2 * t);
};
const mix = (a, b, t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
const known = new Map();
function hex(text) {
  let color = known.get(text);
  if (color === undefined) {
    color = [0, 2, 4].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
    known.set(text, color);
  }
  return color;
}

/** The colour at t between stops [position, colour], in order. */
function gradient(stops, t) {
  const next = stops.findIndex(([at]) => at >= t);
  if (next === 0) return stops[0][1];
  if (next < 0) return stops.at(-1)[1];
  const [[from, a], [to, b]] = [stops[next - 1], stops[next]];
  return mix(a, b, (t - from) / (to - from));
}

/** A wavy line: sums of sines, each [height, length, phase]. */
const wave = (x, parts) =>
  parts.reduce((sum, [size, length, phase]) => sum + size * Math.sin(x / length + phase), 0);

const SKY = [
  [0, hex("27386b")],
  [0.35, hex("6a5b95")],
  [0.62, hex("d97f86")],
  [0.84, hex("f7b07a")],
  [1, hex("fde0a0")],
];
const SEA = [
  [0, hex("e9ab86")],
  [0.12, hex("a77d92")],
  [0.45, hex("4c5c8c")],
  [1, hex("223659")],
];
const CLOUDS = [
  // x, y, width, height
  [50, 44, 46, 6],
  [80, 39, 30, 7],
  [104, 45, 34, 5],
  [168, 82, 40, 4],
  [196, 78, 26, 5],
  [282, 36, 40, 6],
  [262, 32, 22, 6],
  [306, 72, 30, 3.5],
  [20, 92, 36, 3.5],
];

function sky(x, y) {
  let color = gradient(SKY, y / HORIZON);
  const distance = Math.hypot(x - SUN.x, y - SUN.y);
  color = mix(color, hex("fff0b8"), 0.75 * Math.exp(-distance / 34));
  color = mix(color, hex("fffbe6"), 1 - smooth(SUN.radius - 0.5, SUN.radius + 0.5, distance));
  for (const [cx, cy, width, height] of CLOUDS) {
    const dy = (y - cy) / height;
    const reach = Math.hypot((x - cx) / width, dy * (dy > 0 ? 1.8 : 1));
    const lit = mix(hex("f6c3a8"), hex("8f74a0"), clamp(0.5 + dy * 0.5));
    color = mix(color, lit, 0.8 * (1 - smooth(0.55, 1, reach + 0.06 * wave(x, [[1, 2.6, cx]]))));
  }
  return mix(color, hex("fff3c4"), beam(x, y));
}

/** How much of the lantern's light stands in the air there. */
function beam(x, y) {
  const [dx, dy] = [TOWER.x - x, y - (TOWER.top + 7)];
  if (dx <= 0) return 0;
  const across = Math.abs(dy + dx * 0.16) / (2 + dx * 0.13);
  return 0.5 * (1 - smooth(0.3, 1, across)) * Math.exp(-dx / 110);
}

function sea(x, y) {
  const depth = (y - HORIZON) / (HEIGHT - HORIZON);
  const ripple = wave(x + 40 * wave(y, [[1, 3.1, 0]]), [
    [0.5, 9 + 30 * depth, y * 1.7],
    [0.5, 5 + 14 * depth, y * 2.9],
  ]);
  let color = gradient(SEA, depth + 0.035 * ripple);
  const path = Math.abs(x - SUN.x + 5 * ripple * depth) / (9 + 42 * depth);
  const bands = 0.5 + 0.5 * Math.sin(26 * Math.sqrt(depth) * 3.2 + ripple * 2.2);
  color = mix(color, hex("ffe3a6"), (1 - smooth(0.25, 1, path)) * (0.3 + 0.6 * bands) * (1 - 0.55 * depth));
  return color;
}

const hillFar = (x) =>
  HORIZON -
  13 -
  wave(x, [
    [6, 31, 0.6],
    [3, 13, 2],
  ]) -
  10 * smooth(110, 320, x);
const hillNear = (x) =>
  HORIZON -
  3 -
  wave(x, [
    [4, 24, 3.4],
    [2, 9, 1],
  ]) -
  9 * smooth(180, 330, x) +
  26 * (1 - smooth(120, 190, x));
const headland = (x) =>
  246 -
  78 * smooth(112, 214, x) -
  wave(x, [
    [2.2, 17, 1],
    [1, 6.3, 0.4],
  ]) +
  9 * smooth(262, 330, x);

function land(x, y) {
  const below = y - headland(x);
  const grass = gradient(
    [
      [0, hex("a8b45c")],
      [0.14, hex("6d9050")],
      [0.5, hex("3f6a4c")],
      [1, hex("284a45")],
    ],
    below / 74,
  );
  const blades = 0.07 * Math.sin(x * 2.3 + 3 * Math.sin(y * 0.9)) * Math.sin(y * 1.4 + x * 0.6);
  let color = mix(grass, hex("d6c47a"), clamp(blades + 0.03));
  // The path from the door to the lower right corner.
  const middle = 231 + 30 * smooth(164, 240, y) + 7 * Math.sin((y - 168) / 15);
  const half = 2.2 + (y - 166) * 0.11;
  if (y > 167) color = mix(color, hex("dcc393"), 0.9 * (1 - smooth(half - 1, half, Math.abs(x - middle))));
  // Bare rock towards the sea; grass hangs over its upper edge and creeps down before it.
  const edge =
    198 -
    0.52 * below +
    wave(y, [
      [4, 5.2, 0],
      [2.5, 2.3, 1],
    ]);
  const strata = wave(y + 0.35 * x + wave(x, [[1.5, 4.1, 0]]), [
    [0.16, 2.7, 0],
    [0.1, 1.3, 2],
  ]);
  const rock = mix(hex("85696a"), hex("3b3a50"), clamp(0.1 + below / 60 + strata));
  const overhang =
    3 +
    wave(x, [
      [1.2, 2.1, 0],
      [0.8, 0.9, 1],
    ]);
  return mix(
    color,
    rock,
    (1 - smooth(edge - 5, edge + 3, x)) * smooth(overhang - 0.6, overhang + 0.6, below),
  );
}

/** Light from the left: brightest a little inside the left edge, dark at the right one. */
const ROUND = [
  [-1, 0.86],
  [-0.55, 1.04],
  [0.2, 0.84],
  [1, 0.52],
].map(([at, light]) => [at, [light, light, light]]);
const round = (across) => gradient(ROUND, across)[0];
const shaded = (color, light) => color.map((value) => clamp(value * light, 0, 255));

/** The lighthouse; undefined beside it. */
function tower(x, y) {
  const dx = x - TOWER.x;
  const { top, bottom } = TOWER;
  const inside = (half, from, to) => Math.abs(dx) <= half && y >= from && y < to;
  if (inside(0.7, top - 16, top - 8)) return hex("3b3447");
  if (y >= top - 8 && y < top && Math.abs(dx) <= 9 * Math.sqrt((y - top + 8) / 8)) {
    return shaded(hex("b8323a"), round(dx / 9));
  }
  if (inside(9.5, top, top + 1.6)) return shaded(hex("8e2731"), round(dx / 9.5));
  if (inside(7, top + 1.6, top + 14)) {
    const bar = Math.abs(((dx + 7) % 3.5) - 1.75) > 1.4 || Math.abs(y - top - 7.8) < 0.35;
    const glow = mix(hex("fffbe0"), hex("f6b34c"), clamp(Math.hypot(dx, y - top - 7.5) / 8));
    return bar ? hex("54404a") : glow;
  }
  if (inside(13, top + 17.6, top + 20)) return shaded(hex("4a4152"), round(dx / 13));
  if (inside(13, top + 12.4, top + 13.2)) return hex("4a4152");
  if (inside(13, top + 13.2, top + 17.6) && Math.abs(((dx + 13) % 3.25) - 1.6) > 1.3) return hex("4a4152");
  if (inside(7.4, top + 14, top + 17.6)) return shaded(hex("e9e2d6"), round(dx / 7.4));
  if (y < top + 20 || y >= bottom + 2) return undefined;
  const t = (y - top - 20) / (bottom - top - 20);
  const half = 9 + 6.5 * t ** 1.25;
  if (Math.abs(dx) > half || y > bottom + 1.8 - (dx / half) ** 2 * 2.4) return undefined;
  const across = dx / half;
  // Bands sag towards the middle, as they do on a round tower seen from below its lamp.
  const band = Math.floor(Math.min(t, 0.999) * 5 - 0.07 * Math.sqrt(1 - across ** 2)) % 2 === 1;
  const paint = shaded(band ? hex("cf3a3f") : hex("fbf3e6"), round(across));
  for (const at of [0.13, 0.5]) {
    const [wx, wy] = [(dx + 1.5) / 2, (y - (top + 20 + at * (bottom - top - 20))) / 3.2];
    if (Math.abs(wx) < 1 && wy > -1 - 0.6 * Math.sqrt(1 - wx ** 2) && wy < 1) return hex("3d4468");
  }
  const [wx, wy] = [(dx + 1) / 3.4, bottom + 0.6 - y];
  if (Math.abs(wx) < 1 && wy < 9 + 3 * Math.sqrt(1 - wx ** 2))
    return wy > 8.6 && wy < 9.2 ? hex("3c2731") : hex("5b3a3c");
  return paint;
}

/** The keeper's house to the right of the tower; undefined beside it. */
function house(x, y) {
  const [left, right, eaves, ridge] = [256, 296, 158, 144];
  const ground = 174;
  if (x >= 284 && x < 289 && y >= ridge - 7 && y < eaves - 6)
    return y < ridge - 5 ? hex("5a3f49") : hex("9c6a60");
  const lean = ((eaves - y) / (eaves - ridge)) * 7;
  if (y >= ridge && y < eaves && x >= left - 3 + lean && x < right + 3 - lean) {
    const tile = Math.abs((y - ridge) % 3.5) < 0.6 ? 0.86 : 1;
    return shaded(hex("b0524a"), tile * (1.02 - (0.3 * (x - left)) / (right - left)));
  }
  if (x < left || x >= right || y < eaves || y >= ground) return undefined;
  for (const at of [left + 6, right - 14]) {
    const [wx, wy] = [x - at, y - eaves - 4];
    if (wx >= 0 && wx < 8 && wy >= 0 && wy < 7) {
      return Math.abs(wx - 4) < 0.5 || Math.abs(wy - 3.5) < 0.5 ? hex("7c5a52") : hex("ffd98a");
    }
  }
  return shaded(hex("f1e4d0"), (y < eaves + 1.5 ? 0.72 : 1) * (1.02 - (0.28 * (x - left)) / (right - left)));
}

/** A sailing boat on the sun's path; undefined beside it. */
function boat(x, y) {
  const [dx, dy] = [x - 122, y - 172];
  if (dy >= 0 && dy < 4.5 && dx > -11 + dy * 0.9 && dx < 12 - dy * 1.3)
    return dy < 1 ? hex("f0ddc8") : hex("6d3f45");
  if (Math.abs(dx) < 0.45 && dy > -29 && dy < 0) return hex("4b3940");
  if (dx > 0.9 && dy < -2 && dy > -28 && dx < 0.9 + (dy + 28) * 0.4)
    return mix(hex("fffaf0"), hex("e9bfa2"), dx / 11);
  if (dx < -0.9 && dy < -2 && dy > -24 && -dx < 0.9 + (dy + 24) * 0.38)
    return mix(hex("f3cdb0"), hex("c98f8c"), -dx / 9);
  return undefined;
}

const GULLS = [
  // x, y, size
  [150, 56, 6],
  [168, 48, 4.5],
  [136, 68, 4],
];

function gull(x, y) {
  return GULLS.some(([gx, gy, size]) => {
    const t = Math.abs(x - gx) / size;
    const wing = gy - size * 0.55 * Math.sin(Math.PI * t ** 0.8) + size * 0.22 * t;
    return t <= 1 && Math.abs(y - wing) < 0.75 * (1.1 - t);
  })
    ? hex("3c3a5c")
    : undefined;
}

function colorAt(x, y) {
  const built = (y < headland(x) + 14 && (tower(x, y) ?? house(x, y))) || undefined;
  if (built !== undefined) return built;
  if (y >= headland(x)) return land(x, y);
  const flying = boat(x, y) ?? gull(x, y);
  if (flying !== undefined) return flying;
  if (y >= HORIZON) return sea(x, y);
  if (y >= hillNear(x)) return mix(hex("5a5d80"), hex("7f7590"), smooth(hillNear(x), HORIZON, y));
  if (y >= hillFar(x)) return mix(hex("8b7fa6"), hex("c99aa0"), smooth(hillFar(x), HORIZON, y));
  return sky(x, y);
}

export function drawPicture() {
  const png = new PNG({ width: WIDTH, height: HEIGHT });
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const sum = [0, 0, 0];
      for (let s = 0; s < SAMPLES ** 2; s++) {
        const color = colorAt(
          x + ((s % SAMPLES) + 0.5) / SAMPLES,
          y + (Math.floor(s / SAMPLES) + 0.5) / SAMPLES,
        );
        for (let c = 0; c < 3; c++) sum[c] += color[c];
      }
      png.data.set([...sum.map((value) => Math.round(value / SAMPLES ** 2)), 255], (y * WIDTH + x) * 4);
    }
  }
  return PNG.sync.write(png, { colorType: 2, deflateLevel: 9 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(fileURLToPath(new URL("../models/lighthouse.png", import.meta.url)), drawPicture());
}
