// Writes docs/api/, a page for each public entry, from the docstrings; with --check, fails where a page is out of date. What is
// public and not documented, or names what is not public, is an error in both cases.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, CommentTag, Converter, ReflectionKind } from "typedoc";
import { ApiTheme } from "./api/theme.mjs";
import { writeGenerated } from "./write-generated.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "docs/api");

const ENTRIES = [
  "scripts/api/lanewise.ts",
  "src/vision/index.ts",
  "src/nn/index.ts",
  "src/train/index.ts",
  "src/inspect/index.ts",
  "models/index.ts",
  "src/threads.ts",
  "src/worker/index.ts",
  "src/ort/index.ts",
  "src/external.ts",
];

/** What signatures name and nobody outside handles: parts of the engine behind opaque values. */
const INSIDE = [
  "FusedActivation",
  "Imported",
  "Layout",
  "MapKeys",
  "OPTIMIZATION_LEVELS",
  "State",
  "TrainingSession",
];

const options = (out) => ({
  entryPoints: ENTRIES.map((path) => join(root, path)),
  tsconfig: join(root, "scripts/api/tsconfig.json"),
  plugin: ["typedoc-plugin-markdown"],
  outputs: [{ name: "markdown", path: out }],
  theme: "api",
  logLevel: "Warn",
  // npm run check has looked.
  skipErrorChecking: true,
  readme: "none",
  disableGit: true,
  disableSources: true,
  excludeExternals: true,
  excludeInternal: true,
  excludePrivate: true,
  outputFileStrategy: "modules",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  expandObjects: true,
  expandParameters: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  propertyMembersFormat: "table",
  typeDeclarationVisibility: "compact",
  groupOrder: [
    ...["Classes", "Functions", "Variables", "Constructors", "Properties", "Accessors", "Methods"],
    ...["Interfaces", "Type Aliases", "Namespaces", "Errors", "References"],
  ],
  tableColumnSettings: {
    hideDefaults: true,
    hideInherited: true,
    hideModifiers: true,
    hideOverrides: true,
    hideSources: true,
  },
  intentionallyNotExported: INSIDE,
  treatValidationWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
});

/**
 * Leaves out what readers need not know: how errors know each other, what onnxruntime-common documents, and which settings
 * each preset leaves open.
 */
function arrange({ project }) {
  const [presets] = project
    .getReflectionsByKind(ReflectionKind.Variable)
    .filter(({ name }) => name === "presets");
  const each = presets.type.declaration.children;
  for (const preset of each) preset.type = each.find(({ name }) => name === "imagenet").type;
  for (const reflection of project.getReflectionsByKind(ReflectionKind.ClassOrInterface)) {
    if (reflection.name === "InferenceSessionFactory") project.removeReflection(reflection);
    if (!reflection.name.endsWith("Error")) continue;
    reflection.comment?.blockTags.push(new CommentTag("@group", [{ kind: "text", text: "Errors" }]));
    const hidden = [
      "constructor",
      "name",
      "[hasInstance]",
      ...(reflection.extendedTypes?.[0]?.reflection ? ["code"] : []),
    ];
    for (const member of [...(reflection.children ?? [])])
      if (hidden.includes(member.name)) project.removeReflection(member);
  }
}

const inParameter = (reflection) =>
  reflection !== undefined && (reflection.kindOf(ReflectionKind.Parameter) || inParameter(reflection.parent));

/** Properties of objects that have no name of their own, in parameters or elsewhere. */
const unnamedProperties = (project, { options }) =>
  project
    .getReflectionsByKind(ReflectionKind.Property)
    .filter((property) => property.parent?.kindOf(ReflectionKind.TypeLiteral))
    .filter((property) => inParameter(property) === options);

const textOf = (comment) =>
  [...(comment?.summary ?? []), ...(comment?.blockTags ?? []).flatMap(({ content }) => content)]
    .map(({ text }) => text)
    .join("");

/** Whether a type is documented under a name of its own, or spells out options, which are looked at by themselves. */
const isTold = (type) =>
  type?.reflection !== undefined || type?.declaration?.children !== undefined || type?.types?.every(isTold);

/** Parameters that no text names and whose type says nothing of them. */
const untoldParameters = (project) =>
  project
    .getReflectionsByKind(ReflectionKind.Parameter)
    // What a function that is a value is called with, its own type says; what is never given need not be said.
    .filter(
      ({ type, parent }) => !parent.parent.kindOf(ReflectionKind.TypeLiteral) && String(type) !== "never",
    )
    .filter(({ name, comment, type, parent }) => {
      const text = textOf(parent.comment ?? parent.parent.comment);
      return comment === undefined && !isTold(type) && !new RegExp(`\\b${name}\\b`).test(text);
    });

/** Makes errors of what TypeDoc finds undocumented, and of parameters and options that are, which it does not look at. */
function checkDocumented(app, project) {
  // The text of what gives such an object, or is one, says what its properties are.
  const told = unnamedProperties(project, { options: false }).filter((property) => !property.hasComment());
  app.options.setValue("intentionallyNotDocumented", [
    ...new Set(told.map((property) => property.getFriendlyFullName())),
  ]);
  app.validate(project);
  // What stands inside an option is told by the option.
  // What stands inside an option is told by the option.
  const options = unnamedProperties(project, { options: true }).filter(
    (option) => !option.hasComment() && !/__type\..*__type/.test(option.getFriendlyFullName()),
  );
  for (const reflection of [...options, ...untoldParameters(project)])
    app.logger.error(`${reflection.getFriendlyFullName()} does not have any documentation`);
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error("the public API is not fully documented: see above");
}

/** What TypeDoc writes with the theme of `api/`, by its paths. */
async function written() {
  const out = mkdtempSync(join(tmpdir(), "lanewise-api-"));
  try {
    const app = await Application.bootstrapWithPlugins(options(out));
    app.renderer.defineTheme("api", ApiTheme);
    app.converter.on(Converter.EVENT_RESOLVE_BEGIN, arrange);
    const project = await app.convert();
    checkDocumented(app, project);
    await app.generateOutputs(project);
    const paths = readdirSync(out, { recursive: true }).filter((path) => path.endsWith(".md"));
    return new Map(paths.map((path) => [path, readFileSync(join(out, path), "utf8")]));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** lanewise/nn/README.md and lanewise/nn.md are nn.md, lanewise/nn/namespaces/initializers.md is nn-initializers.md. */
const nameOf = (path) =>
  `${path
    .replace(/^lanewise\//, "")
    .replace(/(\/README)?\.md$/, "")
    .replace("/namespaces/", "-")}.md`;

/** A page as it lies in the folder: links by the new names, no anchors that nothing leads to, no blanks at ends of lines. */
const tidied = (path, text) =>
  text
    .replace(/\]\(([^)#]+\.md)/g, (_, to) => `](${nameOf(posix.join(posix.dirname(path), to))}`)
    .replace(/`docs\/([\w-]+\.md)`/g, "[$1](../$1)")
    .replace(/<a id="property-[^"]*"><\/a> /g, "")
    .replace("\n## References\n", "\n## From other entries\n")
    // Of an object without a name, what its own text has not told.
    .replace(/^\| `[\w.]+\.\w+\??` \|.*\| - \|\n/gm, "")
    .replace(/[ \t]+$/gm, "")
    .trimEnd();

const NOTE = "<!-- Generated by scripts/generate-api.mjs from the docstrings; do not edit. -->";

/** The pages by their names, and one that lists the entries with the first sentence of each. */
async function apiPages() {
  const pages = new Map();
  const entries = new Map();
  for (const [path, text] of await written()) {
    if (path === "README.md") continue;
    pages.set(nameOf(path), `${NOTE}\n${tidied(path, text)}\n`);
    const [, entry, sentence] = /^# (lanewise\S*)\s+([\s\S]*?)[.:]\s/.exec(text) ?? [];
    if (entry !== undefined)
      entries.set(entry, `[\`${entry}\`](${nameOf(path)}): ${sentence.replace(/\s+/g, " ")}.`);
  }
  const list = [...entries.keys()].sort().map((entry) => `- ${entries.get(entry)}`);
  const intro = "A page for each entry; `lanewise/all` is on that of `lanewise`.";
  return pages.set("README.md", `${NOTE}\n# The API\n\n${intro}\n\n${list.join("\n")}\n`);
}

export async function generateApi({ check = false } = {}) {
  const pages = await apiPages();
  mkdirSync(folder, { recursive: true });
  const command = "node scripts/generate-api.mjs";
  for (const name of readdirSync(folder).filter((name) => !pages.has(name))) {
    if (check) throw new Error(`docs/api/${name} is of no entry: run ${command}`);
    rmSync(join(folder, name));
  }
  for (const [name, text] of pages) {
    const path = join(folder, name);
    const old = existsSync(path) ? readFileSync(path, "utf8") : "";
    writeGenerated(path, old, text, { check, command });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await generateApi({ check: process.argv.includes("--check") });
