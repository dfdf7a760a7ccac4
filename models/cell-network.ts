import { batchNorm, conv2d, type Network, network, relu, type Value } from "../src/nn/index.ts";
import { meansAndLogits } from "./blocks.ts";
import { CELL_NORM, cell, type Wiring } from "./cells.ts";
import { type ModelOptions, scaled } from "./options.ts";

/** How a network is made of cells. */
export interface CellNetworkPlan {
  readonly name: string;
  /** Rows, and as many columns, of the picture. */
  readonly size: number;
  /** Filters of the convolution that comes first. */
  readonly stem: number;
  /** Filters of the first stage; each other has twice as many, the two cells of the stem a quarter and half. */
  readonly filters: number;
  /** Cells of each of the three stages, not counting reductions that come between them. */
  readonly perStage: number;
  readonly normal: Wiring;
  /** Halves the image, in the stem and between stages. Without it a stage's first cell does, in place of a normal one. */
  readonly reduction?: Wiring;
  /** Whether the cell behind a reduction reads, beside it, what the reduction read beside its input. */
  readonly skipsReductionInput?: boolean;
  /** How often training leaves an operation of the last cell out. */
  readonly dropRate: number;
  /** Whether earlier cells lose fewer, by how far they are up. */
  readonly dropsMoreAbove: boolean;
}

/** A cell's place. */
interface Place {
  readonly name: string;
  readonly wiring: Wiring;
  readonly filters: number;
  readonly stride: 1 | 2;
  /** How many outputs back the second input lies; 2 is the one before the last. */
  readonly back: number;
}

/** Images to logits through a convolution, two reducing cells, three stages of cells, and the mean of what comes out. */
export function cellNetwork(
  plan: CellNetworkPlan,
  { classes = 1000, size = plan.size, width, ...options }: ModelOptions = {},
): Network {
  const places = placesOf(plan, scaled(plan.filters, width, 4));
  return network({ input: [3, size, size], name: plan.name, ...options }, (x) => {
    const stem = conv2d({
      name: "stem.conv",
      filters: scaled(plan.stem, width),
      kernelSize: 3,
      stride: 2,
      bias: false,
    });
    const outputs: Value[] = [batchNorm({ name: "stem.norm", ...CELL_NORM })(stem(x))];
    places.forEach(({ back, ...place }, i) => {
      const share = plan.dropsMoreAbove ? (i + 1) / places.length : 1;
      const next = cell({ ...place, dropRate: plan.dropRate * share });
      outputs.push(next(outputs.at(-1) as Value, outputs.at(-back)));
    });
    return meansAndLogits(classes, 0.5)(relu({ name: "last" })(outputs.at(-1) as Value));
  });
}

function placesOf(
  { perStage, normal, reduction, skipsReductionInput = false }: CellNetworkPlan,
  filters: number,
): Place[] {
  const halving = { wiring: reduction ?? normal, stride: 2, back: 2 } as const;
  const stem = [4, 2].map((share, i) => ({
    name: `stem${i + 1}`,
    filters: Math.floor(filters / share),
    ...halving,
  }));
  const stages = [0, 1, 2].flatMap((stage): Place[] => {
    const wide = filters * 2 ** stage;
    const reduced = { name: `reduction${stage}`, filters: wide, ...halving };
    const all = Array.from(
      { length: perStage },
      (_, i): Place => ({
        name: `stage${stage + 1}.cell${i + 1}`,
        wiring: normal,
        filters: wide,
        stride: 1,
        back: skipsReductionInput && stage > 0 && i === 0 ? 3 : 2,
      }),
    );
    if (stage === 0) return all;
    return reduction === undefined ? [reduced, ...all.slice(1)] : [reduced, ...all];
  });
  return [...stem, ...stages];
}
