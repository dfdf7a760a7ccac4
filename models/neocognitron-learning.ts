/** How a Neocognitron learns without a teacher (Fukushima 1980, section 3). */

import { UsageError } from "../src/errors.ts";
import type { Fact, Graph } from "../src/graph/graph.ts";
import type { Network } from "../src/nn/index.ts";
import { Tensor } from "../src/tensor.ts";
import type { gradient } from "../src/train/gradient.ts";
import { COLUMN, MODULES, type Module, reading, WINDOW } from "./neocognitron.ts";

/** Cells of one picture in planes, [planes, rows, columns]. */
export interface Planes {
  readonly dims: readonly [planes: number, rows: number, columns: number];
  readonly data: Float32Array;
}

/** An S-cell, by where it stands. */
export interface Cell {
  readonly plane: number;
  readonly row: number;
  readonly column: number;
}

/**
 * The cells that are to learn: of the S-cells of all planes in each square of `side` rows and columns, the one that
 * responds most is a candidate, and of a plane's candidates the one that responds most is its representative. A square in
 * which nothing responds has no candidate.
 */
export function representatives({ dims: [planes, rows, columns], data }: Planes, side = COLUMN): Cell[] {
  const best = new Map<number, { readonly cell: Cell; readonly response: number }>();
  const reach = Math.floor(side / 2);
  const within = (at: number, size: number): readonly [number, number] => [
    Math.max(0, at - reach),
    Math.min(size - 1, at + reach),
  ];
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const [top, bottom] = within(y, rows);
      const [left, right] = within(x, columns);
      let [response, place] = [0, -1];
      for (let plane = 0; plane < planes; plane++)
        for (let row = top; row <= bottom; row++)
          for (let column = left; column <= right; column++) {
            const at = (plane * rows + row) * columns + column;
            const own = data[at] as number;
            if (own > response) [response, place] = [own, at];
          }
      if (place < 0) continue;
      const plane = Math.floor(place / (rows * columns));
      const cell = { plane, row: Math.floor(place / columns) % rows, column: place % columns };
      if (response > (best.get(plane)?.response ?? 0)) best.set(plane, { cell, response });
    }
  return [...best.values()].map(({ cell }) => cell);
}

/** The connections of one S-layer that learn. */
export interface Connections {
  /** a, [planes, planes before, 5, 5]. */
  readonly excitatory: Float32Array;
  /** b, one for each plane. */
  readonly inhibitory: Float32Array;
}

/**
 * Reinforces what led to the response of a representative, in its whole plane: each excitatory connection by q·c(ν)·u, u
 * being what it carried, and the inhibitory one by q/2·v.
 *
 * @param connections - Are changed.
 * @param input - u: what the S-layer reads.
 * @param inhibition - v: what the inhibitory cells said, one plane.
 */
export function reinforce(
  connections: Connections,
  cell: Cell,
  input: Planes,
  inhibition: Planes,
  { margin, speed }: Pick<Module, "margin" | "speed">,
): void {
  const [before, rows, columns] = input.dims;
  const taps = WINDOW * WINDOW;
  const c = reading(before);
  for (let plane = 0; plane < before; plane++)
    for (let tap = 0; tap < taps; tap++) {
      const row = cell.row - margin + Math.floor(tap / WINDOW);
      const column = cell.column - margin + (tap % WINDOW);
      if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
      const carried = input.data[(plane * rows + row) * columns + column] as number;
      const at = (cell.plane * before + plane) * taps + tap;
      (connections.excitatory[at] as number) += speed * (c[tap] as number) * carried;
    }
  const [, , width] = inhibition.dims;
  const v = inhibition.data[cell.row * width + cell.column] as number;
  (connections.inhibitory[cell.plane] as number) += (speed / 2) * v;
}

/** How `selfOrganize` teaches. */
export interface SelfOrganizeOptions {
  /** What runs the network: `gradient` of `lanewise/train`, whose session gives any value of a network. */
  readonly gradient: typeof gradient;
  /** How often all pictures are shown; 1 by default. */
  readonly passes?: number;
  /**
   * Whether all modules learn from the first picture on, as in the paper; by default each is shown all pictures once those
   * before it have learnt (Fukushima's later way), and so `passes` times for each module.
   */
  readonly together?: boolean;
}

/**
 * Shows a Neocognitron pictures without saying what they are, one by one, and reinforces the representatives of its layers
 * after each; gives the network as it is then, an ordinary one. A UsageError for a network that is none.
 *
 * ```ts
 * const learnt = await selfOrganize(neocognitron(), pictures.map(receptorsOf), { gradient });
 * ```
 *
 * @param pictures - Each of 16×16 numbers from 0, row by row.
 */
export async function selfOrganize(
  network: Network,
  pictures: readonly Float32Array[],
  { gradient, passes = 1, together = false }: SelfOrganizeOptions,
): Promise<Network> {
  const { graph } = network;
  const [input = ""] = graph.inputs;
  const parts = MODULES.map((module, i) => partOf(graph, module, MODULES[i - 1]?.complex ?? input));
  const weights = parts.flatMap((part) => part.weights);
  const open = withOpenWeights(network);
  for (const learning of together ? [parts] : parts.map((part) => [part])) {
    // The forward pass alone, as far as the modules that learn: the gradient by nothing.
    using session = await gradient(open, {
      of: learning.at(-1)?.module.simple as string,
      withRespectTo: [],
      values: learning.flatMap(({ read, inhibition, module }) => [read, inhibition, module.simple]),
    });
    for (let pass = 0; pass < passes; pass++)
      for (const picture of pictures) {
        const feeds = new Map([[input, new Tensor("float32", picture, [1, 1, 16, 16])]]);
        for (const { name, tensor } of weights) feeds.set(name, tensor);
        const { values } = await session.run(Object.fromEntries(feeds));
        const planes = (name: string): Planes => planesOf(values[name] as Tensor);
        for (const { read, inhibition, module, connections } of learning)
          for (const cell of representatives(planes(module.simple)))
            reinforce(connections, cell, planes(read), planes(inhibition), module);
      }
  }
  return withWeights(network, new Map(weights.map(({ name, tensor }) => [name, tensor])));
}

/**
 * A digit of 28×28 as 16×16 receptors see it: the mean of every four pixels, and a rim of paper.
 *
 * @param picture - 784 numbers, row by row, ink 1 on 0.
 */
export function receptorsOf(picture: ArrayLike<number>): Float32Array {
  const [side, rim, sees] = [28, 1, 16];
  if (picture.length !== side * side)
    throw new UsageError(`receptorsOf: expected ${side * side} pixels, got ${picture.length}`);
  const receptors = new Float32Array(sees * sees);
  for (let i = 0; i < side * side; i++) {
    const [row, column] = [Math.floor(i / side), i % side].map((at) => Math.floor(at / 2) + rim);
    (receptors[(row as number) * sees + (column as number)] as number) += (picture[i] as number) / 4;
  }
  return receptors;
}

/** A module's S-layer in a network: its connections, and the values that its learning reads. */
interface Part {
  readonly module: Module;
  /** The value that the S-cells read. */
  readonly read: string;
  readonly inhibition: string;
  readonly weights: readonly { readonly name: string; readonly tensor: Tensor }[];
  readonly connections: Connections;
}

function partOf(graph: Graph, module: Module, read: string): Part {
  const weight = (role: string) => {
    const name = `${module.simple}.${role}`;
    const kept = graph.facts.get(name)?.data;
    if (kept === undefined)
      throw new UsageError(`selfOrganize: ${graph.name} has no weights ${name}: expected a neocognitron`);
    return { name, tensor: new Tensor("float32", (kept.data as Float32Array).slice(), kept.dims) };
  };
  const [excitatory, inhibitory] = [weight("excitatory"), weight("inhibitory")];
  return {
    module,
    read,
    inhibition: `${module.simple}.inhibition`,
    weights: [excitatory, inhibitory],
    connections: {
      excitatory: excitatory.tensor.data as Float32Array,
      inhibitory: inhibitory.tensor.data as Float32Array,
    },
  };
}

/** The network with its weights as inputs, as they change from picture to picture. */
function withOpenWeights({ graph, trainable }: Network): Network {
  const facts = new Map(graph.facts);
  for (const name of trainable) {
    const { data: _, ...open } = facts.get(name) as Fact;
    facts.set(name, open);
  }
  return { graph: { ...graph, inputs: [...graph.inputs, ...trainable], facts }, trainable };
}

function withWeights({ graph, trainable }: Network, weights: ReadonlyMap<string, Tensor>): Network {
  const facts = new Map(graph.facts);
  for (const [name, { dtype, dims, data }] of weights)
    facts.set(name, { dtype, dims, data: { dtype, dims, data } });
  return { graph: { ...graph, facts }, trainable };
}

function planesOf({ dims, data }: Tensor): Planes {
  const [, planes = 0, rows = 0, columns = 0] = dims;
  return { dims: [planes, rows, columns], data: data as Float32Array };
}
