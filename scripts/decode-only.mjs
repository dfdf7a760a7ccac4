// What of onnx-proto and protobufjs a bundle carries that reads models and never writes them.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const reading = fileURLToPath(new URL("../src/platform/protobuf-reading.cjs", import.meta.url));

/** Leaves out of onnx-proto what a reader never calls; its generated code gives bundlers no way to see that. */
export const decodeOnlyPlugin = {
  name: "decode-only",
  setup(build) {
    // What protobufjs writes with, its way through Node's Buffer, and its remote calls: asked for at start, never used.
    build.onLoad({ filter: /protobufjs[\\/]src[\\/](writer|writer_buffer|reader_buffer|rpc)\.js$/ }, () => ({
      contents: "module.exports = { _configure() {} };",
      loader: "js",
    }));
    build.onResolve({ filter: /util\/minimal$/ }, ({ importer }) =>
      /protobufjs[\\/]src/.test(importer) ? { path: reading } : undefined,
    );
    build.onLoad({ filter: /onnx-proto[\\/]dist[\\/]onnx\.js$/ }, ({ path }) => ({
      contents: decodersOf(readFileSync(path, "utf8")),
      loader: "js",
    }));
  },
};

/** The messages' fields and decoders out of what protobufjs generates. */
function decodersOf(generated) {
  const unused = "verify|fromObject|toObject|encode|encodeDelimited|decodeDelimited|create";
  return (
    generated
      .replace(new RegExp(`^( +)(\\w+)\\.(${unused}) = function[\\s\\S]*?^\\1};\\n`, "gm"), "")
      .replace(/^( +)(\w+)\.prototype\.toJSON = function[\s\S]*?^\1};\n/gm, "")
      // The copying of given properties: decoders give none.
      .replace(/^( +)if \(properties\)\n\1 {4}for [\s\S]*?\];\n/gm, "")
      // Which member of a oneof is set, by a property that nothing asks for.
      .replace(/^( +)Object\.defineProperty\([\s\S]*?^\1}\);\n/gm, "")
      // Lists' defaults: constructors make the lists.
      .replace(/^ +\w+\.prototype\.\w+ = \$util\.emptyArray;\n/gm, "")
      .replace(/^( +)if \(!\(message\.(\w+) && message\.\2\.length\)\)\n +message\.\2 = \[\];\n/gm, "")
      // Enumerations whose names nothing asks for.
      .replace(/^( +)[\w.]+\.(Version|OperatorStatus|DataLocation) = \(function[\s\S]*?^\1}\)\(\);\n/gm, "")
  );
}
