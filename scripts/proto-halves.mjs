// What of onnx-proto and protobufjs bundles for browsers carry: of src/onnx/proto.ts, which reads models, the decoders, and
// of src/onnx/proto-writing.ts, which writes them, the encoders. The generated code gives bundlers no way to see that.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const standIn = (name) => fileURLToPath(new URL(`../src/platform/${name}`, import.meta.url));
const { resolve } = createRequire(import.meta.url);

/** The half that writes goes by this suffix beside the one that reads, and tells what it imports. */
const WRITING = "?writing";

export const protoHalvesPlugin = {
  name: "proto-halves",
  setup(build) {
    build.onResolve({ filter: /^onnx-proto$/ }, ({ importer }) => ({
      path: resolve("onnx-proto"),
      ...(importer.endsWith("proto-writing.ts") && { suffix: WRITING }),
    }));
    build.onLoad({ filter: /onnx-proto[\\/]dist[\\/]onnx\.js$/ }, ({ path, suffix }) => ({
      contents: (suffix === WRITING ? encodersOf : decodersOf)(readFileSync(path, "utf8")),
      pluginData: suffix,
      loader: "js",
    }));
    build.onResolve({ filter: /^protobufjs\/minimal(\.js)?$/ }, ({ pluginData }) => ({
      path: standIn(pluginData === WRITING ? "protobuf-writing.cjs" : "protobuf-reading.mjs"),
    }));
  },
};

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
  return `import { messagesOf } from ${JSON.stringify(standIn("proto-decoding.mjs"))};
    export const onnx = messagesOf(${JSON.stringify(tables)}, ${JSON.stringify(enumerations)});`;
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
