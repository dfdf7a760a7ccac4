// What of onnx-proto and protobufjs bundles for browsers carry: of `#onnx-proto`, which reads models, the decoders as tables,
// and of `#onnx-proto-writing` the encoders. The generated code gives bundlers no way to see that; it becomes two files of
// build/.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const { resolve } = createRequire(import.meta.url);

/** Writes `build/onnx-reading.mjs` and `build/onnx-writing.cjs`. */
export function buildProtoHalves() {
  const generated = readFileSync(resolve("onnx-proto"), "utf8");
  const write = (name, text) =>
    writeFileSync(fileURLToPath(new URL(`../build/${name}`, import.meta.url)), text);
  write("onnx-reading.mjs", decodersOf(generated));
  write("onnx-writing.cjs", encodersOf(generated));
}

/** The messages' fields as tables for src/platform/proto-decoding.mjs, read from the decoders that protobufjs generates. */
function decodersOf(generated) {
  const decoders = generated.matchAll(
    /@function decode\n +\* @memberof onnx\.([\w.]+)[\s\S]*?function decode\(reader, length\) \{([\s\S]*?)\n +return message;/g,
  );
  // Where one of several may stand, those that do not are null.
  const choices = new Set(
    Array.from(
      generated.matchAll(/@memberof onnx\.([\w.]+)\s+\* @instance\s+\*\/\s+\w+\.prototype\.(\w+) = null;/g),
      ([, path, name]) => `${path}.${name}`,
    ),
  );
  const tables = Object.fromEntries(
    Array.from(decoders, ([, path, body]) => [
      path,
      body
        .split(/\n +case /)
        .slice(1)
        .map((text) => fieldOf(path, text, choices))
        .join(","),
    ]),
  );
  // The enumerations whose names somebody asks for.
  const enumerations = Object.fromEntries(
    ["AttributeProto.AttributeType", "TensorProto.DataType"].map((path) => {
      const [, body] = generated.match(
        new RegExp(`${path.replace(".", "\\.")} = \\(function\\(\\) \\{([\\s\\S]*?)\\}\\)`),
      );
      const members = [...body.matchAll(/valuesById\[(\d+)\] = "(\w+)"/g)];
      return [path, Object.fromEntries(members.map(([, number, name]) => [name, Number(number)]))];
    }),
  );
  return `import { messagesOf } from "../src/platform/proto-decoding.mjs";
export const onnx = messagesOf(${JSON.stringify(tables)}, ${JSON.stringify(enumerations)});
`;
}

/** A row of the table from a case of a decoder. */
function fieldOf(path, text, choices) {
  const [, number] = text.match(/^(\d+):/);
  const [, name, push, kind, message] = text.match(
    /message\.(\w+)(?: = |(\.push\())(?:reader\.(\w+)\(\)|\$root\.onnx\.([\w.]+)\.decode\(reader, reader\.uint32\(\)\))/,
  );
  if (
    kind !== undefined &&
    !["string", "bytes", "int64", "uint64", "int32", "float", "double"].includes(kind)
  )
    throw new Error(`onnx-proto reads ${path}.${name} as ${kind}`);
  const row = [number, name, kind ?? message];
  if (push !== undefined) row.push(text.includes("(tag & 7) === 2") ? "packed" : "list");
  else if (kind !== undefined && choices.has(`${path}.${name}`)) row.push("choice");
  return row.join(" ");
}

/** The messages' fields and encoders out of what protobufjs generates. */
function encodersOf(generated) {
  const unused = "verify|fromObject|toObject|decode|encodeDelimited|decodeDelimited|create";
  return (
    generated
      .replace('require("protobufjs/minimal")', 'require("../src/platform/protobuf-writing.cjs")')
      .replace(new RegExp(`^( +)(\\w+)\\.(${unused}) = function[\\s\\S]*?^\\1};\\n`, "gm"), "")
      .replace(/^( +)(\w+)\.prototype\.toJSON = function[\s\S]*?^\1};\n/gm, "")
      // Encoders take what is no message.
      .replace(/^( +)if \(properties\)\n\1 {4}for [\s\S]*?\];\n/gm, "")
      // Which member of a oneof is set, by a property that nothing asks for.
      .replace(/^( +)Object\.defineProperty\([\s\S]*?^\1}\);\n/gm, "")
      // Lists' defaults: constructors make the lists.
      .replace(/^ +\w+\.prototype\.\w+ = \$util\.emptyArray;\n/gm, "")
      // Enumerations whose names nothing asks for.
      .replace(/^( +)[\w.]+\.(Version|OperatorStatus|DataLocation) = \(function[\s\S]*?^\1}\)\(\);\n/gm, "")
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildProtoHalves();
