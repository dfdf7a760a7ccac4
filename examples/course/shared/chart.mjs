// Curves in a frame.
import { COLORS, line, polyline, rect, svg, text } from "./drawing.mjs";

/**
 * Curves { name, points: [x, y][], dots? } over common axes. `x` and `y` are { label, from?, to?, ticks?, log? }; what is not
 * given follows from the points. The names of several curves stand above the frame.
 */
export function chart(curves, { title, x = {}, y = {}, width = 460, height = 300 } = {}) {
  const top = title === undefined ? 16 : 36;
  const names = curves.length < 2 ? [] : legend(curves, 58, width - 16);
  const rows = names.length === 0 ? 0 : names.at(-1).row + 1;
  const box = { left: 58, top: top + 18 * rows, right: width - 16, bottom: height - 44 };
  const points = curves.flatMap((curve) => curve.points);
  const across = axisOf(
    x,
    points.map(([first]) => first),
    box.left,
    box.right,
  );
  const up = axisOf(
    y,
    points.map(([, second]) => second),
    box.bottom,
    box.top,
  );
  return svg(width, height, [
    title === undefined ? [] : text(width / 2, 22, title, { anchor: "middle", size: 14, bold: true }),
    across.ticks.map((tick) => [
      line(across.at(tick), box.top, across.at(tick), box.bottom, { stroke: "#eaeef2" }),
      text(across.at(tick), box.bottom + 16, tickText(tick), { anchor: "middle", size: 11 }),
    ]),
    up.ticks.map((tick) => [
      line(box.left, up.at(tick), box.right, up.at(tick), { stroke: "#eaeef2" }),
      text(box.left - 6, up.at(tick) + 4, tickText(tick), { anchor: "end", size: 11 }),
    ]),
    rect(box.left, box.top, box.right - box.left, box.bottom - box.top, { stroke: "#8c959f" }),
    text((box.left + box.right) / 2, height - 8, x.label ?? "", { anchor: "middle" }),
    `<g transform="translate(14 ${(box.top + box.bottom) / 2}) rotate(-90)">${text(0, 0, y.label ?? "", { anchor: "middle" })}</g>`,
    curves.map(({ points: all, dots = false }, i) => {
      const placed = all.map(([a, b]) => [across.at(a), up.at(b)]);
      const stroke = COLORS[i % COLORS.length];
      return [
        polyline(placed, { stroke }),
        dots
          ? placed.map(
              ([a, b]) => `<circle cx="${a.toFixed(1)}" cy="${b.toFixed(1)}" r="3.5" fill="${stroke}"/>`,
            )
          : [],
      ];
    }),
    names.map((place) => entry(place, top)),
  ]);
}

/** Where names stand in rows between two ends, each behind the one before. */
function legend(curves, left, right) {
  let [at, row] = [left, 0];
  return curves.map(({ name }, i) => {
    const wide = 42 + 6.2 * name.length;
    if (at > left && at + wide > right) [at, row] = [left, row + 1];
    at += wide;
    return { name, row, left: at - wide, color: COLORS[i % COLORS.length] };
  });
}

/** A curve's colour and name. */
function entry({ name, row, left, color }, top) {
  const middle = top + 18 * row;
  return [
    line(left, middle, left + 20, middle, { stroke: color, thick: 3 }),
    text(left + 26, middle + 4, name, { size: 11 }),
  ];
}

/** Where numbers stand between two ends of a frame, and which are written there. */
function axisOf({ from, to, ticks, log = false }, values, start, end) {
  const scale = log ? Math.log10 : (value) => value;
  const low = from ?? Math.min(...values);
  const high = to ?? Math.max(...values);
  const at = (value) =>
    start + ((scale(value) - scale(low)) / (scale(high) - scale(low) || 1)) * (end - start);
  return { at, ticks: ticks ?? [0, 1, 2, 3, 4].map((i) => low + ((high - low) * i) / 4) };
}

const tickText = (value) => {
  const power = Math.log10(value);
  if (value >= 1e4 && Number.isInteger(power))
    return `10${[...String(power)].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join("")}`;
  return String(Number(value.toPrecision(3)));
};
