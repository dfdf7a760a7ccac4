import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PNG } from "pngjs";
import { onTestFinished } from "vitest";
import type { RgbaImage } from "../../src/vision/index.ts";

const scriptOf = (name: string): string =>
  fileURLToPath(new URL(`../../examples/course/${name}.mjs`, import.meta.url));

type Row = Readonly<Record<string, number | string>>;

/** What an experiment of the course has found and drawn. */
export interface Course {
  /** A number by its key; fails where there is none. */
  number(key: string): number;
  readonly figures: Row;
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  /** Names of the files that it has written. */
  readonly files: readonly string[];
  /** The text of a drawing. */
  drawing(name: string): string;
  /** The picture that stands at a place among those within a drawing. */
  panel(name: string, place: number): RgbaImage;
}

/** Runs an experiment as one would at the command line; its folder goes with the test. */
export function course(name: string, ...args: readonly string[]): Course {
  const folder = mkdtempSync(join(tmpdir(), "lanewise-course-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const said = execFileSync(process.execPath, [scriptOf(name), "--out", folder, "--json", ...args], {
    encoding: "utf8",
  });
  const { figures, tables, pictures } = JSON.parse(said) as {
    figures: Row;
    tables: Record<string, Row[]>;
    pictures: string[];
  };
  const drawing = (file: string): string => readFileSync(join(folder, `${file}.svg`), "utf8");
  return {
    figures,
    tables,
    files: pictures.map((path) => basename(path)),
    drawing,
    number(key) {
      const value = figures[key];
      if (typeof value !== "number") throw new Error(`${name} gives no number ${key}`);
      return value;
    },
    panel(file, place) {
      const found = [...drawing(file).matchAll(/data:image\/png;base64,([^"]+)/g)][place]?.[1];
      if (found === undefined) throw new Error(`${file}.svg has no picture ${place}`);
      const { data, width, height } = PNG.sync.read(Buffer.from(found, "base64"));
      return { data: new Uint8ClampedArray(data), width, height };
    },
  };
}

/** What an experiment says to an answer, and whether it takes it for right. */
export function answered(name: string, answer: string): { right: boolean; says: string } {
  const { status, stdout } = spawnSync(process.execPath, [scriptOf(name), `--answer=${answer}`], {
    encoding: "utf8",
  });
  return { right: status === 0, says: stdout.trim() };
}

/** Red, green and blue of a pixel. */
export function pixelAt({ data, width }: RgbaImage, x: number, y: number): readonly number[] {
  const from = (y * width + x) * 4;
  return [...data.subarray(from, from + 3)];
}

/** The brightest pixels of a grey or viridis picture, by their green, which grows along both; "x,y" each, sorted. */
export function brightest(picture: RgbaImage, count: number): string[] {
  const greens = Array.from(
    { length: picture.width * picture.height },
    (_, i) => picture.data[i * 4 + 1] as number,
  );
  return greens
    .map((green, i) => ({ green, place: `${i % picture.width},${Math.floor(i / picture.width)}` }))
    .sort((a, b) => b.green - a.green)
    .slice(0, count)
    .map(({ place }) => place)
    .sort();
}
