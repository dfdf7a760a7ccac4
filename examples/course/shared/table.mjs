// Rows as text in columns.

/** Lines of a table whose rows are objects of the same keys: numbers to the right, words to the left. */
export function tableOf(rows) {
  const columns = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => columns.map((column) => cell(row[column])));
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((row) => row[i].length)));
  const isNumber = columns.map((column) => rows.some((row) => typeof row[column] === "number"));
  const line = (row) =>
    row
      .map((text, i) => (isNumber[i] ? text.padStart(widths[i]) : text.padEnd(widths[i])))
      .join("  ")
      .trimEnd();
  return [line(columns), ...cells.map(line)].map((text) => `  ${text}`);
}

function cell(value) {
  if (value === undefined) return "";
  if (typeof value !== "number") return String(value);
  return Number.isInteger(value) ? value.toLocaleString("en") : String(Number(value.toPrecision(4)));
}
