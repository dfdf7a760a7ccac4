/**
 * The Neocognitron (Fukushima 1980, Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition
 * unaffected by shift in position, Biological Cybernetics 36, 193-202), as layers. `selfOrganize` teaches it, without a teacher.
 */
import {
  chain,
  crop2d,
  defineLayer,
  flatten,
  type Initializer,
  initializers,
  type Layer,
  type LayerScope,
  type Network,
  sequential,
} from "../src/nn/index.ts";
import { tensorData } from "../src/tensor.ts";
import { asPublished, type ModelOptions, scaled, type ZooModel } from "./options.ts";
import { exact } from "./sources.ts";

/** What one of the three modules is made of: a layer of S-cells and the C-cells behind it. */
export interface Module {
  /** The S-cells' name; their parameters are `NAME.excitatory` and `NAME.inhibitory`. */
  readonly simple: string;
  /** The C-cells' name. */
  readonly complex: string;
  /** Zeros around what the S-cells read. */
  readonly margin: number;
  /** Rows and columns of S-cells at each side that no C-cell reads. */
  readonly cut: number;
  /** Zeros around what the C-cells read. */
  readonly complexMargin: number;
  /** The side of the C-cells' windows; that of the S-cells' is `WINDOW` everywhere. */
  readonly complexWindow: number;
  /** r: the larger, the closer an input must come to what a plane has learnt. */
  readonly selectivity: number;
  /** q: how much a plane learns at a time. */
  readonly speed: number;
}

/** The side of the S-cells' windows. */
export const WINDOW = 5;
/** The side of a column: the S-cells of all planes in such a square compete. */
export const COLUMN = 5;
/** Planes of each layer. */
const PLANES = 24;
/** α: what a C-cell's input is where its output is one half. */
const SATURATION = 0.5;
/** How connections that do not learn, c and d, weaken from one cell to the next. */
const FALL = 0.8;
/** No excitatory connection is stronger at first: any plane that has learnt something answers louder. */
const FAINT = 1e-3;

/**
 * The paper's modules (section 4): 16×16 receptors, 16×16 S- and 10×10 C-cells to a plane, 8×8 and 6×6, 2×2 and 1. Sizes, r, q,
 * α and the number of planes are its.
 */
export const MODULES: readonly Module[] = [
  {
    simple: "s1",
    complex: "c1",
    margin: 2,
    cut: 1,
    complexMargin: 0,
    complexWindow: 5,
    selectivity: 4,
    speed: 1,
  },
  {
    simple: "s2",
    complex: "c2",
    margin: 1,
    cut: 0,
    complexMargin: 1,
    complexWindow: 5,
    selectivity: 1.5,
    speed: 16,
  },
  {
    simple: "s3",
    complex: "c3",
    margin: 0,
    cut: 0,
    complexMargin: 0,
    complexWindow: 2,
    selectivity: 1.5,
    speed: 16,
  },
];

/** `FALL` to the power of the distance from a window's middle, row-major, summing to 1. */
function decay(side: number): Float64Array {
  const middle = (side - 1) / 2;
  const weights = Float64Array.from(
    { length: side * side },
    (_, i) => FALL ** Math.hypot(Math.floor(i / side) - middle, (i % side) - middle),
  );
  const sum = weights.reduce((total, weight) => total + weight);
  return weights.map((weight) => weight / sum);
}

/** c over one of `planes` planes: what inhibitory cells read with, and what weighs connections as they learn. */
export const reading = (planes: number): Float64Array => decay(WINDOW).map((weight) => weight / planes);

const faint: Initializer = (shape, random) => {
  const data = initializers.zeros()(shape, random);
  return data.map(() => FAINT * random());
};

/** A window's weights once for each plane. */
const repeated = (weights: Float64Array, planes: number): Float32Array =>
  Float32Array.from({ length: planes * weights.length }, (_, i) => weights[i % weights.length] as number);

const square = (margin: number) => ({ pads: [margin, margin, margin, margin] });

/**
 * S-cells with shunting inhibition: r·φ((1 + Σ a·u) / (1 + 2r/(1 + r)·b·v) - 1), where v is the root of the mean square of
 * what the window holds, weighted by c. Of the network's values, `NAME.inhibition` is v.
 */
const simpleCells = (module: Module, planes: number): Layer =>
  defineLayer("simpleCells", { name: module.simple }, (scope, x) => {
    const { selectivity: r, margin } = module;
    const before = x.dims[1] as number;
    const taps = before * WINDOW * WINDOW;
    const excitatory = scope.parameter(
      "excitatory",
      { dims: [planes, before, WINDOW, WINDOW], fanIn: taps, fanOut: planes * WINDOW * WINDOW },
      faint,
    );
    const inhibitory = scope.parameter(
      "inhibitory",
      { dims: [planes, 1, 1], fanIn: 1, fanOut: 1 },
      initializers.zeros(),
    );
    const c = scope.fixed(
      "c",
      tensorData("float32", [1, before, WINDOW, WINDOW], repeated(reading(before), before)),
    );
    const squares = scope.node("Mul", [x.name, x.name], {}, "squares");
    const mean = scope.node("Conv", [squares, c], square(margin), "mean");
    const v = scope.node("Sqrt", [mean], {}, "inhibition");
    const gain = scope.node("Mul", [inhibitory, scope.scalar("efficiency", (2 * r) / (1 + r))], {}, "gain");
    const against = scope.node("Mul", [v, gain], {}, "against");
    const towards = scope.node("Conv", [x.name, excitatory], square(margin), "towards");
    return scope.node("Mul", [shunted(scope, towards, against), scope.scalar("r", r)]);
  });

/**
 * C-cells: ψ((1 + Σ d·u) / (1 + v) - 1) of the S-cells of one plane, where v is the mean of Σ d·u over all planes and ψ(x) is
 * x / (α + x) above 0.
 */
const complexCells = ({ complex, complexMargin, complexWindow }: Module): Layer =>
  defineLayer("complexCells", { name: complex }, (scope, x) => {
    const planes = x.dims[1] as number;
    const weights = repeated(decay(complexWindow), planes);
    const d = scope.fixed("d", tensorData("float32", [planes, 1, complexWindow, complexWindow], weights));
    const towards = scope.node("Conv", [x.name, d], { ...square(complexMargin), group: planes }, "towards");
    const axes = scope.fixed("axes", tensorData("int64", [1], BigInt64Array.of(1n)));
    const against = scope.node("ReduceMean", [towards, axes], { keepdims: 1 }, "inhibition");
    const input = shunted(scope, towards, against);
    const whole = scope.node("Add", [input, scope.scalar("saturation", SATURATION)], {}, "whole");
    return scope.node("Div", [input, whole]);
  });

/**
 * φ((1 + towards) / (1 + against) - 1), φ being the rectifier, as φ(towards - against) / (1 + against): faint responses would
 * be lost beside the 1.
 */
function shunted(scope: LayerScope, towards: string, against: string): string {
  const more = scope.node("Relu", [scope.node("Sub", [towards, against], {}, "difference")], {}, "more");
  const whole = scope.node("Add", [against, scope.scalar("one", 1)], {}, "shunt");
  return scope.node("Div", [more, whole], {}, "shunted");
}

/** What `neocognitron` takes. */
export interface NeocognitronOptions extends Pick<ModelOptions, "width" | "seed" | "weights"> {
  /** Planes of each module; the paper's 24 each by default. */
  readonly planes?: readonly [number, number, number];
  /** r of each module; the paper's 4, 1.5 and 1.5 by default. */
  readonly selectivity?: readonly [number, number, number];
}

/**
 * Pictures of [1, 16, 16] (ink 1 on 0) to what the last C-cells say, [24]. 29,472 connections can be modified: 24 · (25 + 1)
 * in the first module, 24 · (24 · 25 + 1) in each of the others. At first they are faint and random; `selfOrganize` teaches
 * them.
 *
 * What is not the paper's: the initial connections (a function of orientation there, random here), the fixed ones (some
 * "monotonically decreasing" function there, 0.8 to the power of the distance here), and where windows lie (here one cell
 * apart, with the margins that lead to the paper's sizes). With all this, at the paper's selectivities two or three of its
 * five digits may come to share a cell; at 4, 2 and 2.5 each has its own. For MNIST's digits take 24, 40 and 100
 * planes of selectivities 1.2, 2.5 and 6: after 500 digits the loudest plane's name is right for about 55 of 100 others.
 */
export const neocognitron = ({
  planes = [PLANES, PLANES, PLANES],
  selectivity,
  width,
  ...options
}: NeocognitronOptions = {}): Network =>
  sequential({ input: [1, 16, 16], name: "neocognitron", ...options }, [
    ...MODULES.map((module, i) =>
      chain([
        simpleCells(
          { ...module, selectivity: selectivity?.[i] ?? module.selectivity },
          scaled(planes[i] as number, width),
        ),
        ...(module.cut === 0 ? [] : [crop2d({ height: module.cut, width: module.cut })]),
        complexCells(module),
      ]),
    ),
    flatten(),
  ]);

export const NEOCOGNITRONS: readonly ZooModel[] = [
  {
    name: "neocognitron",
    family: "neocognitron",
    paper:
      "Fukushima 1980, Neocognitron: a self-organizing neural network model for a mechanism of pattern recognition unaffected by shift in position, Biological Cybernetics 36",
    published: [exact(29_472, "from the paper's sizes: 24 · (25 + 1) + 2 · 24 · (24 · 25 + 1)")],
    build: ({ width = 1, ...options } = {}) =>
      neocognitron({ width, ...asPublished("neocognitron", options) }),
  },
];
