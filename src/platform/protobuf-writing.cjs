// Stands in for protobufjs/minimal.js where models are written: what encoders ask for.
exports.util = require("protobufjs/src/util/minimal");
// Plain arrays of bytes, in Node too.
exports.util.Buffer = null;
exports.Writer = require("protobufjs/src/writer");
exports.roots = {};
