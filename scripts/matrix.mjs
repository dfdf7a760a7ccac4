// Where lanewise is tried, as the README's tables, each cell with the tests that it stands for.
// `node scripts/matrix.mjs RESULTS` fails where one of those did not pass; RESULTS is what vitest has written as JSON.
import { fileURLToPath } from "node:url";
import { prove } from "./proven.mjs";

const ENGINES = ["Chromium", "Firefox", "WebKit"];

/** A cell, and names of tests of one file, groups before a " > ". */
const cell = (text, file, ...names) => ({ text, tests: names.map((name) => `${file} > ${name}`) });

const tried = (file, ...names) => cell("✓", file, ...names);

/** A row of engines: of each the tests of these names. */
const inEngines = (what, file, ...names) => ({
  what,
  cells: ENGINES.map((engine) => tried(file, ...names.map((name) => `${engine} > ${name}`))),
});

const placed = (what, ...names) => inEngines(what, "engines/engines.test.ts", ...names);

const builds = (engine, text) =>
  cell(
    text,
    "engines/engines.test.ts",
    `${engine} > the builds that it can run, and the better one by itself`,
  );

const BROWSERS = {
  head: ["a photo classified, in", ...ENGINES],
  rows: [
    placed(
      "a page under a strict policy, as files or one bundle",
      "page, files as they are served",
      "page, one bundle",
    ),
    placed("a module worker", "module worker"),
    placed("a classic worker", "classic worker"),
    placed("a service worker", "service worker"),
    placed("`lanewise/worker`", "lanewise/worker, files as they are served", "lanewise/worker, one bundle"),
    inEngines(
      "threads of an isolated page (WebKit: as Safari has them; WebKitGTK comes without)",
      "engines/threads.test.ts",
      "an isolated page runs on two threads: its workers' script from the site, blobs forbidden",
      "an isolated page runs on two threads: its workers' script from the bundle",
      "an isolated page runs on two threads: all of it in a worker",
    ),
    {
      what: "which SIMD",
      cells: [builds("Chromium", "relaxed"), builds("Firefox", "relaxed"), builds("WebKit", "plain")],
    },
    placed("beside onnxruntime-web: the same class", "onnxruntime-web finds the same in the same page"),
  ],
};

const serving = (...runtimes) =>
  tried(
    "runtimes/serverless.test.ts",
    ...runtimes.map((runtime) => `the app of examples/serverless > ${runtime}`),
  );
const answers = (runtime) => serving(`answers pictures on ${runtime}`);

const RUNTIMES = {
  head: ["", "Node 20.0", "22", "24", "26", "Deno", "Bun", "workerd", "AWS Lambda"],
  rows: [
    {
      what: "a photo answered, by one app for all ([docs/serverless.md](docs/serverless.md))",
      cells: [
        ...["Node 20.0.0", "Node 22", "Node 24", "Node 26", "Deno", "Bun"].map(answers),
        serving("answers pictures on workerd", "holds inside 128 MB on workerd, picture after picture"),
        serving("is one file for AWS Lambda, which answers an event of API Gateway"),
      ],
    },
    {
      what: "every entry, imported and required",
      cells: [
        ...["Node 20.0.0", "Node 22", "Node 24", "Node 26"].map((runtime) =>
          tried("package/consumers.test.ts", `every entry works > imported and required, in ${runtime}`),
        ),
        ...Array.from({ length: 4 }, () => ({ text: "", tests: [] })),
      ],
    },
  ],
};

const bundled = (name) => tried("browser/bundlers.test.ts", name);
const next = (bundler) =>
  tried(
    "browser/next.test.ts",
    ...["answers on the server", "answers in the page"].map(
      (name) => `Next, built with --${bundler} > ${name}`,
    ),
  );
const fromCdn = (...names) =>
  tried(
    "docs/getting-started-pages.test.ts",
    ...names.map((name) => `without a bundler, from a CDN of another origin > ${name}`),
  );

const BUNDLERS = {
  head: [
    "threads and workers, no file copied",
    ...[
      "esbuild",
      "Vite",
      "its server",
      "webpack",
      "Rollup",
      "Parcel",
      "Next, Turbopack",
      "Next, webpack",
      "CDN",
    ],
  ],
  rows: [
    {
      what: "pages; of Next, the server, too",
      cells: [
        bundled("esbuild"),
        bundled("Vite build"),
        bundled("Vite's development server, which moves what it finds in packages"),
        ...["webpack", "Rollup", "Parcel"].map(bundled),
        ...["turbopack", "webpack"].map(next),
        fromCdn(
          "the page",
          "a session in a worker, whose script is the CDN's",
          "threads in an isolated page",
        ),
      ],
    },
  ],
};

const PIPELINES = [
  "image-classification",
  "image-feature-extraction",
  "image-segmentation",
  "feature-extraction",
  "text-classification",
];
const inPage = "Transformers.js in a page, bundled by an alias with lanewise/ort";

const INSTEAD = {
  head: ["in place of", "Node", "a page", "a page's worker"],
  rows: [
    {
      what: "onnxruntime-web and -node ([docs/onnxruntime.md](docs/onnxruntime.md))",
      cells: [
        tried(
          "package/ort.test.ts",
          "a program for onnxruntime-web > runs with the import changed, and prints the same",
        ),
        tried(
          "browser/ort-bundlers.test.ts",
          ...["esbuild", "vite", "webpack"].map((name) => `a page for onnxruntime-web, aliased: ${name}`),
        ),
        tried(
          "browser/ort-proxy.test.ts",
          "env.wasm.proxy in a page > has sessions run in a worker, which is downloaded for it: blobs allowed",
        ),
      ],
    },
    {
      what: `under Transformers.js: ${PIPELINES.length} pipelines ([docs/transformers.md](docs/transformers.md))`,
      cells: [
        tried(
          "ort/transformers.test.ts",
          ...PIPELINES.map(
            (name) =>
              `Transformers.js on lanewise/ort, handed in by lanewise/ort/register > gives what it gives on onnxruntime: ${name}`,
          ),
        ),
        ...["", " in a worker"].map((where) =>
          tried(
            "browser/transformers.test.ts",
            ...PIPELINES.map(
              (name) => `${inPage}${where} > gives what it gives with onnxruntime-web: ${name}`,
            ),
          ),
        ),
      ],
    },
  ],
};

const declared = (version) => {
  const of = (name) => `TypeScript ${version} reads every declaration > ${name}`;
  return tried(
    "package/consumers.test.ts",
    of("with [ 'es2022' ], found by 'bundler' from [ 'use.ts' ]"),
    of("with [ 'es2022' ], found by 'node16' from [ 'use.ts', 'use.mts', 'use.cts' ]"),
    of("with [ 'es2022', 'dom' ], found by 'nodenext' from [ 'use.ts', 'use.mts', 'use.cts' ]"),
  );
};

const OTHERS = {
  head: ["", "TypeScript 5.2", "5.9", "6.0", "7.0"],
  rows: [{ what: "types, no library skipped", cells: ["5.2", "5.9", "6.0", "7.0"].map(declared) }],
};

const PICTURES = {
  head: ["many pictures", "killed in the middle, every picture stands once"],
  rows: [
    {
      what: "one machine, all cores: [`lanewise batch`](docs/cli.md#batch)",
      cells: [
        tried(
          "cli/batch.test.ts",
          "batch > gives every picture one line, with the classes that run gives, on all cores",
          "a batch that was stopped > by kill -9 computes again only what was in work, and cuts off a line that was not whole",
        ),
      ],
    },
    {
      what: "many machines: [BullMQ and Redis](docs/fleet.md)",
      cells: [
        tried(
          "fleet/fleet.test.ts",
          "examples/fleet > loses nothing to a worker that is killed in the middle, and does nothing twice",
        ),
      ],
    },
  ],
};

const TABLES = [BROWSERS, RUNTIMES, BUNDLERS, INSTEAD, OTHERS, PICTURES];

const line = (cells) => `| ${cells.join(" | ")} |`;

/** The tables in Markdown. */
export const matrixTables = () =>
  TABLES.map(({ head, rows }) =>
    [
      line(head),
      `|${"---|".repeat(head.length)}`,
      ...rows.map(({ what, cells }) => line([what, ...cells.map(({ text }) => text)])),
    ].join("\n"),
  ).join("\n\n");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const cells = TABLES.flatMap(({ rows }) => rows).flatMap((row) => row.cells);
  prove(
    "every cell of the README's tables",
    cells.flatMap((one) => one.tests),
    process.argv[2],
  );
}
