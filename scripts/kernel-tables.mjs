// The tables of assembly/README.md.

/** Markdown of a doc comment in a table: what would end a cell, or slant, is escaped outside of code. */
const cell = (text) =>
  text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replace(/\*/g, "\\*")).replace(/\|/g, "\\|"))
    .join("");

const table = (heads, rows) =>
  [heads, heads.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n")
    .replaceAll("|  |", "| |");

const FLOAT = "f32";

/** Codes, structs and floats by their types; counts and addresses by name alone. */
const argument = ({ name, kind, of }) =>
  of === undefined && kind !== "float" ? name : `${name}: ${of ?? FLOAT}`;

const signatures = (kernels) =>
  table(
    ["kernel", "arguments", "notes"],
    kernels.map(({ name, arguments: given, note }) => [
      `\`${name}\``,
      [...given.map(argument), "part", "parts"].join(", "),
      cell(note),
    ]),
  );

/** The tables by the names of their places. */
export function kernelTables({ modules: [main, extra, train], codes, structs, scratch }) {
  return {
    structs: table(
      ["struct", "fields", "notes"],
      structs.map(({ name, doc, fields }) => [
        `\`${name}\``,
        fields.map((field) => (field.count ? `${field.name}[${field.count}]` : field.name)).join(", "),
        cell(doc),
      ]),
    ),
    codes: table(
      ["codes", "from 0 on", "notes"],
      codes.map(({ name, doc, members }) => [
        `\`${name}\``,
        members
          .map((member) => (member.comment ? `${member.name} (${cell(member.comment)})` : member.name))
          .join(", "),
        cell(doc),
      ]),
    ),
    scratch: table(
      ["bytes", "notes"],
      scratch.map(({ name, parameters, doc }) => [
        `\`${name}(${parameters.map((parameter) => parameter.name).join(", ")})\``,
        cell(doc),
      ]),
    ),
    kernels: signatures(main),
    "extra kernels": signatures(extra),
    "training kernels": signatures(train),
  };
}
