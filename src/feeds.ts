import type { DType } from "./dtype.ts";
import { FeedError, InternalError } from "./errors.ts";
import type { Fact, Graph } from "./graph/graph.ts";
import { Tensor } from "./tensor.ts";
import { isTensor, type RuntimeValue } from "./value.ts";

/** What goes into a run, by input name. */
export type Feeds = Readonly<Record<string, Tensor>>;

/** The feeds as values; throws a FeedError for names, dtypes and dims that are not the graph's. */
export function checkFeeds(graph: Graph, feeds: Feeds): Map<string, RuntimeValue> {
  const values = new Map<string, RuntimeValue>();
  const inputs = new Set(graph.inputs);
  for (const name of Object.keys(feeds)) {
    if (!inputs.has(name))
      throw new FeedError(name, `the model has no such input; it has ${graph.inputs.join(", ")}`);
  }
  const symbols = new Map<string, number>();
  for (const name of graph.inputs) {
    const fact = graph.facts.get(name);
    const feed = feeds[name] as Tensor | RuntimeValue | undefined;
    if (feed === undefined || feed === null) throw new FeedError(name, "the input is missing from the feeds");
    if (fact === undefined) throw new InternalError(`no fact for the input ${name}`);
    const value = toValue(name, feed);
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
  if (typeof feed === "object" && "container" in feed) return feed;
  if (feed instanceof Tensor) return { dtype: feed.type, dims: feed.dims, data: feed.data as never };
  const { type, dtype, data, dims } = feed as Partial<Tensor>;
  if (!ArrayBuffer.isView(data) && !Array.isArray(data)) throw new FeedError(name, "expected a Tensor");
  const tensor = new Tensor((type ?? dtype) as DType, data as never, dims);
  return { dtype: tensor.type, dims: tensor.dims, data: tensor.data as never };
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
