export interface Column {
  readonly title: string;
  /** Left by default; numbers read better right. */
  readonly align?: "left" | "right";
}

/**
 * Rows as text with aligned columns, two spaces between, a rule below the titles; without trailing spaces and without
 * a newline at the end. Titles that are all empty are left out.
 */
export function table(columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): string {
  const titles = columns.map(({ title }) => title);
  const body = rows.map((row) => columns.map((_, at) => String(row[at] ?? "")));
  const headed = titles.some((title) => title !== "");
  const widths = columns.map((_, at) =>
    Math.max(...[titles, ...body].map((row) => textWidth(row[at] as string))),
  );
  const rule = widths.map((width) => "─".repeat(width));
  return (headed ? [titles, rule, ...body] : body)
    .map((row) =>
      row
        .map((cell, at) => {
          const space = " ".repeat((widths[at] as number) - textWidth(cell));
          return columns[at]?.align === "right" ? space + cell : cell + space;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Columns of a terminal, near enough: one a code point. */
const textWidth = (text: string): number => [...text].length;
