// Curves in a frame.
import { COLORS, line, polyline, rect, svg, text } from "./drawing.mjs";

/**
 * Curves { name, points: [x, y][], dots? } over common axes. `x` and `y` are { label, from?, to?, ticks?, log? }; what is not
 * given follows from the points; `legend` is the corner, "left" or "right", that the curves' names stand in.
 */
export function chart(curves, { title, x = {}, y = {}, width = 460, height = 300, legend = "left" } = {}) {
  const box = { left: 58, top: title === undefined ? 16 : 36, right: width - 16, bottom: height - 44 };
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
    curves.length < 2 ? [] : curves.map(({ name }, i) => entry(name, i, box, legend)),
  ]);
}

/** A curve's colour and name, in a corner at the top. */
function entry(name, i, box, corner) {
  const [left, top] = [corner === "left" ? box.left + 8 : box.right - 178, box.top + 8 + i * 18];
  return [
    rect(left, top, 170, 18, { fill: "rgba(255,255,255,0.8)" }),
    line(left + 4, top + 9, left + 24, top + 9, { stroke: COLORS[i % COLORS.length], thick: 3 }),
    text(left + 30, top + 13, name, { size: 11 }),
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
