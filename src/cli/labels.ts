import { ResourceError } from "../errors.ts";
import { readBytes } from "./files.ts";

/** The class names in a file, by index. Throws a ResourceError that names the path and the reason. */
export async function readLabelsFile(path: string): Promise<string[]> {
  return parseLabels(new TextDecoder().decode(await readBytes(path)), path);
}

/**
 * Class names by index, of one name a line, a JSON array, or a JSON object from index to name (or to
 * [synset, name], as Keras's imagenet_class_index.json). A synset id before every name (`n01440764 tench, Tinca
 * tinca`, `n01440764_tench`) is taken off. Empty lines at the end do not count; one between names is a nameless class.
 */
export function parseLabels(text: string, name = "labels"): string[] {
  const plain = text.replace(/^\uFEFF/, "");
  const labels = /^\s*[[{]/.test(plain) ? jsonLabels(plain, name) : lines(plain);
  if (labels.length === 0) throw new ResourceError(`${name}: holds no labels`);
  const synset = /^n\d{8}(?:[\s_]+|$)/;
  if (!labels.every((label) => synset.test(label))) return labels;
  return labels.map((label) => {
    const rest = label.replace(synset, "");
    if (rest === "") return label;
    return /^n\d{8}_/.test(label) ? rest.replaceAll("_", " ") : rest;
  });
}

function lines(text: string): string[] {
  const filled = text.trimEnd();
  return filled === "" ? [] : filled.split(/\r\n|\n|\r/).map((line) => line.trim());
}

function jsonLabels(text: string, name: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ResourceError(`${name}: broken JSON: ${(cause as Error).message}`, { cause });
  }
  const entries = Object.entries(value as object);
  const labels = new Array<string>(entries.length);
  for (const [key, entry] of entries) {
    const label = Array.isArray(entry) ? entry[1] : entry;
    const index = Number(key);
    if (!Number.isInteger(index) || index < 0 || index >= entries.length) {
      throw new ResourceError(`${name}: ${JSON.stringify(key)} is not a class index below ${entries.length}`);
    }
    if (typeof label !== "string") {
      throw new ResourceError(`${name}: class ${key} is ${JSON.stringify(entry)}: expected a name`);
    }
    labels[index] = label;
  }
  return labels;
}
