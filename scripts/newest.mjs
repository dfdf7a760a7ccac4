import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** When the newest file at or below the paths was changed, in milliseconds as `Date` counts; 0 where there is none. */
export function newest(...paths) {
  return Math.max(
    0,
    ...paths.map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
      return newest(...readdirSync(path).map((name) => join(path, name)));
    }),
  );
}
