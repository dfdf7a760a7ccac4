// The frame of every experiment: reads the arguments, keeps what the experiment finds, writes its pictures, prints its
// figures for people or as JSON, and judges an answer to its exercise.
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { encodePng } from "./png.mjs";
import { tableOf } from "./table.mjs";

const COMMON = {
  out: { type: "string" },
  json: { type: "boolean", default: false },
  answer: { type: "string" },
};

/**
 * Runs an experiment with the arguments of the command line: `--out FOLDER` for its pictures (course-pictures/NAME by default),
 * `--json`, and `--answer ANSWER`, which writes nothing and says whether that answers the exercise. `options` are the
 * experiment's own, as `parseArgs` takes them. `run(lab, values)` does it; `exercise` is { question, answer, why, hint }, of
 * which `answer` and `why` may be functions of the figures.
 */
export async function experiment({ title, lecture, options = {}, exercise, run }) {
  const name = basename(process.argv[1], ".mjs");
  const { values } = parseArgs({ options: { ...COMMON, ...options } });
  const lab = createLab();
  const needsNoRun = values.answer !== undefined && !Object.values(exercise).some(isFunction);
  if (!needsNoRun) await run(lab, values);
  if (values.answer !== undefined) {
    const { right, says } = judge(exercise, values.answer, lab.figures());
    console.log(says);
    process.exitCode = right ? 0 : 1;
    return;
  }
  const pictures = lab.write(values.out ?? join("course-pictures", name));
  if (values.json) console.log(JSON.stringify({ name, title, lecture, ...lab.found(), pictures }));
  else console.log([`${title} (${lecture})`, ...lab.lines(pictures), ...asked(name, exercise)].join("\n"));
}

const asked = (name, { question }) => [
  `\nExercise: ${question}`,
  `  node examples/course/${name}.mjs --answer ANSWER`,
];

/** What an experiment finds, in the order in which it finds it. */
function createLab() {
  const figures = [];
  const tables = [];
  const files = new Map();
  return {
    /** A number (or word) that the experiment shows, by a key for programs and in words for people. */
    figure: (key, value, what) => figures.push({ key, value, what }),
    /** Rows of one form, an object each. */
    table: (key, title, rows) => tables.push({ key, title, rows }),
    /** A picture of pixels, { data, width, height }. */
    picture: (name, image) => files.set(`${name}.png`, encodePng(image)),
    /** A drawing, as the text of an SVG. */
    drawing: (name, svg) => files.set(`${name}.svg`, svg),
    figures: () => Object.fromEntries(figures.map(({ key, value }) => [key, value])),
    found() {
      return { figures: this.figures(), tables: Object.fromEntries(tables.map((t) => [t.key, t.rows])) };
    },
    write(folder) {
      if (files.size > 0) mkdirSync(folder, { recursive: true });
      return [...files].map(([name, content]) => {
        const path = join(folder, name);
        writeFileSync(path, content);
        return path;
      });
    },
    lines: (pictures) => [
      ...tables.flatMap(({ title, rows }) => [`\n${title}`, ...tableOf(rows)]),
      "",
      ...figures.map(({ value, what }) => `${shown(value).padStart(16)}  ${what}`),
      "",
      ...pictures.map((path) => `wrote ${path}`),
    ],
  };
}

/** Whole numbers with separators, others to four digits. */
const shown = (value) =>
  typeof value !== "number"
    ? String(value)
    : Number.isInteger(value)
      ? value.toLocaleString("en")
      : String(Number(value.toPrecision(4)));

const isFunction = (what) => typeof what === "function";
const given = (what, figures) => (isFunction(what) ? what(figures) : what);

/** Numbers are right within half a per cent, words whatever their case. */
export function judge({ answer, why, hint }, said, figures) {
  const expected = given(answer, figures);
  const right =
    typeof expected === "number"
      ? Math.abs(Number(said.replaceAll(/[,_\s]/g, "")) - expected) <= 0.005 * Math.abs(expected)
      : said.trim().toLowerCase() === expected.toLowerCase();
  return { right, says: right ? `Right. ${given(why, figures)}` : `Not yet. ${given(hint, figures)}` };
}
