/** On every LanewiseError, of whichever copy of lanewise: a page may come to hold several. */
const BRAND = /* @__PURE__ */ Symbol.for("lanewise.error");

/**
 * Every error lanewise throws on purpose; `code` is stable, `message` is for people. `instanceof` knows those of another
 * copy of lanewise, too: classes are the same where they have the same name.
 */
export class LanewiseError extends Error {
  override get name(): string {
    return "LanewiseError";
  }
  /** What went wrong, for programs: "ERR_MODEL", "ERR_FEED" and so on. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }

  static override [Symbol.hasInstance](this: { readonly prototype: object }, error: unknown): boolean {
    if (typeof error !== "object" || error === null) return false;
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit it
    const own = this.prototype;
    // A class that has not said its name is nowhere else.
    const name = BRAND in error && Object.hasOwn(own, "name") ? (own as Error).name : undefined;
    for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at))
      if (at === own || (name !== undefined && Object.hasOwn(at, "name") && at.name === name)) return true;
    return false;
  }
}

/** The bytes are not a usable ONNX model; `path` leads to the field. */
export class ModelError extends LanewiseError {
  override get name() {
    return "ModelError" as const;
  }
  /** The way to the field of the model that is wrong; "" where it is the file as a whole. */
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super("ERR_MODEL", path === "" ? message : `${path}: ${message}`, options);
    this.path = path;
  }
}

/** What an error about a node names. */
export interface NodeRef {
  /** The node's name in the model. */
  readonly name: string;
  /** Its operator. */
  readonly op: string;
}

/** A node as messages name it. */
export const labelOf = (node: NodeRef): string => `${node.op} ${JSON.stringify(node.name)}`;

const label = (node: NodeRef | undefined): string => (node === undefined ? "" : `${labelOf(node)}: `);

/** Dims that do not fit together, or data out of the range the operator allows. */
export class ShapeError extends LanewiseError {
  override get name() {
    return "ShapeError" as const;
  }
  /** The node it happened at; undefined outside of a model. */
  readonly node: NodeRef | undefined;

  constructor(node: NodeRef | undefined, message: string, options?: ErrorOptions) {
    super("ERR_SHAPE", label(node) + message, options);
    this.node = node;
  }
}

/** A dtype that the operator does not take there. */
export class DTypeError extends LanewiseError {
  override get name() {
    return "DTypeError" as const;
  }
  /** The node it happened at; undefined outside of a model. */
  readonly node: NodeRef | undefined;

  constructor(node: NodeRef | undefined, message: string) {
    super("ERR_DTYPE", label(node) + message);
    this.node = node;
  }
}

/** A node that lanewise cannot run. */
export interface UnsupportedNode extends NodeRef {
  /** The operator's domain; "" is ai.onnx. */
  readonly domain: string;
  /** The version of the domain that the model is written in. */
  readonly opset: number;
  /** What lanewise lacks. */
  readonly reason: string;
}

/** A message names this many nodes; `nodes` holds all. */
const MESSAGE_NODES = 500;

/** Lists every node of the model that lanewise cannot run, at once. */
export class UnsupportedOperatorError extends LanewiseError {
  override get name() {
    return "UnsupportedOperatorError" as const;
  }
  /** All of them; the message names the first 500. */
  readonly nodes: readonly UnsupportedNode[];

  constructor(nodes: readonly UnsupportedNode[], hint = "") {
    const lines = nodes
      .slice(0, MESSAGE_NODES)
      .map(
        (n) =>
          `${n.domain === "" ? "" : `${n.domain}.`}${n.op} ${JSON.stringify(n.name)} (opset ${n.opset}): ${n.reason}`,
      );
    if (nodes.length > MESSAGE_NODES) lines.push(`and ${nodes.length - MESSAGE_NODES} more`);
    super(
      "ERR_UNSUPPORTED_OPERATOR",
      `${nodes.length} unsupported node${nodes.length === 1 ? "" : "s"}: ${lines.join("; ")}${hint}`,
    );
    this.nodes = nodes;
  }
}

/** Feeds or fetches that do not match the model. */
export class FeedError extends LanewiseError {
  override get name() {
    return "FeedError" as const;
  }
  /** The name of the input, or of the output that was to be fetched. */
  readonly input: string;

  constructor(input: string, message: string) {
    super("ERR_FEED", `${JSON.stringify(input)}: ${message}`);
    this.input = input;
  }
}

/** More memory than wasm or the caller allows; nothing has been allocated. */
export class MemoryError extends LanewiseError {
  override get name() {
    return "MemoryError" as const;
  }
  /** How much was wanted. */
  readonly bytes: number;

  constructor(bytes: number, message: string, options?: ErrorOptions) {
    super("ERR_MEMORY", message, options);
    this.bytes = bytes;
  }
}

/** Work that was given a time has not ended in it. */
export class TimeoutError extends LanewiseError {
  override get name() {
    return "TimeoutError" as const;
  }
  /** The time that it was given, in milliseconds. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super("ERR_TIMEOUT", `not done within ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** A misuse of the API: a released session, an unusable option. */
export class UsageError extends LanewiseError {
  override get name() {
    return "UsageError" as const;
  }
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_USAGE", message, options);
  }
}

/** A file or URL that could not be read. */
export class ResourceError extends LanewiseError {
  override get name() {
    return "ResourceError" as const;
  }
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_RESOURCE", message, options);
  }
}

/** A broken invariant of lanewise itself; please report it. */
export class InternalError extends LanewiseError {
  override get name() {
    return "InternalError" as const;
  }
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_INTERNAL", `internal: ${message}`, options);
  }
}
