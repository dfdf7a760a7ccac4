import { objectOf, shown } from "./arguments.ts";
import type { DType } from "./dtype.ts";
import { FeedError, InternalError, LanewiseError } from "./errors.ts";
import type { Fact, Graph } from "./graph/graph.ts";
import { Tensor, tensorData } from "./tensor.ts";
import { isTensor, type MapData, type RuntimeValue } from "./value.ts";

/** A map as an input: keys are strings, or integers (bigint or number). */
export type MapFeed = ReadonlyMap<string | bigint | number, string | bigint | number>;

/** What goes into a run, by input name. */
export type Feeds = Readonly<Record<string, Tensor | MapFeed>>;

/** The feeds as values; throws a FeedError for names, dtypes and dims that are not the graph's. */
export function checkFeeds(graph: Graph, feeds: Feeds): Map<string, RuntimeValue> {
  const values = new Map<string, RuntimeValue>();
  const inputs = new Set(graph.inputs);
  for (const name of Object.keys(objectOf("run: the feeds", feeds))) {
    if (!inputs.has(name))
      throw new FeedError(name, `the model has no such input; it has ${graph.inputs.join(", ")}`);
  }
  const symbols = new Map<string, number>();
  for (const name of graph.inputs) {
    const fact = graph.facts.get(name);
    const feed = feeds[name] as Tensor | MapFeed | RuntimeValue | undefined;
    if (feed === undefined || feed === null) throw new FeedError(name, "the input is missing from the feeds");
    if (fact === undefined) throw new InternalError(`no fact for the input ${name}`);
    const value =
      feed instanceof Map ? toMap(name, feed, fact) : toValue(name, feed as Tensor | RuntimeValue);
    if (fact.container !== undefined || !isTensor(value)) {
      if (isTensor(value) || value.container !== fact.container)
        throw new FeedError(name, `expected a ${fact.container ?? "tensor"}`);
    } else checkTensor(name, fact, value.dtype, value.dims, symbols);
    values.set(name, value);
  }
  return values;
}

/** A tensor of another class that looks like onnxruntime-common's is as good as ours, once checked. */
function toValue(name: string, feed: Tensor | RuntimeValue): RuntimeValue {
  if (typeof feed === "object" && feed !== null && "container" in feed) return toContainer(name, feed);
  const { type, dtype, data, dims } = (feed ?? {}) as Partial<Tensor>;
  if (!ArrayBuffer.isView(data) && !Array.isArray(data))
    throw new FeedError(name, `expected a Tensor, got ${shown(feed)}`);
  try {
    const own = feed instanceof Tensor ? feed : new Tensor((type ?? dtype) as DType, data as never, dims);
    return tensorData(own.type, own.dims, own.data as never);
  } catch (error) {
    // What was a tensor once is none when its buffer has gone to another thread.
    if (feed instanceof Tensor && data.length === 0)
      throw new FeedError(name, `the data of its tensor [${dims}] is gone: its buffer has been transferred`);
    throw error instanceof LanewiseError && !(error instanceof InternalError)
      ? error
      : new FeedError(name, `expected a Tensor, got ${shown(feed)}`);
  }
}

function toContainer(name: string, feed: Exclude<RuntimeValue, { data: unknown }>): RuntimeValue {
  if (feed.container === "sequence" && Array.isArray(feed.values)) {
    const values = feed.values.map((entry, i) => toValue(`${name}[${i}]`, entry));
    if (values.every((entry) => entry.dtype === feed.dtype)) return { ...feed, values };
  } else if (feed.container === "optional") {
    const value = feed.value === undefined ? undefined : toValue(name, feed.value);
    if (value === undefined || value.dtype === feed.dtype) return { ...feed, value };
  }
  throw new FeedError(
    name,
    'expected { container: "sequence", dtype, values } or { container: "optional", dtype, value }, of one dtype',
  );
}

/** A Map with keys and values as the model's map has them. */
function toMap(name: string, feed: MapFeed, { container, keys, dtype }: Fact): MapData {
  if (container !== "map" || keys === undefined)
    throw new FeedError(name, `expected a ${container ?? "tensor"}`);
  const entries = new Map<string | bigint, string | bigint | number>();
  for (const [key, value] of feed)
    entries.set(
      scalarOf(name, "a key", keys, key) as string | bigint,
      scalarOf(name, "a value", dtype, value),
    );
  return { container, keys, dtype, entries };
}

function scalarOf(name: string, what: string, dtype: DType, value: unknown): string | bigint | number {
  if (dtype === "string" && typeof value === "string") return value;
  if (dtype === "int64" && (typeof value === "bigint" || Number.isSafeInteger(value)))
    return BigInt(value as bigint);
  if (dtype === "float32" && typeof value === "number") return Math.fround(value);
  if (dtype === "float64" && typeof value === "number") return value;
  throw new FeedError(name, `${what} must be ${dtype}, got ${shown(value)}`);
}

function checkTensor(
  name: string,
  fact: Fact,
  dtype: DType,
  dims: readonly number[],
  symbols: Map<string, number>,
): void {
  if (dtype !== fact.dtype) throw new FeedError(name, `expected ${fact.dtype}, got ${dtype}`);
  if (fact.dims === undefined) return;
  const expected = `[${fact.dims.join(", ")}]`;
  if (dims.length !== fact.dims.length) {
    throw new FeedError(
      name,
      `expected dims ${expected} of rank ${fact.dims.length}, got [${dims.join(", ")}]`,
    );
  }
  fact.dims.forEach((dim, axis) => {
    const size = dims[axis] as number;
    if (typeof dim === "number" && dim !== size) {
      throw new FeedError(
        name,
        `expected dims ${expected}, got [${dims.join(", ")}]: ${size} at axis ${axis}`,
      );
    }
    if (typeof dim !== "string" || dim === "?") return;
    const bound = symbols.get(dim);
    if (bound !== undefined && bound !== size) {
      throw new FeedError(name, `${dim} is ${bound} in another input, here ${size} at axis ${axis}`);
    }
    symbols.set(dim, size);
  });
}
