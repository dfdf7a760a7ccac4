import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, extname, isAbsolute, join, normalize, sep } from "node:path";
import { createInterface } from "node:readline";
import { convertPathToPattern, glob, isDynamicPattern } from "tinyglobby";
import { ResourceError, UsageError } from "../../errors.ts";
import { reasonOf } from "../files.ts";

/** A picture to work on. */
export interface ListedPicture {
  /** Its name in the results: the path as it was given or found, with `/` between. */
  readonly image: string;
  /** Where it is. */
  readonly path: string;
  /** What else its line of a list says: it comes back in its result. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface PictureList {
  readonly pictures: readonly ListedPicture[];
  /** How many more times pictures were named that are there already. */
  readonly duplicates: number;
}

/** What a result says itself: a list's lines may not. */
const RESULT_FIELDS = ["top", "error"];

/**
 * The pictures that are meant by patterns, folders (all PNG and JPEG files at or below) and files, or by one list, a
 * `.jsonl` file whose lines name a path each, relative to the list's folder. Each stands there once, in a fixed order.
 * Throws a ResourceError for what is not there and for patterns that nothing matches.
 */
export async function listPictures(sources: readonly string[]): Promise<PictureList> {
  const lists = sources.filter((source) => extname(source) === ".jsonl");
  if (lists.length > 0 && sources.length > 1)
    throw new UsageError("--images: a list (.jsonl) goes alone: its paths are relative to its own folder");
  const [list] = lists;
  const found = new Map<string, ListedPicture>();
  let named = 0;
  const add = (picture: ListedPicture): void => {
    named++;
    // The first line of a picture is the one that counts.
    if (!found.has(picture.image)) found.set(picture.image, picture);
  };
  if (list !== undefined) for await (const picture of listed(list)) add(picture);
  for (const source of list === undefined ? sources : [])
    for (const path of await pathsOf(source)) add({ image: nameOf(path), path, fields: {} });
  return { pictures: [...found.values()], duplicates: named - found.size };
}

const nameOf = (path: string): string => normalize(path).replaceAll(sep, "/");

async function pathsOf(source: string): Promise<string[]> {
  const kind = await stat(source).catch(() => undefined);
  if (kind !== undefined && !kind.isDirectory()) return [source];
  if (kind === undefined && !isDynamicPattern(source))
    throw new ResourceError(`${source}: cannot read: no such file or directory`);
  const absolute = isAbsolute(source);
  const found =
    kind === undefined
      ? await glob(source, { absolute, expandDirectories: false })
      : await glob(`${convertPathToPattern(source)}/**/*.{png,jpg,jpeg}`, {
          absolute,
          caseSensitiveMatch: false,
        });
  if (found.length === 0)
    throw new ResourceError(
      kind === undefined ? `${source}: matches no file` : `${source}: holds no PNG or JPEG file`,
    );
  return found.sort();
}

/** The pictures that a list names, line by line. */
async function* listed(list: string): AsyncGenerator<ListedPicture> {
  const folder = dirname(list);
  let number = 0;
  for await (const line of linesOf(list)) {
    number++;
    if (line.trim() === "") continue;
    const { image, ...fields } = pictureLine(line, `${list}: line ${number}`);
    yield { image: nameOf(image), path: isAbsolute(image) ? image : join(folder, image), fields };
  }
  if (number === 0) throw new ResourceError(`${list}: names no picture`);
}

function pictureLine(line: string, where: string): { readonly image: string } & Record<string, unknown> {
  let entry: unknown;
  try {
    entry = JSON.parse(line.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new ResourceError(`${where}: broken JSON: ${(cause as Error).message}`, { cause });
  }
  const { image } = (entry ?? {}) as { readonly image?: unknown };
  if (typeof image !== "string" || image === "")
    throw new ResourceError(`${where}: expected {"image": path, …}`);
  const taken = RESULT_FIELDS.find((field) => Object.hasOwn(entry as object, field));
  if (taken !== undefined)
    throw new ResourceError(`${where}: ${JSON.stringify(taken)} is what the result will say`);
  return entry as { readonly image: string } & Record<string, unknown>;
}

/** The lines of a text file; throws a ResourceError that names it where it cannot be read. */
async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Number.POSITIVE_INFINITY });
  } catch (cause) {
    if (cause instanceof ResourceError) throw cause;
    throw new ResourceError(`${path}: cannot read: ${reasonOf(cause)}`, { cause });
  }
}
