// The source files of assembly/, parsed.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const folder = fileURLToPath(new URL("../assembly/", import.meta.url));

const files = new Map();

/** A source file by its path in assembly/; `.ts` may be missing, as in imports. */
export function sourceFile(path) {
  const name = path.endsWith(".ts") ? path : `${path}.ts`;
  if (!files.has(name)) {
    if (!existsSync(folder + name)) throw new Error(`assembly/${name} is not there`);
    const text = readFileSync(folder + name, "utf8");
    files.set(name, ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  }
  return files.get(name);
}

/** Every file under assembly/kernels. */
export const kernelFiles = () =>
  readdirSync(`${folder}kernels`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"))
    .sort()
    .map(sourceFile);

/** The file that an import or export of `file` names. */
export const importedFrom = (file, declaration) =>
  sourceFile(join(dirname(file.fileName), declaration.moduleSpecifier.text).replaceAll("\\", "/"));

/** Throws, with the place of a node of a source file. */
export function misread(node, message) {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  throw new Error(`assembly/${file.fileName}:${line + 1}: ${message}: ${node.getText()}`);
}

export const isExported = (node) =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

/** The first paragraph of the doc comment before a declaration, on one line. */
export function docOf(node) {
  const { text } = node.getSourceFile();
  const doc = (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [])
    .map(({ pos, end }) => text.slice(pos, end))
    .findLast((comment) => comment.startsWith("/**"));
  const lines = (doc ?? "")
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim());
  const first = lines.findIndex((line) => line !== "");
  if (first < 0) return "";
  const end = lines.indexOf("", first);
  return lines.slice(first, end < 0 ? undefined : end).join(" ");
}
