// What the kernels of assembly/ want of their callers, read from their source: arguments, codes, structs, scratch.
// It understands what the kernels are written in and no more; of anything else it says where it stands.
import ts from "typescript";
import { docOf, importedFrom, isExported, kernelFiles, misread, sourceFile } from "./assembly-source.mjs";
import { formulaOf } from "./scratch-formulas.mjs";

/** The modules, by the files that say what they export. */
const ENTRIES = ["index.ts", "extra.ts", "train.ts"];
/** What an export must be called to be a kernel, and what it must take at the end. */
const KERNEL_NAME = /^[a-z]\d+_/;
const SHARE = ["part", "parts"];
const KINDS = { usize: "address", i32: "integer", f32: "float", f64: "float" };

/** Codes: every enum of codes.ts, with what is said behind a member. */
function readCodes() {
  const file = sourceFile("codes.ts");
  return file.statements.map((node) => {
    if (!ts.isEnumDeclaration(node) || !isExported(node)) misread(node, "codes.ts holds exported enums");
    const members = node.members.map((member, value) => {
      if (member.initializer !== undefined) misread(member, "codes count from 0");
      const end = file.text.indexOf("\n", member.end);
      const comment = file.text.slice(member.end, end).match(/\/\/ (.*)/)?.[1];
      return { name: member.name.text, value, comment };
    });
    return { name: node.name.text, doc: docOf(node), members };
  });
}

/** Structs: every class of shapes.ts. Fields that only count on (dims0, dims1, …) are one field of so many numbers. */
function readStructs() {
  return sourceFile("shapes.ts").statements.map((node) => {
    if (!ts.isClassDeclaration(node) || !isExported(node)) misread(node, "shapes.ts holds exported classes");
    const fields = [];
    for (const member of node.members) {
      if (!ts.isPropertyDeclaration(member) || member.type?.getText() !== "i32")
        misread(member, "a struct holds i32 fields only");
      const [, stem, digits] = member.name.text.match(/^(\D+)(\d*)$/) ?? misread(member, "an unusual name");
      const last = fields.at(-1);
      if (digits === "") fields.push({ name: stem, count: undefined });
      else if (digits === "0") fields.push({ name: stem, count: 1 });
      else if (last?.name === stem && last.count === Number(digits)) last.count++;
      else misread(member, "fields do not count on");
    }
    return { name: node.name.text, doc: docOf(node), fields };
  });
}

/** The function that `file` exports by this name, its own or passed on. */
function exportedFunction(file, name, at) {
  for (const node of file.statements) {
    if (ts.isFunctionDeclaration(node) && isExported(node) && node.name.text === name) return node;
    if (
      ts.isExportDeclaration(node) &&
      node.exportClause?.elements.some((element) => element.name.text === name)
    )
      return exportedFunction(importedFrom(file, node), name, at);
  }
  return misread(at, "no exported function");
}

function readArgument(parameter, codes, structs) {
  const type = parameter.type?.getText();
  const name = parameter.name.text;
  if (KINDS[type] !== undefined) return { name, kind: KINDS[type] };
  if (codes.some((code) => code.name === type)) return { name, kind: "code", of: type };
  if (structs.some((struct) => struct.name === type)) return { name, kind: "struct", of: type };
  return misread(parameter, "an argument that no caller can write");
}

/** Whether a statement of a file under kernels/ is a kernel: an exported function by a kernel's name. */
export const isKernel = (node) =>
  ts.isFunctionDeclaration(node) && isExported(node) && KERNEL_NAME.test(node.name.text);

/** What a module's entry exports of other files. */
export const exportsOf = (entry) =>
  sourceFile(entry)
    .statements.filter(ts.isExportDeclaration)
    .flatMap((node) => node.exportClause?.elements.map((element) => element.name.text) ?? []);

/** The kernels of a module in the order of its exports. */
function readModule(entry, codes, structs) {
  const file = sourceFile(entry);
  const kernels = [];
  for (const node of file.statements) {
    if (!ts.isExportDeclaration(node)) continue;
    if (node.exportClause === undefined) misread(node, "the exports of a module are named");
    for (const element of node.exportClause.elements) {
      const name = element.name.text;
      if (!KERNEL_NAME.test(name)) continue;
      const declared = exportedFunction(importedFrom(file, node), name, element);
      const parameters = [...declared.parameters];
      const share = parameters.splice(-SHARE.length).map((parameter) => parameter.getText());
      if (share.join() !== SHARE.map((word) => `${word}: i32`).join())
        misread(declared.name, "a kernel ends in part: i32, parts: i32");
      if (declared.type?.getText() !== "void") misread(declared.name, "a kernel returns nothing");
      const read = parameters.map((parameter) => readArgument(parameter, codes, structs));
      kernels.push({ name, arguments: read, note: docOf(declared) });
    }
  }
  return kernels;
}

/** Scratch formulas: every exported function of a kernel file whose name ends in ScratchBytes. */
const readScratch = (structs) =>
  kernelFiles().flatMap((file) =>
    file.statements
      .filter((node) => ts.isFunctionDeclaration(node) && isExported(node))
      .filter((node) => /ScratchBytes$/.test(node.name.text))
      .map((node) => ({ doc: docOf(node), ...formulaOf(node, structs) })),
  );

/**
 * All that crosses the border, as plain data: `modules` (the kernels of index.ts, extra.ts and train.ts), `codes`, `structs` and
 * `scratch`.
 */
export function readKernels() {
  const codes = readCodes();
  const structs = readStructs();
  const modules = ENTRIES.map((entry) => readModule(entry, codes, structs));
  return { modules, codes, structs, scratch: readScratch(structs) };
}
