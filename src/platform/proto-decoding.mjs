// Stands in for the decoders of onnx-proto in bundles for browsers: one decoder, and what scripts/proto-halves.mjs has read
// in theirs as tables.
import { Reader, util } from "./protobuf-reading.mjs";

/**
 * Messages as protobufjs has them. Of each, by its path, the table lists the fields, `number name kind how`: a kind
 * is a method of the Reader or another message; `how` says of lists whether they may be packed, and of values whether
 * they are one of several.
 */
export function messagesOf(tables, enumerations) {
  const absent = { string: "", bytes: util.newBuffer([]), int64: 0, int32: 0, float: 0 };
  const messages = {};
  const onnx = {};

  for (const [path, table] of Object.entries(tables)) {
    const fields = [];
    const defaults = {};
    const lists = [];
    for (const field of table.split(",")) {
      const [number, name, kind, how] = field.split(" ");
      fields[number] = { name, kind, how };
      if (how === "list" || how === "packed") lists.push(name);
      else defaults[name] = how === "choice" ? null : (absent[kind] ?? null);
    }
    messages[path] = { fields, defaults, lists };
    const [outer, inner] = path.split(".");
    const own = { decode: (from) => decode(path, from instanceof Reader ? from : Reader.create(from)) };
    if (inner === undefined) onnx[outer] = { ...own, ...onnx[outer] };
    else onnx[outer] = { ...onnx[outer], [inner]: own };
  }
  for (const [path, members] of Object.entries(enumerations)) {
    const [outer, inner] = path.split(".");
    onnx[outer][inner] = { ...members };
    for (const [name, value] of Object.entries(members)) onnx[outer][inner][value] = name;
  }

  function decode(path, reader, length) {
    const { fields, defaults, lists } = messages[path];
    const end = length === undefined ? reader.len : reader.pos + length;
    const message = Object.create(defaults);
    for (const name of lists) message[name] = [];
    while (reader.pos < end) {
      const tag = reader.uint32();
      const field = fields[tag >>> 3];
      if (field === undefined) reader.skipType(tag & 7);
      else readField(message, field, reader, tag & 7);
    }
    return message;
  }

  function readField(message, { name, kind, how }, reader, wireType) {
    if (how === "packed" && wireType === 2) {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) message[name].push(reader[kind]());
    } else {
      const value = messages[kind] === undefined ? reader[kind]() : decode(kind, reader, reader.uint32());
      if (how === "packed" || how === "list") message[name].push(value);
      else message[name] = value;
    }
  }

  return onnx;
}
