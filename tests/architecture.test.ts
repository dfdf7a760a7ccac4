import { readdirSync, readFileSync } from "node:fs";
import { dirname, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Modules that stand for one another, by the name that they have in imports. */
const NAMES = JSON.parse(readFileSync(`${root}package.json`, "utf8")).imports as Readonly<
  Record<string, Readonly<Record<"default" | "browser", string>>>
>;

/** What a reader takes in at one sitting, with some give; generated files are not for reading. */
const MAX_LINES = 350;
const GENERATED = ["src/ops/index.ts", "src/kernels/contract.ts"];

interface Room {
  /** Other rooms it may import from; its own files it always may. */
  readonly rooms: readonly string[];
  /** Rooms of which it may import types, nothing that runs. */
  readonly types?: readonly string[];
  /** Packages and files outside src. */
  readonly outside?: readonly RegExp[];
}

const GROUND = [
  "alignment.ts",
  "byte-ranges.ts",
  "arguments.ts",
  "codec.ts",
  "dtype.ts",
  "errors.ts",
  "interruptible.ts",
  "memory-limit.ts",
  "tensor.ts",
  "value.ts",
];
const MIDDLE = ["graph", "ops", "kernels", "onnx", "passes", "plan", "runtime"];
const ENGINE = [
  "compile.ts",
  "execute.ts",
  "runner.ts",
  "platform",
  "source.ts",
  "feeds.ts",
  "results.ts",
  "session-options.ts",
  "session.ts",
  "env.ts",
];
/** Builds, and what scripts/build-kernels.mjs makes of them. */
const KERNEL_BUILDS = /^build\/(kernels\.[\w-]+\.wasm|kernels[\w.-]*\.packed\.txt|unpack\.txt)$/;
/** What scripts/build-workers.mjs makes of the scripts of workers. */
const WORKER_SCRIPTS = /^(build\/[\w-]+-worker\.txt|dist\/session-script\.cjs)$/;
const NODE = /^node:/;

/**
 * Who may enter, as docs/architecture.md has it. A room is a folder of src, or a file that stands directly in it;
 * `workers` are the files of src/platform that a worker starts with.
 */
const ROOMS: Readonly<Record<string, Room>> = {
  "alignment.ts": { rooms: [] },
  "byte-ranges.ts": { rooms: [] },
  "codec.ts": { rooms: [] },
  "dtype.ts": { rooms: ["codec.ts"] },
  "narrow.ts": { rooms: ["codec.ts"], types: ["dtype.ts"] },
  "arguments.ts": { rooms: ["errors.ts"] },
  "errors.ts": { rooms: [] },
  "interruptible.ts": { rooms: ["arguments.ts", "errors.ts"] },
  "memory-limit.ts": { rooms: ["dtype.ts", "errors.ts", "tensor.ts", "value.ts"] },
  "tensor.ts": { rooms: ["arguments.ts", "dtype.ts", "errors.ts"] },
  "value.ts": { rooms: ["dtype.ts", "errors.ts", "tensor.ts"] },
  graph: { rooms: GROUND },
  ops: { rooms: [...GROUND, "graph"] },
  kernels: { rooms: [...GROUND, "graph", "ops"] },
  onnx: { rooms: [...GROUND, "graph", "ops"], outside: [/^onnx-proto$/, /^protobufjs\//] },
  passes: { rooms: [...GROUND, "graph", "ops", "kernels"] },
  plan: { rooms: [...GROUND, "graph", "ops", "kernels"] },
  runtime: {
    rooms: [...GROUND, "platform"],
    types: ["plan"],
    outside: [/^@assemblyscript\/loader$/, /^package\.json$/, KERNEL_BUILDS],
  },
  "compile.ts": { rooms: [...GROUND, ...MIDDLE] },
  "execute.ts": { rooms: [...GROUND, "ops", "compile.ts"], types: ["plan", "runtime"] },
  "runner.ts": { rooms: [...GROUND, "graph", "compile.ts", "execute.ts"], types: ["runtime"] },
  platform: { rooms: [...GROUND, "threads.ts"], types: ["runtime"], outside: [NODE, WORKER_SCRIPTS] },
  workers: { rooms: ["runtime"], outside: [NODE] },
  "source.ts": { rooms: [...GROUND, "platform"], types: ["onnx"] },
  "results.ts": { rooms: GROUND },
  "feeds.ts": { rooms: [...GROUND, "graph"] },
  "session-options.ts": { rooms: [...GROUND, "passes"], types: ["runtime", "source.ts"] },
  "session.ts": {
    rooms: [
      ...GROUND,
      ...MIDDLE,
      "feeds.ts",
      "platform",
      "results.ts",
      "runner.ts",
      "session-options.ts",
      "source.ts",
    ],
  },
  "env.ts": { rooms: GROUND, outside: [/^package\.json$/] },
  "threads.ts": { rooms: [...GROUND, "platform", "runtime"] },
  worker: {
    rooms: [
      ...GROUND,
      ...MIDDLE,
      ...ENGINE,
      "feeds.ts",
      "results.ts",
      "threads.ts",
      "extra.ts",
      "train",
      "index.ts",
    ],
    outside: [NODE, WORKER_SCRIPTS],
  },
  "extra.ts": { rooms: [...GROUND, "narrow.ts", "ops", "kernels", "runtime"] },
  nn: { rooms: [...GROUND, "graph", "ops", "extra.ts"] },
  train: { rooms: [...GROUND, ...MIDDLE, ...ENGINE, "nn", "extra.ts"] },
  inspect: {
    rooms: [...GROUND, ...MIDDLE, ...ENGINE, "nn", "train", "vision"],
    outside: [/^umap-js$/, /^@keckelt\/tsne$/],
  },
  vision: { rooms: GROUND },
  cli: {
    rooms: [...GROUND, ...MIDDLE, ...ENGINE, "feeds.ts", "nn", "train", "inspect", "vision", "worker"],
    outside: [NODE, /^commander$/, /^pngjs$/, /^jpeg-js$/, /^tinyglobby$/, /^models\//],
  },
  "public.ts": { rooms: [...GROUND, ...MIDDLE, ...ENGINE] },
  "index.ts": { rooms: ["public.ts", "runtime", "session.ts"] },
  "external.ts": {
    rooms: ["public.ts", "runtime", "session.ts"],
    types: ["session-options.ts", "source.ts"],
  },
  "all.ts": { rooms: ["index.ts", "extra.ts"] },
  "node.ts": { rooms: ["index.ts", "train"] },
  ort: { rooms: ["index.ts", "extra.ts", "threads.ts", "worker"], outside: [NODE, /^onnxruntime-common$/] },
};

interface Import {
  readonly specifier: string;
  /** Relative to the repository's root where it is a file, else the package. */
  readonly target: string;
  readonly typeOnly: boolean;
}

interface SourceFile {
  readonly path: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

const sources = (folder: string): SourceFile[] =>
  (readdirSync(`${root}${folder}`, { recursive: true }) as string[])
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => {
      const tree = ts.createSourceFile(path, readFileSync(root + path, "utf8"), ts.ScriptTarget.Latest, true);
      return { path, tree, imports: importsOf(path, tree) };
    });

function* nodesIn(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesIn(child);
}

function importsOf(path: string, tree: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const { text } = specifier;
    const target = text.startsWith(".") ? posix.normalize(posix.join(dirname(path), text)) : text;
    found.push({
      specifier: text,
      target: NAMES[text]?.default.replace(/^\.\//, "") ?? target,
      typeOnly,
    });
  };
  for (const node of nodesIn(tree)) {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, onlyTypes(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
  }
  return found;
}

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

const roomOf = (path: string): string =>
  /^src\/platform\/\w+-worker\.ts$/.test(path)
    ? "workers"
    : path.startsWith("src/")
      ? (path.split("/")[1] as string)
      : path;

const where = (file: SourceFile, node: ts.Node): string =>
  `${file.path}:${file.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;

const files = sources("src");

/** What the zoo may take of src; of `train`, types. */
const OF_THE_ZOO: Room = { rooms: [...GROUND, "graph", "nn", "vision"], types: ["train"] };

test("the zoo is made of layers, and imports nothing that runs them", () => {
  const wrong = sources("models").flatMap(({ path, imports }) =>
    imports
      .filter(({ target, typeOnly }) => {
        if (!target.startsWith("src/")) return !target.startsWith("models/");
        const room = roomOf(target);
        return !OF_THE_ZOO.rooms.includes(room) && !(typeOnly && OF_THE_ZOO.types?.includes(room));
      })
      .map(({ specifier }) => `${path} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

describe("the rooms of src", () => {
  test("are all in the table", () => {
    expect([...new Set(files.map((file) => roomOf(file.path)))].filter((room) => !(room in ROOMS))).toEqual(
      [],
    );
  });

  test("import only from the rooms that the table opens to them", () => {
    const wrong = files.flatMap(({ path, imports }) => {
      const own = roomOf(path);
      const { rooms, types = [], outside = [] } = ROOMS[own] ?? { rooms: [] };
      return imports
        .filter(({ target, typeOnly }) => {
          if (!target.startsWith("src/")) return !outside.some((allowed) => allowed.test(target));
          const room = roomOf(target);
          return room !== own && !rooms.includes(room) && !(typeOnly && types.includes(room));
        })
        .map(({ specifier, target }) => {
          const onlyAsType = types.includes(roomOf(target)) ? " for more than types" : "";
          return `${path} imports ${specifier}${onlyAsType}`;
        });
    });
    expect(wrong).toEqual([]);
  });

  test("have no import circle", () => {
    expect(
      circles(new Map(files.map((file) => [file.path, file.imports.map(({ target }) => target)]))),
    ).toEqual([]);
  });
});

/** The paths along which a file leads back to itself, each circle once. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(" → "));
    if (at >= 0 || done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}

describe("every file of src", () => {
  test("has at most 350 lines", () => {
    const long = files
      .filter(({ path }) => !GENERATED.includes(path))
      .map(({ path, tree }) => ({ path, lines: tree.getLineAndCharacterOfPosition(tree.end).line }))
      .filter(({ lines }) => lines > MAX_LINES)
      .map(({ path, lines }) => `${path} has ${lines}`);
    expect(long).toEqual([]);
  });

  test("says what it takes and gives without `any`", () => {
    const found = files.flatMap((file) =>
      [...nodesIn(file.tree)]
        .filter((node) => node.kind === ts.SyntaxKind.AnyKeyword)
        .map((node) => where(file, node)),
    );
    expect(found).toEqual([]);
  });

  test("exports by name only", () => {
    // A module of bytes is its default export, and onnxruntime-web has one with all its names.
    const found = files
      .filter(({ path }) => !path.endsWith(".d.ts") && path !== "src/ort/index.ts")
      .flatMap((file) =>
        [...nodesIn(file.tree)]
          .filter((node) => node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent))
          .map((node) => where(file, node)),
      );
    expect(found).toEqual([]);
  });

  test("is named after its subject", () => {
    const vague = files.filter(({ path }) => /\/(utils?|helpers?|misc|common)\.ts$/.test(path));
    expect(vague.map(({ path }) => path)).toEqual([]);
  });
});

test("the kernels import nothing but each other", () => {
  const leaving = sources("assembly").flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => relative("assembly", target).startsWith(".."))
      .map(({ specifier }) => `${path} imports ${specifier}`),
  );
  expect(leaving).toEqual([]);
});
