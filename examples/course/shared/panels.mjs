// Pictures side by side, each with words above it.
import { image, rect, svg, text } from "./drawing.mjs";

/**
 * A sheet of panels { caption, note?, picture }, of `columns` a row, each picture `width` wide at its own proportions (or
 * `panel.width`). The caption stands above a picture, the note, in smaller letters, below it.
 */
export function panels(items, { columns = items.length, width = 160, title } = {}) {
  const gap = 18;
  const [above, below] = [20, items.some(({ note }) => note !== undefined) ? 18 : 4];
  const start = title === undefined ? gap / 2 : 34;
  const sized = items.map((item) => ({ ...item, high: (width * item.picture.height) / item.picture.width }));
  const rows = Array.from({ length: Math.ceil(items.length / columns) }, (_, row) =>
    sized.slice(row * columns, (row + 1) * columns),
  );
  let top = start;
  const elements = rows.flatMap((row) => {
    const drawn = row.map(({ caption, note, picture, high }, i) => {
      const left = gap + i * (width + gap);
      return [
        text(left + width / 2, top + 13, caption, { anchor: "middle", size: 12, bold: true }),
        image(left, top + above, width, high, picture),
        rect(left, top + above, width, high, { stroke: "#8c959f", thick: 0.5 }),
        note === undefined
          ? []
          : text(left + width / 2, top + above + high + 14, note, { anchor: "middle", size: 11 }),
      ];
    });
    top += above + Math.max(...row.map(({ high }) => high)) + below + gap / 2;
    return drawn;
  });
  const wide = gap + Math.min(columns, items.length) * (width + gap);
  const head =
    title === undefined ? [] : text(wide / 2, 22, title, { anchor: "middle", size: 14, bold: true });
  return svg(wide, top + 4, [head, elements]);
}
