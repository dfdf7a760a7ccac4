import { writeFileSync } from "node:fs";

/** Writes a generated text; with `check`, throws where it is not what the file holds already. */
export function writeGenerated(path, old, text, { check, command }) {
  if (text === old) return;
  if (check) throw new Error(`${path} is out of date: run ${command}`);
  writeFileSync(path, text);
}
