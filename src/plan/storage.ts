import { dtypeInfo } from "../dtype.ts";
import { concreteDims, type Fact, type Graph, type Node, nodeReads } from "../graph/graph.ts";
import { BY_DEFINITION, type Choice } from "../kernels/choose.ts";
import { joinAxis, windowsOf } from "../ops/facets.ts";
import { elementCount } from "../tensor.ts";

/** Where a value's bytes are: inside the buffer of a root value. */
export interface Storage {
  readonly root: string;
  readonly offsetBytes: number;
  /** Channels-last: elements from pixel to pixel. Row-major: 0. */
  readonly pixelStride: number;
}

export interface StoragePlan {
  readonly of: ReadonlyMap<string, Storage>;
  /** Bytes and lifetime (node indices; -1 before the first) of each root. */
  readonly roots: ReadonlyMap<
    string,
    { readonly bytes: number; readonly first: number; readonly last: number }
  >;
  /** Nodes that need no step: their output's bytes are their input's. */
  readonly free: ReadonlySet<Node>;
}

/** For each state, the output that becomes its next value; undefined for one that is only read. */
const stateOutputs = (graph: Graph): ReadonlyMap<string, string | undefined> =>
  new Map(
    (graph.states ?? []).map(({ input, next }) => [
      input,
      next === undefined ? undefined : graph.outputs[next],
    ]),
  );

interface Root {
  bytes: number;
  first: number;
  last: number;
}

interface StorageState {
  readonly graph: Graph;
  readonly choiceOf: (node: Node) => Choice;
  readonly inputs: ReadonlySet<string>;
  readonly storage: Map<string, Storage>;
  readonly roots: Map<string, Root>;
  /** The values that lie in each root's bytes; a root that is alone there has no entry. */
  readonly members: Map<string, string[]>;
  readonly free: Set<Node>;
  readonly writers: Map<string, Node>;
  /** Graph outputs, and what nodes read that take dense pixels only. */
  readonly dense: Set<string>;
  readonly next: ReadonlyMap<string, string | undefined>;
}

const inMemory = (fact: Fact | undefined): fact is Fact =>
  fact !== undefined && fact.data === undefined && fact.container === undefined && fact.dtype !== "string";

const bytesOf = (fact: Fact): number => elementCount(concreteDims(fact)) * dtypeInfo[fact.dtype].bytes;

const denseStride = (fact: Fact): number =>
  fact.layout === "channelsLast" ? (concreteDims(fact)[1] as number) : 0;

/** Pixels a multiple of so many bytes apart collide in a cache of 64 sets of 64-byte lines; this much more parts them. */
const COLLIDING_BYTES = 512;
const SPREAD_BYTES = 64;

/**
 * Decides which values share bytes: views, Concat inputs written in place, Split and Slice windows, and outputs that
 * take over a dying input. `reuse: false` gives every value bytes of its own.
 */
export function planStorage(graph: Graph, choices: ReadonlyMap<Node, Choice>, reuse = true): StoragePlan {
  const state: StorageState = {
    graph,
    choiceOf: (node) => choices.get(node) ?? BY_DEFINITION,
    inputs: new Set(graph.inputs),
    storage: new Map(),
    roots: new Map(),
    members: new Map(),
    free: new Set(),
    writers: new Map(),
    dense: new Set(graph.outputs),
    next: stateOutputs(graph),
  };
  const { storage, roots } = state;
  const last = lastReads(graph);
  for (const node of graph.nodes) {
    for (const name of node.outputs) state.writers.set(name, node);
    if (!state.choiceOf(node).apart()) for (const name of nodeReads(node)) state.dense.add(name);
  }

  const define = (name: string, at: number): void => {
    const fact = graph.facts.get(name);
    if (!inMemory(fact)) return;
    storage.set(name, { root: name, offsetBytes: 0, pixelStride: denseStride(fact) });
    roots.set(name, { bytes: bytesOf(fact), first: at, last: Math.max(last.get(name) ?? at, at) });
  };
  for (const name of graph.inputs) define(name, -1);
  graph.nodes.forEach((node, at) => {
    for (const name of node.outputs) if (name !== "") define(name, at);
    if (reuse && (alias(state, node) || openWindows(state, node))) state.free.add(node);
  });
  if (reuse) {
    // Consumers first, so that a Concat of Concats lands in the outermost.
    for (const node of [...graph.nodes].reverse()) join(state, node);
    graph.nodes.forEach((node, at) => {
      if (!state.free.has(node)) takeOver(state, node, at);
    });
    const walked = graph.nodes.filter((node) => state.choiceOf(node).lowering?.walksPixels);
    const names = walked.flatMap(({ inputs, outputs }) => [inputs[0] as string, outputs[0] as string]);
    for (const root of new Set(names.map((name) => storage.get(name)?.root ?? ""))) spread(state, root);
  }
  return { of: storage, roots, free: state.free };
}

function lastReads(graph: Graph): Map<string, number> {
  const last = new Map<string, number>();
  graph.nodes.forEach((node, at) => {
    for (const name of nodeReads(node)) last.set(name, at);
  });
  for (const name of graph.outputs) last.set(name, graph.nodes.length);
  return last;
}

const membersOf = (state: StorageState, root: string): string[] => state.members.get(root) ?? [root];

/** Puts every value of one root into another, `offsetBytes` in. */
function merge(
  state: StorageState,
  from: string,
  to: string,
  offsetBytes: number,
  pixelStride?: number,
): void {
  const moved = state.roots.get(from) as Root;
  const target = state.roots.get(to) as Root;
  const joined = membersOf(state, to);
  state.members.set(to, joined);
  for (const name of membersOf(state, from)) {
    const place = state.storage.get(name) as Storage;
    const stride = place.pixelStride === 0 ? 0 : (pixelStride ?? place.pixelStride);
    state.storage.set(name, { root: to, offsetBytes: place.offsetBytes + offsetBytes, pixelStride: stride });
    joined.push(name);
  }
  state.members.delete(from);
  target.first = Math.min(target.first, moved.first);
  target.last = Math.max(target.last, moved.last);
  state.roots.delete(from);
}

/** The output is the input as it lies. */
function alias(state: StorageState, node: Node): boolean {
  const [input, output] = [node.inputs[0] as string, node.outputs[0] as string];
  const [from, to] = [state.graph.facts.get(input), state.graph.facts.get(output)];
  const source = state.storage.get(input);
  if (!inMemory(from) || !inMemory(to) || source === undefined || from.dtype !== to.dtype) return false;
  if (node.outputs.slice(1).some((name) => name !== "")) return false;
  const { lowering } = state.choiceOf(node);
  if (lowering?.view !== true || source.pixelStride !== denseStride(from)) return false;
  state.storage.set(output, { root: output, offsetBytes: 0, pixelStride: denseStride(to) });
  merge(state, output, source.root, source.offsetBytes);
  return true;
}

/** Whether channel windows of the value may be handed to all its readers. */
const readersTakeStrides = (state: StorageState, name: string): boolean => !state.dense.has(name);

/** Split and Slice along one axis: outputs are windows of the input where the bytes allow it. */
function openWindows(state: StorageState, node: Node): boolean {
  const windows = windowsOf(node, (name) => state.graph.facts.get(name));
  if (windows === undefined) return false;
  const input = node.inputs[0] as string;
  const fact = state.graph.facts.get(input);
  const source = state.storage.get(input);
  if (!inMemory(fact) || source === undefined) return false;
  const outputs = node.outputs.filter((name) => name !== "");
  const places = windows.starts.map((start) => windowPlace(fact, source.pixelStride, windows.axis, start));
  if (places.some((place) => place === undefined) || outputs.length !== places.length) return false;
  if (fact.layout === "channelsLast" && !outputs.every((name) => readersTakeStrides(state, name)))
    return false;
  if (outputs.some((name) => state.graph.facts.get(name)?.layout !== fact.layout)) return false;
  outputs.forEach((name, i) => {
    merge(
      state,
      name,
      source.root,
      source.offsetBytes + (places[i] as number),
      source.pixelStride || undefined,
    );
  });
  return true;
}

/** Byte offset of a window along an axis, where it is one run (or one channel slice); undefined elsewhere. */
function windowPlace(fact: Fact, pixelStride: number, axis: number, start: number): number | undefined {
  const dims = concreteDims(fact);
  const { bytes } = dtypeInfo[fact.dtype];
  if (fact.layout === "channelsLast") {
    return axis === 1 && pixelStride > 0 ? start * bytes : undefined;
  }
  if (elementCount(dims.slice(0, axis)) !== 1) return undefined;
  return start * elementCount(dims.slice(axis + 1)) * bytes;
}

/** Concat: inputs are written straight into the output where the bytes allow it. All of them, or none. */
function join(state: StorageState, node: Node): void {
  const axis = joinAxis(node, (name) => state.graph.facts.get(name));
  const output = node.outputs[0] as string;
  const target = state.storage.get(output);
  const fact = state.graph.facts.get(output);
  if (axis === undefined || target === undefined || !inMemory(fact)) return;
  const seen = new Set<string>();
  const moves: { root: string; offset: number }[] = [];
  let start = 0;
  for (const name of node.inputs) {
    const own = state.graph.facts.get(name);
    const place = state.storage.get(name);
    const offset = windowPlace(fact, target.pixelStride, axis, start);
    if (!inMemory(own) || place === undefined || offset === undefined || own.layout !== fact.layout) return;
    if (seen.has(place.root) || !wholeRoot(state, name, place) || state.inputs.has(place.root)) return;
    if (fact.layout === "channelsLast" && !groupTakesStrides(state, place.root, name)) return;
    seen.add(place.root);
    moves.push({ root: place.root, offset });
    start += concreteDims(own)[axis] ?? 0;
  }
  if (seen.has(target.root)) return;
  for (const { root, offset } of moves) {
    merge(state, root, target.root, target.offsetBytes + offset, target.pixelStride || undefined);
  }
  state.free.add(node);
}

/** The value covers its root from the start to the end. */
const wholeRoot = (state: StorageState, name: string, place: Storage): boolean =>
  place.offsetBytes === 0 &&
  bytesOf(state.graph.facts.get(name) as Fact) === state.roots.get(place.root)?.bytes;

/** Every value of the root is channels-last and as dense as `name`, and all that write or read it honour pixel strides. */
function groupTakesStrides(state: StorageState, root: string, name: string): boolean {
  const channels = denseStride(state.graph.facts.get(name) as Fact);
  for (const member of membersOf(state, root)) {
    const place = state.storage.get(member) as Storage;
    const fact = state.graph.facts.get(member) as Fact;
    if (
      fact.layout !== "channelsLast" ||
      place.pixelStride !== channels ||
      !readersTakeStrides(state, member)
    )
      return false;
    const writer = state.writers.get(member);
    if (writer === undefined || (!state.choiceOf(writer).apart() && !state.free.has(writer))) return false;
  }
  return true;
}

/** Outputs take the place of inputs that nobody reads afterwards. */
function takeOver(state: StorageState, node: Node, at: number): void {
  const { lowering } = state.choiceOf(node);
  if (lowering?.inPlace !== undefined) takeOverInput(state, node, at, 0, lowering.inPlace);
  for (const [output, input] of Object.entries(lowering?.inPlaceOf ?? {}))
    takeOverInput(state, node, at, Number(output), [input]);
}

/** Puts an output where the first of some inputs is that dies here and lies as it would. */
function takeOverInput(
  state: StorageState,
  node: Node,
  at: number,
  outputIndex: number,
  indices: readonly number[],
): void {
  const output = node.outputs[outputIndex] ?? "";
  const own = state.storage.get(output);
  const to = state.graph.facts.get(output);
  if (own === undefined || own.root !== output || !inMemory(to)) return;
  if (!wholeRoot(state, output, own)) return;
  for (const index of indices) {
    const input = node.inputs[index];
    const place = input ? state.storage.get(input) : undefined;
    const from = input ? state.graph.facts.get(input) : undefined;
    if (place === undefined || !inMemory(from) || from.dtype !== to.dtype || from.layout !== to.layout)
      continue;
    if (concreteDims(from).join() !== concreteDims(to).join() || place.pixelStride !== own.pixelStride)
      continue;
    const root = state.roots.get(place.root) as Root;
    if (root.last > at || !wholeRoot(state, input as string, place)) continue;
    if (node.inputs.some((other) => overlaps(state, other, input as string))) continue;
    if (state.choiceOf(node).lowering?.rereads && readsBeside(state, node, index)) continue;
    // A state's bytes outlive the run: only its next value may take them over.
    if (state.next.has(place.root) && state.next.get(place.root) !== output) continue;
    merge(state, output, place.root, 0);
    return;
  }
}

/** Whether an input has bytes of another that are not the same elements: a window or a view of it, maybe broadcast. */
function overlaps(state: StorageState, other: string, input: string): boolean {
  const place = state.storage.get(other);
  if (other === input || place === undefined || place.root !== state.storage.get(input)?.root) return false;
  const [dims, own] = [other, input].map((name) => concreteDims(state.graph.facts.get(name) as Fact).join());
  return dims !== own;
}

/** Whether another input has bytes of this one's root, be it the same value again. */
function readsBeside(state: StorageState, node: Node, index: number): boolean {
  const root = state.storage.get(node.inputs[index] ?? "")?.root;
  return node.inputs.some((other, i) => i !== index && state.storage.get(other)?.root === root);
}

/** Moves the pixels of a root apart where they collide in the cache and all who touch it allow it. */
function spread(state: StorageState, root: string): void {
  const fact = state.graph.facts.get(root);
  if (fact?.layout !== "channelsLast") return;
  const stride = denseStride(fact);
  const { bytes } = dtypeInfo[fact.dtype];
  if (stride === 0 || (stride * bytes) % COLLIDING_BYTES !== 0 || !groupTakesStrides(state, root, root))
    return;
  const pixelStride = stride + SPREAD_BYTES / bytes;
  for (const member of membersOf(state, root))
    state.storage.set(member, { ...(state.storage.get(member) as Storage), pixelStride });
  const target = state.roots.get(root) as Root;
  target.bytes = (target.bytes / stride) * pixelStride;
}
